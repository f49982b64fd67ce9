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
import type { SeedApplication } from '../tenant/seed.ts';
import { type Rebuilder, watchSources } from './builds/rebuild.ts';
import { createVersions } from './builds/versions.ts';
import { makeCacheFolder } from './kept/cache-folder.ts';
import { type GivenCertificate, useGivenCertificate } from './kept/given-certificate.ts';
import { keepCertificate } from './kept/own-certificate.ts';
import { openState, pathOfState } from './kept/state-file.ts';
import { LOGIN_APPLICATION } from './login-tenant.ts';
import { createPage } from './page/page.ts';
import { createReset, takeSnapshot } from './reset.ts';
import { announceRunning, DEFAULT_PORT } from './running.ts';
import { DEFAULT_WORLD } from './world/default-world.ts';
import { exportWorld } from './world/export-world.ts';
import { apisOf, applicationsOf, fillWorld, isConnected } from './world/fill-world.ts';
import { parseWorld, readWorld } from './world/read-world.ts';
import { settingsOf } from './world/world-mistakes.ts';

export interface DevOptions {
  /** Of the tenant and its page; 8443, where nothing is said. 0: the system chooses, nothing is kept. */
  readonly port?: number;
  /** 8444, where nothing is said. 0: the system chooses. */
  readonly bitbucketPort?: number;
  /** The path of a world file. */
  readonly world?: string;
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

/** What others have to know of it: what `--json` prints. */
export interface DevAddresses {
  /** `https://localhost:<port>/` */
  readonly issuer: string;
  readonly page: string;
  readonly bitbucket: string;
  /** The path of a PEM to trust, the same at every start. */
  readonly certificate: string;
  readonly deployer: { readonly client_id: string; readonly client_secret: string };
  readonly applications: readonly {
    readonly client_id: string;
    readonly client_secret?: string;
    readonly name: string;
    readonly callbacks: readonly string[];
    readonly logout_urls: readonly string[];
    readonly web_origins: readonly string[];
  }[];
  readonly people: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly email: string;
  }[];
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
const PAGE_APPLICATION = 'local-page';

/** @throws {UserError} for a port in use, and for a file that is not there or wrong. */
export async function startDev(options: DevOptions = {}): Promise<DevTenant> {
  const { port = DEFAULT_PORT, bitbucketPort = DEFAULT_BITBUCKET_PORT, tell = () => {} } = options;
  const file =
    options.world === undefined ? parseWorld(DEFAULT_WORLD, 'default') : readWorld(options.world);
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
  const ending: (() => Promise<void> | void)[] = [() => state.save(), () => sandbox.close()];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const { tenant, bitbucket } = sandbox;
    const origin = tenant.origin;
    addPageApplication(sandbox, origin);
    const connected = (file.applications ?? []).filter(isConnected).map((one) => one.client_id);
    const environment: Environment = {
      ...sandbox.environment,
      AUTH0_ENABLED_CLIENTS: [...connected, PAGE_APPLICATION].join('\n'),
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
      const running = {
        pid: process.pid,
        ...{ issuer: `${origin}/`, page: `${origin}/` },
        certificate: certificate.authority.path,
        ...describeLogin(sandbox),
      };
      ending.push(announceRunning(folder, port, running));
    }
    return {
      addresses: {
        issuer: `${origin}/`,
        page: `${origin}/`,
        bitbucket: bitbucket.origin,
        certificate: certificate.authority.path,
        deployer: {
          client_id: environment.AUTH0_CLIENT_ID ?? '',
          client_secret: environment.AUTH0_CLIENT_SECRET ?? '',
        },
        applications: applications.map(showApplication),
        people: [...world.users.values()].map(({ uuid, display_name: name, emails }) => ({
          ...{ uuid, name },
          email: emails.find(({ is_primary }) => is_primary)?.email ?? '',
        })),
      },
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

function showApplication({
  clientId,
  clientSecret,
  name,
  callbacks,
  logoutUrls = [],
  webOrigins = [],
}: SeedApplication): DevAddresses['applications'][number] {
  return {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...{ name, callbacks, logout_urls: logoutUrls, web_origins: webOrigins },
  };
}

/** What `npm run login -- --local` has to know. */
function describeLogin({ tenant: { store }, bitbucket, environment }: Sandbox) {
  const client = [...store.clients.values()].find(({ name }) => name === LOGIN_APPLICATION);
  const { CLAIM_NAMESPACE: claimNamespace } = environment;
  return {
    ...(client === undefined
      ? {}
      : { loginClientId: client.client_id, loginCallbacks: client.callbacks ?? [] }),
    ...(claimNamespace === undefined ? {} : { claimNamespace }),
    bitbucketPort: bitbucket.port,
  };
}

/** The page signs people in as any application does. */
function addPageApplication({ tenant: { store } }: Sandbox, origin: string): void {
  store.clients.set(PAGE_APPLICATION, {
    client_id: PAGE_APPLICATION,
    client_secret: '',
    name: 'Local page',
    app_type: 'spa',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    callbacks: [`${origin}/dev/callback`],
    allowed_logout_urls: [`${origin}/`],
    web_origins: [],
    client_metadata: {},
  });
}
