/**
 * A local Bitbucket and a local tenant that know each other, and all that a deploy needs to reach
 * the tenant. Nothing of it outlives the process, unless it is told what does.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { type LocalBitbucket, startLocalBitbucket } from '../bitbucket/server.ts';
import type { TokenMemory } from '../bitbucket/tokens.ts';
import type { BitbucketWorkspace, BitbucketWorld } from '../bitbucket/world.ts';
import { createServerCertificate, type ServerCertificate } from '../net/certificate.ts';
import { splitCertificates } from '../net/pem.ts';
import type { TenantMemory } from '../tenant/memory.ts';
import type { SeedApi, SeedApplication } from '../tenant/seed.ts';
import { type LocalTenant, type LocalTenantOptions, startLocalTenant } from '../tenant/tenant.ts';
import { scopesFor } from './consumer-scopes.ts';

export interface Sandbox {
  readonly bitbucket: LocalBitbucket;
  readonly tenant: LocalTenant;
  /** The configuration of a deploy to this tenant. */
  readonly environment: Environment;
  /** PEM; what trusts both servers. */
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
  /** How long the tenant takes for what takes long, what it keeps, its limit, its clock. */
  readonly pace?: Omit<LocalTenantOptions, 'certificate' | 'bitbucket' | 'seed'>;
  /** What outlives the process; where nothing is said, all of it is made anew. */
  readonly kept?: KeptSandbox;
}

/** What a client has to trust: PEM, and the file that it is in. */
export interface Authority {
  readonly path: string;
  readonly pem: string;
  /** Where the file is of this run alone. */
  remove?(): void;
}

/** Of a sandbox that stays the same from one start to the next. */
export interface KeptSandbox {
  readonly certificate: ServerCertificate;
  readonly authority: Authority;
  /** 0 is one that the system chooses. */
  readonly ports: { readonly tenant: number; readonly bitbucket: number };
  readonly deployerSecret: string;
  readonly consumer: { readonly secret: string; readonly scopes: readonly string[] };
  readonly memory: { readonly tenant: TenantMemory; readonly bitbucket: TokenMemory };
  /** Of both servers. */
  readonly now: () => number;
}

/** What the servers answer for. */
const HOSTS = ['localhost', '127.0.0.1', 'bitbucket.org', 'api.bitbucket.org'];
const CONSUMER_KEY = 'local-consumer';
const DEPLOYER_ID = 'local-deployer';

/** Starts both, and has this process trust their certificate from now on. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { kept } = options;
  const certificate = kept?.certificate ?? (await createServerCertificate(HOSTS));
  const authority = kept?.authority ?? writeAuthority(certificate.cert);
  const { pem } = authority;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...splitCertificates(pem)]);
  // Awkward on purpose: through the deploy and back to Bitbucket it has to stay as it is.
  const awkward = `${randomBytes(24).toString('base64url')}"'$&#@@PATH@@##PATH##\n: ü`;
  const consumerSecret = kept?.consumer.secret ?? awkward;
  const deployerSecret = kept?.deployerSecret ?? randomBytes(24).toString('base64url');
  const { world, deployerScopes, pace } = options;

  const bitbucket = await startLocalBitbucket({
    certificate,
    world,
    ...(kept === undefined ? {} : bitbucketOf(kept)),
  });
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
    ...(kept === undefined ? {} : tenantOf(kept)),
    ...pace,
  }).catch(async (error: unknown) => {
    await bitbucket.close();
    throw error;
  });
  world.consumers.set(CONSUMER_KEY, {
    key: CONSUMER_KEY,
    secret: consumerSecret,
    name: 'Auth0 (local tenant)',
    callbackUrl: `${tenant.origin}/login/callback`,
    scopes: kept?.consumer.scopes ?? scopesFor(options.policy),
    isPrivate: true,
    workspaceUuid: options.consumerWorkspace.uuid,
  });
  return {
    bitbucket,
    tenant,
    environment: {
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS: authority.path,
      AUTH0_DOMAIN: tenant.domain,
      AUTH0_CLIENT_ID: DEPLOYER_ID,
      AUTH0_CLIENT_SECRET: deployerSecret,
      AUTH0_ENABLED_CLIENTS: options.applications.map(({ name }) => name).join(','),
      BITBUCKET_KEY: CONSUMER_KEY,
      BITBUCKET_SECRET: consumerSecret,
      ALLOWED_WORKSPACES: '*',
      ...options.policy,
    },
    certificate: pem,
    close: async () => {
      await Promise.all([tenant.close(), bitbucket.close()]);
      authority.remove?.();
    },
  };
}

function bitbucketOf({ ports, memory, now }: KeptSandbox) {
  const onAnswered = () => memory.tenant.changedSoon();
  return { port: ports.bitbucket, memory: memory.bitbucket, onAnswered, now };
}

function tenantOf({ ports, memory, authority, now }: KeptSandbox) {
  return { port: ports.tenant, memory: memory.tenant, authority: authority.pem, now };
}

/** In a folder that is gone when the process is, however it ends short of being killed. */
function writeAuthority(pem: string): Authority {
  const folder = createFolder();
  const path = join(folder.path, 'authority.pem');
  writeFileSync(path, pem);
  return { path, pem, remove: folder.remove };
}

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
