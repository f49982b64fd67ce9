/**
 * One run of an Action on its source, against answers from a table: the admissible case, in which
 * everything is as it should be, and whatever a test changes in it. The api refuses what Auth0
 * refuses.
 */

import { claimsOf as emailClaimsOf } from '#actions/bitbucket-email-verification/claims.ts';
import { claimsOf as workspaceClaimsOf } from '#actions/bitbucket-workspace-membership/claims.ts';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { type Call, HttpError, type HttpErrorCode, type Reply } from '#actions/lib/http/send.ts';
import { type ActionSpec, runAction } from '#actions/lib/login/run-action.ts';
import { decideEmail, decideWorkspaces } from '#actions/lib/policy/decide.ts';

export const EMAIL: ActionSpec = {
  name: 'bitbucket-email-verification',
  decide: decideEmail,
  claimsOf: emailClaimsOf,
};
export const WORKSPACES: ActionSpec = {
  name: 'bitbucket-workspace-membership',
  decide: decideWorkspaces,
  claimsOf: workspaceClaimsOf,
};

export const NOW = Date.parse('2026-11-24T12:00:00Z');
export const PERSON = '{470c176d-3574-44ea-bb41-89e8638bcca4}';
export const ACME = { uuid: '{a15fb181-db1f-48f7-b41f-e1eff06929d6}', slug: 'acme' };
export const OTHER = { uuid: '{b25fb181-db1f-48f7-b41f-e1eff06929d7}', slug: 'other' };
export const ADDRESS = 'erik@example.com';
export const NAMESPACE = 'https://example.com/bitbucket';
/** What must never be seen outside: tokens, secrets, addresses. */
export const MANAGEMENT_TOKEN = 'management-token-0123456789';
export const USER_TOKEN = 'user-token-0123456789';
export const CONSUMER_TOKEN = 'consumer-token-0123456789';

export const SECRETS: Readonly<Record<string, string>> = {
  MANAGEMENT_DOMAIN: 'acme.eu.auth0.com',
  MANAGEMENT_CLIENT_ID: 'machine-client-id',
  MANAGEMENT_CLIENT_SECRET: 'machine-client-secret',
  CLAIM_NAMESPACE: NAMESPACE,
  ALLOWED_WORKSPACES: 'acme',
};

export const CONSUMER = { BITBUCKET_KEY: 'consumer-key', BITBUCKET_SECRET: 'consumer-secret' };
export const LAST_KNOWN = { ON_OUTAGE: 'last_known' };

/**
 * A reply, a status in Bitbucket's own words, an error, or a function of the call; a list is used up
 * one a call.
 */
export type Scripted =
  | unknown
  | HttpErrorCode
  | number
  | readonly Scripted[]
  | ((call: Call) => Scripted);

export type Script = Readonly<Record<string, Scripted>>;

export const membershipOf = (
  workspace: { readonly uuid: string; readonly slug: string },
  permission: string | undefined = 'member',
  uuid = PERSON,
) => ({
  type: 'workspace_membership',
  permission,
  user: { type: 'user', uuid },
  workspace: { type: 'workspace', ...workspace },
});

/** As a list of what the person can reach names a workspace. */
export const accessOf = (
  workspace: { readonly uuid: string; readonly slug: string },
  isAdministrator = false,
) => ({ type: 'workspace_access', administrator: isAdministrator, workspace });

export const INFRA = { uuid: '{c35fb181-db1f-48f7-b41f-e1eff06929d8}', fullName: 'acme/infra' };

export const accessToRepository = (
  { uuid, fullName }: { readonly uuid: string; readonly fullName: string } = INFRA,
  permission = 'read',
  person = PERSON,
) => ({
  type: 'repository_permission',
  permission,
  user: { type: 'user', uuid: person },
  repository: { type: 'repository', uuid, full_name: fullName },
});

/** Workspaces enough for any limit. */
export const numbered = (count: number, nameOf = (index: number) => `w${index}`) =>
  Array.from({ length: count }, (_, index) => ({
    uuid: `{00000000-0000-4000-8000-${String(index).padStart(12, '0')}}`,
    slug: nameOf(index),
  }));

/** Bitbucket's 403 for a scope that the consumer does not have. Source: `error.detail` of the API. */
export const lacking = (scope: string): Reply => ({
  status: 403,
  text: JSON.stringify({
    type: 'error',
    error: {
      message: 'Your credentials lack one or more required privilege scopes.',
      detail: { granted: ['email'], required: [scope] },
    },
  }),
});

export const emailOf = (email: string, isConfirmed = true, isPrimary = true) => ({
  type: 'email',
  email,
  is_primary: isPrimary,
  is_confirmed: isConfirmed,
});

export const USER_ID = 'bitbucket|470c176d';

/** Every answer of the admissible case, by the endpoint's name. */
export const SCRIPT: Script = {
  'management token': { access_token: MANAGEMENT_TOKEN, expires_in: 86_400, token_type: 'Bearer' },
  'management user': {
    user_id: USER_ID,
    identities: [
      { connection: 'bitbucket', provider: 'bitbucket', user_id: '470c', access_token: USER_TOKEN },
    ],
  },
  'bitbucket user': {
    type: 'user',
    uuid: PERSON,
    nickname: 'evzijst',
    account_status: 'active',
  },
  'bitbucket emails': { values: [emailOf(ADDRESS)] },
  'bitbucket workspaces': { values: [accessOf(ACME)] },
  'bitbucket permission': (call: Call) =>
    call.path.includes('/acme/') || call.path.includes(encodeURIComponent(ACME.uuid))
      ? membershipOf(ACME)
      : 403,
  'bitbucket repositories': { values: [] },
  'bitbucket consumer token': {
    access_token: CONSUMER_TOKEN,
    expires_in: 7_200,
    scope: 'account email',
  },
  'bitbucket member': membershipOf(ACME),
  'bitbucket workspace': { type: 'workspace', ...ACME },
};

/** The person's own token has expired: nobody answers it any more. */
export const EXPIRED: Script = {
  'bitbucket user': 401,
  'bitbucket emails': 401,
  'bitbucket workspaces': 401,
  'bitbucket permission': 401,
  'bitbucket repositories': 401,
};

/** The identity of the admissible case, as events and the Management API show it. */
export const IDENTITY = { connection: 'bitbucket', provider: 'bitbucket', user_id: '470c' };

/** Nobody was at Bitbucket in this login: the person did that `minutes` ago. */
export const sinceSignIn = (minutes: number) => ({
  authentication: {
    methods: [{ name: 'federated', timestamp: new Date(NOW - minutes * 60_000).toISOString() }],
  },
});

export interface RunOptions {
  readonly spec?: ActionSpec;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly script?: Script;
  readonly event?: Partial<Omit<PostLoginEvent, 'secrets'>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly clientMetadata?: Readonly<Record<string, unknown>>;
  readonly isRefresh?: boolean;
  readonly cache?: Map<string, string>;
  readonly transaction?: Map<string, unknown>;
  /** Milliseconds that every call takes, on the test's own clock. */
  readonly delayMs?: number;
  /** A pause takes real time too: a few milliseconds. */
  readonly pausesForReal?: boolean;
  /** When the run begins; `NOW` unless told otherwise. */
  readonly startsAt?: number;
  /** From 0 to 1; 0 unless told otherwise. */
  readonly random?: number;
  readonly api?: Partial<PostLoginApi>;
}

export interface RunResult {
  /** The code alone; `undefined` when the person is let in. */
  readonly code: string | undefined;
  readonly reasons: readonly string[];
  readonly idToken: Readonly<Record<string, unknown>>;
  readonly accessToken: Readonly<Record<string, unknown>>;
  /** What was written; `{}` where nothing was. */
  readonly appMetadata: Readonly<Record<string, unknown>>;
  /** What the user has afterwards: what was there, with what was written over it. */
  readonly metadataAfter: Readonly<Record<string, unknown>>;
  /** The writes to `api`, in their order. */
  readonly writes: readonly string[];
  readonly calls: readonly Call[];
  readonly log: Readonly<Record<string, unknown>>;
  readonly logLines: readonly string[];
  readonly cache: Map<string, string>;
  readonly transaction: Map<string, unknown>;
  readonly elapsedMs: number;
}

/** Runs `spec` (the membership Action unless told otherwise) for one login. */
export async function run(options: RunOptions = {}): Promise<RunResult> {
  const cache = options.cache ?? new Map<string, string>();
  const transaction = options.transaction ?? new Map<string, unknown>();
  const reasons: string[] = [];
  const writes: string[] = [];
  const idToken: Record<string, unknown> = {};
  const accessToken: Record<string, unknown> = {};
  const appMetadata: Record<string, unknown> = {};
  const calls: Call[] = [];
  const logLines: string[] = [];
  const startsAt = options.startsAt ?? NOW;
  let clock = startsAt;

  const setClaim = (claims: Record<string, unknown>) => (name: string, value: unknown) => {
    writes.push(`claim ${name}`);
    claims[name] = structuredClone(value);
  };
  const api: PostLoginApi = {
    access: {
      deny: (reason) => {
        writes.push('deny');
        reasons.push(reason);
      },
    },
    idToken: { setCustomClaim: setClaim(idToken) },
    accessToken: { setCustomClaim: setClaim(accessToken) },
    user: {
      setAppMetadata: (key, value) => {
        writes.push(`app_metadata ${key}`);
        appMetadata[key] = structuredClone(value);
      },
    },
    cache: {
      get: (key) => {
        const value = cache.get(key);
        return value === undefined ? undefined : { value, expires_at: clock + 1_000 };
      },
      set: (key, value) => {
        if (Buffer.byteLength(key) > 64 || Buffer.byteLength(value) > 4_096) {
          return { type: 'error', code: 'CacheSizeExceeded' };
        }
        cache.set(key, value);
        return { type: 'success' };
      },
      delete: (key) => cache.delete(key),
    },
    transaction: {
      setMetadata: (key, value) => {
        if (String(value).length > 8_000 || key.length > 64) throw new Error('too large');
        transaction.set(key, value);
      },
    },
    ...options.api,
  };
  const event: PostLoginEvent = {
    connection: { id: 'con_1', name: 'bitbucket', strategy: 'bitbucket' },
    client: { client_id: 'app', name: 'App', metadata: options.clientMetadata ?? {} },
    user: {
      user_id: USER_ID,
      email: ADDRESS,
      email_verified: true,
      app_metadata: {},
      identities: [IDENTITY],
      ...options.user,
    },
    transaction: {
      protocol: options.isRefresh ? 'oauth2-refresh-token' : 'oidc-basic-profile',
      metadata: Object.fromEntries(transaction),
    },
    ...options.event,
    secrets: { ...SECRETS, ...options.secrets },
  };
  const answer = createAnswers({ ...SCRIPT, ...options.script });

  await runAction(
    options.spec ?? WORKSPACES,
    {
      send: async (call) => {
        calls.push(call);
        const takesMs = options.delayMs ?? 0;
        clock += Math.min(takesMs, call.timeoutMs);
        if (takesMs > call.timeoutMs) throw new HttpError(call.endpoint, 'timed_out');
        return answer(call);
      },
      now: () => clock,
      sleep: async (ms) => {
        clock += ms;
        if (options.pausesForReal) await new Promise((resolve) => setTimeout(resolve, 5));
      },
      random: () => options.random ?? 0,
      log: (line) => logLines.push(line),
    },
    event,
    api,
  );
  return {
    code: reasons[0]?.split(':')[0],
    reasons,
    idToken,
    accessToken,
    appMetadata,
    metadataAfter: { ...(event.user.app_metadata ?? {}), ...appMetadata },
    writes,
    calls,
    log: logLines[0] === undefined ? {} : JSON.parse(logLines[0]),
    logLines,
    cache,
    transaction,
    elapsedMs: clock - startsAt,
  };
}

/** The names of the endpoints that were asked, in their order. */
export const endpointsOf = (result: RunResult) => result.calls.map((call) => call.endpoint);

/** What the ID token says under a claim's bare name. */
export const claimIn = (result: RunResult, name: string): unknown =>
  result.idToken[`${NAMESPACE}/${name}`];

/** `app_metadata` as a run left it, `ageMinutes` later: each time in it is so much earlier. */
export const afterwards = (result: RunResult, ageMinutes: number) => ({
  app_metadata: age(result.metadataAfter, ageMinutes * 60_000) as Record<string, unknown>,
});

function age(value: unknown, ms: number): unknown {
  if (typeof value === 'string' && ISO_TIME.test(value)) {
    return new Date(Date.parse(value) - ms).toISOString();
  }
  if (Array.isArray(value)) return value.map((entry) => age(entry, ms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, age(inner, ms)]));
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const IN_BITBUCKETS_WORDS = JSON.stringify({ type: 'error', error: { message: 'No.' } });

function createAnswers(script: Script): (call: Call) => Reply {
  const used = new Map<string, number>();
  const resolve = (scripted: Scripted, call: Call): Reply => {
    if (typeof scripted === 'function') return resolve(scripted(call), call);
    if (typeof scripted === 'number') return { status: scripted, text: IN_BITBUCKETS_WORDS };
    if (scripted === 'timed_out' || scripted === 'dropped' || scripted === 'too_large') {
      throw new HttpError(call.endpoint, scripted);
    }
    if (scripted instanceof Error) throw scripted;
    if (typeof scripted === 'string') return { status: 200, text: scripted };
    if (isReply(scripted)) return scripted;
    return { status: 200, text: JSON.stringify(scripted) };
  };
  return (call) => {
    const scripted = script[call.endpoint];
    if (!Array.isArray(scripted)) return resolve(scripted, call);
    const index = used.get(call.endpoint) ?? 0;
    used.set(call.endpoint, index + 1);
    return resolve(scripted[Math.min(index, scripted.length - 1)], call);
  };
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'status' in value && 'text' in value;
}
