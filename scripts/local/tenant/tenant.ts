/**
 * A local Auth0 tenant, in one HTTPS server on loopback: it signs people in with Bitbucket, runs
 * the deployed post-login Actions, and has the part of the Management API that auth0-deploy-cli, the
 * Actions, and who asks about people and logs use. It refuses what Auth0 refuses.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import type { ServerCertificate } from '../net/certificate.ts';
import type { Faults } from '../net/faults.ts';
import { createFaults } from '../net/faults.ts';
import { type LoopbackServer, listenOnLoopback } from '../net/loopback-server.ts';
import { type ActionRuntime, createActionRuntime } from './action-runtime/runtime.ts';
import { createTenantLog, type TenantLog } from './log.ts';
import { createLoginHistory, type LoginHistory, type LoginRecord } from './login-history.ts';
import type { RateLimitOptions } from './management-api/rate-limit.ts';
import type { VerifyToken } from './management-api/router.ts';
import { createUserIndex } from './management-api/users-search.ts';
import { createMemory, type TenantMemory } from './memory.ts';
import { createOidc } from './oidc/provider.ts';
import { recordLog } from './oidc/record-log.ts';
import { createPostLogin } from './post-login.ts';
import { createRequestHandler, isWrite, type RecordedCall } from './request-handler.ts';
import { type Seed, seedStore } from './seed.ts';
import { createFront } from './sign-in/front.ts';
import { createStore, type TenantStore } from './store.ts';

export interface LocalTenant extends LoopbackServer {
  /** `localhost:<port>`: what AUTH0_DOMAIN is for a deploy to it. */
  readonly domain: string;
  readonly store: TenantStore;
  /** What the Management API shows of sign-ins, exchanges and logouts. */
  readonly log: TenantLog;
  readonly runtime: ActionRuntime;
  /** Where the hosts that an Action talks to are, as ports on loopback. */
  readonly network: readonly (readonly [destination: string, port: number])[];
  /** Every run of the login flow, the newest last: what an engineer reads. */
  readonly logins: readonly LoginRecord[];
  /** These, and the logins that ended before the flow. */
  readonly history: LoginHistory;
  readonly faults: Faults;
  readonly calls: readonly RecordedCall[];
  /** Those of `calls` that asked the Management API to change something, refused or not. */
  readonly writes: readonly RecordedCall[];
  clearCalls(): void;
  /** From now on `page` is asked first about `/` and what is below `/dev/`. */
  servePage(page: PageHandler): void;
}

/** @returns whether it has answered; otherwise the request is the tenant's. */
export type PageHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<boolean>;

export interface LocalTenantOptions {
  readonly certificate: ServerCertificate;
  /** The local Bitbucket, as a browser and this tenant reach it. */
  readonly bitbucket: LoopbackServer;
  readonly seed: Seed;
  /** How long a draft of an Action takes to build: real tenants need 600 ms to 10 s. */
  readonly actionBuildMs?: number;
  /** How long an Action cannot be bound after its first deploy; real tenants: sometimes seconds. */
  readonly actionBindMs?: number;
  /** How long an export of users takes: real tenants need seconds to hours, by their size. */
  readonly jobMs?: number;
  /** How far the search of users and the log may be behind; UNVERIFIED how far real ones are. */
  readonly indexMs?: number;
  /** How long the log is kept: a plan gives 1 to 30 days. */
  readonly logRetentionDays?: number;
  /** How many Management API calls it takes; as many as come, where nothing is said. */
  readonly rateLimit?: RateLimitOptions;
  /** Of the Actions, the Management API and the log; tokens go by the real clock. */
  readonly now?: () => number;
  /** One that the system chooses, where nothing is said. */
  readonly port?: number;
  /** Of an earlier process with the same issuer; kept up to date. */
  readonly memory?: TenantMemory;
  /** PEM: what the Actions trust; what the servers present, where nothing is said. */
  readonly authority?: string;
}

const ACTION_BUILD_MS = 300;
const JOB_MS = 300;

export async function startLocalTenant(options: LocalTenantOptions): Promise<LocalTenant> {
  const { certificate, bitbucket, seed, now = Date.now } = options;
  const { actionBuildMs = ACTION_BUILD_MS, actionBindMs = 0, jobMs = JOB_MS } = options;
  const { indexMs = 0, logRetentionDays } = options;
  const closing = new AbortController();
  const faults = createFaults();
  const calls: RecordedCall[] = [];
  const history = createLoginHistory(now);
  const memory = options.memory ?? (await createMemory());
  const store = createStore(memory.users);
  const log = createTenantLog({
    now,
    delayMs: indexMs,
    ...(logRetentionDays === undefined ? {} : { retentionDays: logRetentionDays }),
  });

  // The port is known once it listens, and what handles requests needs to know it.
  const handler: { current?: ReturnType<typeof createRequestHandler>; page?: PageHandler } = {};
  const handle: RequestListener = async (request, response) => {
    if (handler.current === undefined) {
      response.destroy();
      return;
    }
    const url = URL.parse(request.url ?? '/', 'https://localhost');
    const isOfPage = url !== null && (url.pathname === '/' || url.pathname.startsWith('/dev/'));
    try {
      if (isOfPage && (await handler.page?.(request, response, url))) return;
      await handler.current(request, response);
    } catch {
      response.destroy();
    } finally {
      memory.changedSoon();
    }
  };
  const server = await listenOnLoopback(certificate, handle, options.port);
  const domain = `localhost:${server.port}`;
  const network = [
    ['api.bitbucket.org:443', bitbucket.port],
    ['bitbucket.org:443', bitbucket.port],
    [domain, server.port],
  ] as const;
  const runtime = createActionRuntime({
    network: new Map(network),
    certificate: options.authority ?? certificate.cert,
    now,
  });
  seedStore(store, domain, seed);
  const postLogin = createPostLogin(store, runtime, history, now);
  const oidc = createOidc({ issuer: `${server.origin}/`, store, postLogin, memory });
  history.observe(oidc.provider);
  const onLogout = recordLog(oidc.provider, store, log);
  handler.current = createRequestHandler({
    provider: oidc.provider,
    store,
    log,
    faults,
    calls,
    now,
    actionBuildMs,
    actionBindMs,
    jobMs,
    origin: server.origin,
    listIndexedUsers: createUserIndex(store.users, indexMs, now),
    rateLimit: options.rateLimit,
    signal: closing.signal,
    front: createFront({
      provider: oidc.provider,
      publicKey: oidc.publicKey,
      onLogout,
      store,
      bitbucketOrigin: bitbucket.origin,
      origin: server.origin,
      now,
    }),
    verifyToken: createTokenVerifier(oidc.publicKey, server.origin),
  });
  return {
    ...server,
    domain,
    store,
    log,
    runtime,
    network,
    logins: history.flows,
    history,
    faults,
    calls,
    get writes() {
      return calls.filter(isWrite);
    },
    clearCalls: () => {
      calls.length = 0;
    },
    servePage: (page) => {
      handler.page = page;
    },
    close: async () => {
      closing.abort();
      await runtime.close();
      await server.close();
    },
  };
}

/** A Management API token: signed by this tenant, for its Management API, and not too old. */
function createTokenVerifier(publicKey: JWK, origin: string): VerifyToken {
  const keys = createLocalJWKSet({ keys: [publicKey] });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: `${origin}/`,
        audience: `${origin}/api/v2/`,
        algorithms: ['RS256'],
      });
      return new Set(String(payload.scope ?? '').split(' '));
    } catch {
      return undefined;
    }
  };
}
