/**
 * The local tenant of `npm run login -- --local`: that of `npm run dev` where it is up, else one for
 * this sign-in, deployed to as any other.
 */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { showStep } from '#scripts/lib/cli/progress.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { findTarget, type Target } from '#scripts/lib/login/run-login.ts';
import { splitCertificates } from '../net/pem.ts';
import { createCast } from '../stage/cast.ts';
import { startSandbox } from '../stage/sandbox.ts';
import { findRunningDev, type RunningDev } from './running.ts';
import { LOGIN_APPLICATION } from './taken-names.ts';
import { DEFAULT_WORLD } from './world/default-world.ts';
import { applicationsOf } from './world/fill-world.ts';
import { parseWorld } from './world/read-world.ts';
import { DEFAULT_NAMESPACE } from './world/world-mistakes.ts';

export interface LocalLogin {
  readonly target: Target;
  /** Of its claims. */
  readonly namespace: string;
  /** Of this machine: what a browser has to reach. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/**
 * This process trusts its certificate from now on.
 * @param named the application, where it is another than that of LOGIN_APPLICATION.
 * @throws {UserError}
 */
export async function findLocalTenant(
  say: (text: string) => void,
  named: string | undefined,
): Promise<LocalLogin> {
  const running = findRunningDev();
  return running === undefined ? startForOne(say, named) : findInDev(running, say, named);
}

async function findInDev(
  { certificate, page, environment, bitbucketPort }: RunningDev,
  say: (text: string) => void,
  named: string | undefined,
): Promise<LocalLogin> {
  const authorities = splitCertificates(readFileSync(certificate, 'utf8'));
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...authorities]);
  say(`The local tenant is that of npm run dev: ${page}`);
  return {
    target: await findTarget(environment, named),
    namespace: environment.CLAIM_NAMESPACE ?? '',
    ports: [Number(new URL(page).port), bitbucketPort],
    close: async () => {},
  };
}

/** With the people of `npm start`, and the applications that `npm run dev` starts with. */
async function startForOne(
  say: (text: string) => void,
  named: string | undefined,
): Promise<LocalLogin> {
  const { world, allowed, policy } = createCast();
  const sandbox = await showStep('Starting a local Bitbucket and a local tenant', () =>
    startSandbox({
      world,
      consumerWorkspace: allowed,
      applications: applicationsOf(parseWorld(DEFAULT_WORLD, 'the default world'), ''),
      policy: { CLAIM_NAMESPACE: DEFAULT_NAMESPACE, LOGIN_APPLICATION, ...policy },
    }),
  );
  const { environment, tenant, bitbucket, close } = sandbox;
  try {
    await deployToTenant(await prepare(environment));
    const target = await findTarget(environment, named);
    say(
      `The browser warns of the certificate of the local tenant: it was made for this sign-in alone (${environment.NODE_EXTRA_CA_CERTS}).`,
    );
    const ports = [tenant.port, bitbucket.port];
    return { target, namespace: DEFAULT_NAMESPACE, ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}
