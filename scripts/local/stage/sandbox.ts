/**
 * A local Bitbucket and a local tenant that know each other, and all that a deploy needs to reach
 * the tenant. Nothing of it outlives the process.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { type LocalBitbucket, startLocalBitbucket } from '../bitbucket/server.ts';
import type { BitbucketWorkspace, BitbucketWorld } from '../bitbucket/world.ts';
import { createServerCertificate } from '../net/certificate.ts';
import type { SeedApi, SeedApplication } from '../tenant/seed.ts';
import { type LocalTenant, type LocalTenantOptions, startLocalTenant } from '../tenant/tenant.ts';
import { scopesFor } from './consumer-scopes.ts';

export interface Sandbox {
  readonly bitbucket: LocalBitbucket;
  readonly tenant: LocalTenant;
  /** The configuration of a deploy to this tenant. */
  readonly environment: Environment;
  /** PEM; what both servers present. */
  readonly certificate: string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly world: BitbucketWorld;
  /** The workspace whose admin made the OAuth consumer. */
  readonly consumerWorkspace: BitbucketWorkspace;
  readonly applications: readonly SeedApplication[];
  readonly apis?: readonly SeedApi[];
  /** The policy, over the defaults. */
  readonly policy: Environment;
  /** What the deployer may do; everything that the local tenant knows, where nothing is said. */
  readonly deployerScopes?: readonly string[];
  /** How long the tenant takes to build an Action, and until it can be bound; its limit, its clock. */
  readonly pace?: Pick<LocalTenantOptions, 'actionBuildMs' | 'actionBindMs' | 'rateLimit' | 'now'>;
}

/** What the servers answer for. */
const HOSTS = ['localhost', '127.0.0.1', 'bitbucket.org', 'api.bitbucket.org'];
const CONSUMER_KEY = 'local-consumer';
const DEPLOYER_ID = 'local-deployer';

/** Starts both, and has this process trust their certificate from now on. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const certificate = await createServerCertificate(HOSTS);
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate.cert]);
  // Awkward on purpose: through the deploy and back to Bitbucket it has to stay as it is.
  const consumerSecret = `${randomBytes(24).toString('base64url')}"'$&#@@PATH@@##PATH##\n: ü`;
  const deployerSecret = randomBytes(24).toString('base64url');
  const { world, deployerScopes, pace } = options;

  const bitbucket = await startLocalBitbucket({ certificate, world });
  const tenant = await startLocalTenant({
    certificate,
    bitbucket,
    seed: {
      deployer: {
        clientId: DEPLOYER_ID,
        clientSecret: deployerSecret,
        ...(deployerScopes === undefined ? {} : { scopes: deployerScopes }),
      },
      applications: options.applications,
      ...(options.apis === undefined ? {} : { apis: options.apis }),
    },
    ...pace,
  });
  world.consumers.set(CONSUMER_KEY, {
    key: CONSUMER_KEY,
    secret: consumerSecret,
    name: 'Auth0 (local tenant)',
    callbackUrl: `${tenant.origin}/login/callback`,
    scopes: scopesFor(options.policy),
    isPrivate: true,
    workspaceUuid: options.consumerWorkspace.uuid,
  });
  const folder = createFolder();
  const authority = join(folder.path, 'authority.pem');
  writeFileSync(authority, certificate.cert);
  return {
    bitbucket,
    tenant,
    environment: {
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS: authority,
      AUTH0_DOMAIN: tenant.domain,
      AUTH0_CLIENT_ID: DEPLOYER_ID,
      AUTH0_CLIENT_SECRET: deployerSecret,
      AUTH0_ENABLED_CLIENTS: options.applications.map(({ name }) => name).join(','),
      BITBUCKET_KEY: CONSUMER_KEY,
      BITBUCKET_SECRET: consumerSecret,
      ALLOWED_WORKSPACES: '*',
      ...options.policy,
    },
    certificate: certificate.cert,
    close: async () => {
      await Promise.all([tenant.close(), bitbucket.close()]);
      folder.remove();
    },
  };
}

/** A folder that is gone when the process is, however it ends short of being killed. */
function createFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'auth0-bitbucket-'));
  const removeNow = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', removeNow);
  return {
    path,
    remove: () => {
      process.off('exit', removeNow);
      removeNow();
    },
  };
}
