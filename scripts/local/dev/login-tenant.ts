/**
 * The local tenant of `npm run login -- --local`: that of `npm run dev` where it is up, else one for
 * this sign-in, deployed to as any other.
 */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { showStep } from '#scripts/lib/cli/progress.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { findCallbacks } from '#scripts/lib/login/callbacks.ts';
import { findTarget, type Target } from '#scripts/lib/login/run-login.ts';
import { splitCertificates } from '../net/pem.ts';
import { createCast } from '../stage/cast.ts';
import { startSandbox } from '../stage/sandbox.ts';
import { findRunningDev } from './running.ts';
import { LOGIN_APPLICATION } from './taken-names.ts';

export interface LocalLogin {
  readonly target: Target;
  /** Of its claims. */
  readonly namespace: string;
  /** Of this machine: what a browser has to reach. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

const NAMESPACE = 'https://example.com/bitbucket';

/** This process trusts its certificate from now on. @throws {UserError} */
export async function findLocalTenant(say: (text: string) => void): Promise<LocalLogin> {
  return (await findDev(say)) ?? startForOne(say);
}

async function findDev(say: (text: string) => void): Promise<LocalLogin | undefined> {
  const running = await findRunningDev();
  const { loginClientId: clientId, claimNamespace: namespace } = running ?? {};
  if (running === undefined || clientId === undefined || namespace === undefined) return undefined;
  const callbacks = findCallbacks(running.loginCallbacks ?? []);
  const authorities = splitCertificates(readFileSync(running.certificate, 'utf8'));
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...authorities]);
  say(`The local tenant is that of npm run dev: ${running.page}`);
  const { host, port } = new URL(running.issuer);
  const application = { name: LOGIN_APPLICATION, clientId, callbacks, hasRefreshTokens: true };
  return {
    target: { domain: host, application, connection: 'bitbucket' },
    namespace,
    ports: [Number(port), ...(running.bitbucketPort === undefined ? [] : [running.bitbucketPort])],
    close: async () => {},
  };
}

/** With the people of `npm start`. */
async function startForOne(say: (text: string) => void): Promise<LocalLogin> {
  const { world, allowed, policy } = createCast();
  const sandbox = await showStep('Starting a local Bitbucket and a local tenant', () =>
    startSandbox({
      world,
      consumerWorkspace: allowed,
      applications: [],
      policy: { CLAIM_NAMESPACE: NAMESPACE, LOGIN_APPLICATION, ...policy },
    }),
  );
  const { environment, tenant, bitbucket, close } = sandbox;
  try {
    await deployToTenant(await prepare(environment));
    const target = await findTarget(environment, undefined);
    say(
      `The browser warns of the certificate of the local tenant: it was made for this sign-in alone (${environment.NODE_EXTRA_CA_CERTS}).`,
    );
    return { target, namespace: NAMESPACE, ports: [tenant.port, bitbucket.port], close };
  } catch (error) {
    await close();
    throw error;
  }
}
