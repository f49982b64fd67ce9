/**
 * The local tenant that stays up: for `npm run dev`, for `npm run login -- --local`, and for tests of
 * other projects, which start it with a world of their own and reset it between two tests.
 */
import { join } from 'node:path';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { ROOT } from '#scripts/lib/root.ts';
import { createWorld } from '../bitbucket/world.ts';
import { type Sandbox, startSandbox } from '../stage/sandbox.ts';
import { type DevAddresses, describeAddresses, describeRunning } from './addresses.ts';
import { type Rebuilder, watchSources } from './builds/rebuild.ts';
import { createVersions } from './builds/versions.ts';
import { makeCacheFolder } from './kept/cache-folder.ts';
import { type GivenCertificate, useGivenCertificate } from './kept/given-certificate.ts';
import { keepCertificate } from './kept/own-certificate.ts';
import { openState, pathOfState } from './kept/state-file.ts';
import { ensureOwnApplication, OWN_CLIENT_ID } from './page/own-application.ts';
import { createPage } from './page/page.ts';
import { createReset, takeSnapshot } from './reset.ts';
import { announceRunning, DEFAULT_PORT, forgetRunning } from './running.ts';
import { LOGIN_APPLICATION } from './taken-names.ts';
import { DEFAULT_WORLD } from './world/default-world.ts';
import { exportWorld } from './world/export-world.ts';
import { apisOf, applicationsOf, fillWorld, isConnected } from './world/fill-world.ts';
import { parseWorld, readWorld } from './world/read-world.ts';
import type { WorldFile } from './world/world-file.ts';
import { settingsOf } from './world/world-mistakes.ts';

export interface DevOptions {
  /** Of the tenant and its page; 8443, where nothing is said. 0: the system chooses, nothing is kept. */
  readonly port?: number;
  /** 8444, where nothing is said. 0: the system chooses. */
  readonly bitbucketPort?: number;
  /** The path of a world file, or what is in one. */
  readonly world?: string | WorldFile;
  /** Paths; without it the one that is made once and kept. */
  readonly certificate?: GivenCertificate;
  /** Where keys and sessions are kept; `~/.cache/auth0-bitbucket-login`, where nothing is said. */
  readonly folder?: string;
  /** Whether a change in `actions/` is built and swapped in; it is, where nothing is said. */
  readonly watch?: boolean;
  /** The folder that `actions/` is in. */
  readonly sources?: string;
  /** What happens while it is up, in sentences. */
  readonly tell?: (sentence: string) => void;
}

export interface DevTenant {
  readonly addresses: DevAddresses;
  readonly sandbox: Sandbox;
  /** What a browser has to trust, by its path; absent where a certificate was given. */
  readonly certificateForBrowsers: string | undefined;
  /** Everything as at the start: world, policy, faults, clock; no users and no sessions. */
  reset(): Promise<void>;
  /** Of the clock of both servers, which is kept too. */
  clockAheadMs(): number;
  close(): Promise<void>;
}

const DEFAULT_BITBUCKET_PORT = 8444;
/** Of the local Bitbucket: for a `.env` of real commands against this tenant. */
const CONSUMER = { secret: 'local-consumer-secret', scopes: ['account', 'email', 'repository'] };

/** @throws {UserError} for a port in use, and for a file that is not there or wrong. */
export async function startDev(options: DevOptions = {}): Promise<DevTenant> {
  const { port = DEFAULT_PORT, bitbucketPort = DEFAULT_BITBUCKET_PORT, tell = () => {} } = options;
  const { world: given = parseWorld(DEFAULT_WORLD, 'default') } = options;
  const file = typeof given === 'string' ? readWorld(given) : given;
  const folder = makeCacheFolder(options.folder);
  const own = await keepCertificate(folder);
  const certificate =
    options.certificate === undefined
      ? own
      : useGivenCertificate(options.certificate, own, join(folder, `certificate-${port}.pem`));
  const state = await openState(port === 0 ? undefined : pathOfState(folder, port), tell);
  const { clock } = state;
  const now = () => Date.now() + clock.aheadMs;
  const world = createWorld();
  fillWorld(world, file);
  const [consumerWorkspace] = world.workspaces.values();
  if (consumerWorkspace === undefined) throw new Error('a world without a workspace');
  const applications = applicationsOf(file, state.secret);
  const settings = settingsOf(file);

  const sandbox = await startSandbox({
    world,
    consumerWorkspace,
    applications,
    apis: apisOf(file),
    policy: settings,
    kept: {
      certificate: certificate.server,
      authority: certificate.authority,
      ports: { tenant: port, bitbucket: bitbucketPort },
      deployerSecret: state.secret,
      consumer: CONSUMER,
      memory: { tenant: state.tenant, bitbucket: state.bitbucket },
      now,
    },
  });
  forgetRunning(folder, port);
  const ending: (() => Promise<void> | void)[] = [() => state.save(), () => sandbox.close()];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const { tenant } = sandbox;
    ensureOwnApplication(tenant.store, tenant.origin);
    const connected = (file.applications ?? []).filter(isConnected).map((one) => one.client_id);
    const environment: Environment = {
      ...sandbox.environment,
      AUTH0_ENABLED_CLIENTS: [...connected, OWN_CLIENT_ID].join('\n'),
      LOGIN_APPLICATION,
    };
    const prepared = await prepare(environment);
    await deployToTenant(prepared);
    const versions = createVersions(tenant, prepared.ours, now);
    await versions.warmUp();

    const build: { error?: string } = {};
    const snapshot = takeSnapshot(tenant.store);
    const reset = createReset({
      ...{ sandbox, state, versions, snapshot, settings, clock },
      fill: () => fillWorld(world, file),
    });
    tenant.servePage(
      createPage({
        ...{ sandbox, world, reset },
        policy: { read: versions.readPolicy, write: versions.writePolicy },
        clock: {
          aheadMs: () => clock.aheadMs,
          moveBy: (ms) => {
            clock.aheadMs += ms;
          },
        },
        builds: { current: () => ({ versions: versions.current(), ...build }) },
        exportWorld: () =>
          exportWorld({ world, file, store: tenant.store, policy: versions.readPolicy() }),
      }),
    );
    if (options.watch !== false) {
      const rebuilder: Rebuilder = await watchSources({
        root: options.sources ?? ROOT,
        names: prepared.ours,
        built: async (codes) => {
          const changed = await versions.swapCode(codes);
          const wasWrong = build.error !== undefined;
          delete build.error;
          if (changed.length > 0) tell(`Rebuilt: ${changed.join(', ')}, from the next login on.`);
          else if (wasWrong) tell('The source is what runs again.');
        },
        failed: (message) => {
          build.error = message;
          tell(`The Actions cannot be built; those before go on.\n${message}`);
        },
      });
      ending.push(() => rebuilder.close());
    }
    await state.save();
    if (port !== 0) {
      const running = describeRunning(sandbox, certificate.authority.path);
      ending.push(announceRunning(folder, port, running));
    }
    return {
      addresses: describeAddresses(sandbox, applications, certificate.authority.path),
      sandbox,
      certificateForBrowsers: certificate.forBrowsers,
      reset,
      clockAheadMs: () => clock.aheadMs,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
