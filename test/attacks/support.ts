/**
 * One person's logins, one after another, on the Actions' source: what one keeps is there for the
 * next. Bitbucket and Auth0 answer from a table; the clock is the test's own.
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

export const PERSON = '{470c176d-3574-44ea-bb41-89e8638bcca4}';
export const ANOTHER = '{99999999-3574-44ea-bb41-89e8638bcca4}';
export const ADDRESS = 'erik@example.com';
export const NAMESPACE = 'https://example.com/bitbucket';
export const CONSUMER = { BITBUCKET_KEY: 'consumer-key', BITBUCKET_SECRET: 'consumer-secret' };

/** The nth workspace, or that of a known slug: its uuid follows from the slug. */
export const workspaceOf = (slug: string) => ({ uuid: uuidOf(slug), slug });
export function uuidOf(text: string): string {
  const hex = Buffer.from(text).toString('hex').padEnd(24, '0').slice(-24);
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-4000-${hex.slice(12, 16)}-${hex.slice(16, 24)}0000}`;
}

/** Bitbucket's own words. */
export const no = (status = 403): Reply => ({
  status,
  text: JSON.stringify({ type: 'error', error: { message: 'no' } }),
});
export const limited = (retryAfterSeconds?: number): Reply => ({
  status: 429,
  text: '',
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
export const membership = (slug: string, permission = 'member', uuid = PERSON) => ({
  type: 'workspace_membership',
  permission,
  user: { type: 'user', uuid },
  workspace: { type: 'workspace', ...workspaceOf(slug) },
});
export const emails = (isConfirmed = true, email = ADDRESS) => ({
  values: [{ type: 'email', email, is_primary: true, is_confirmed: isConfirmed }],
});
export const listOf = (slugs: readonly string[], administrator = false) => ({
  values: slugs.map((slug) => ({
    type: 'workspace_access',
    administrator,
    workspace: workspaceOf(slug),
  })),
});
export const access = (fullName: string, permission: string, uuid = uuidOf(fullName)) => ({
  type: 'repository_permission',
  permission,
  user: { type: 'user', uuid: PERSON },
  repository: { type: 'repository', full_name: fullName, uuid },
});

/** A body, a status, a reply, an error, a function of the call and of how often it was asked. */
export type Scripted = unknown;
export type Script = Readonly<Record<string, Scripted>>;

const SCRIPT: Script = {
  'management token': { access_token: 'management-token', expires_in: 86_400 },
  'management user': {
    user_id: 'bitbucket|470c',
    identities: [
      { connection: 'bitbucket', provider: 'bitbucket', user_id: '470c', access_token: 'theirs' },
    ],
  },
  'bitbucket user': { type: 'user', uuid: PERSON },
  'bitbucket emails': emails(),
  'bitbucket workspaces': listOf(['acme']),
  'bitbucket permission': ({ path }: Call) =>
    askedWorkspace(path) === 'acme' || askedWorkspace(path) === uuidOf('acme')
      ? membership('acme')
      : no(),
  'bitbucket repositories': { values: [] },
  'bitbucket consumer token': { access_token: 'of-the-consumer', expires_in: 7_200 },
  'bitbucket member': membership('acme'),
  'bitbucket workspace': workspaceOf('acme'),
};

/** Everything that is asked with the person's token. */
export const asPerson = (scripted: Scripted): Script => ({
  'bitbucket user': scripted,
  'bitbucket emails': scripted,
  'bitbucket workspaces': scripted,
  'bitbucket permission': scripted,
  'bitbucket repositories': scripted,
});

/** The workspace in a path of the API. */
export function askedWorkspace(path: string): string | undefined {
  return decodeURIComponent(/workspaces\/([^/?]+)/.exec(path)?.[1] ?? '');
}

export interface Flow {
  readonly minutesLater?: number;
  readonly kind?: 'sign-in' | 'refresh' | 'single sign-on';
  readonly actions?: readonly ActionSpec[];
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly script?: Script;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Milliseconds that a call takes. */
  readonly takesMs?: number;
  readonly api?: Partial<PostLoginApi>;
}

export interface Outcome {
  /** `undefined` when the person is let in. */
  readonly code: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly calls: readonly Call[];
  /** How many were sent by each Action. */
  readonly callsOf: readonly number[];
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  readonly wrote: boolean;
  readonly ms: number;
}

export interface Person {
  login(flow?: Flow): Promise<Outcome>;
  kept(): Record<string, unknown>;
}

/** Somebody of whom nothing is known yet. `secrets` and `script` hold for every login. */
export function createPerson(secrets: Flow['secrets'] = {}, script: Script = {}): Person {
  const kept: Record<string, unknown> = {};
  const cache = new Map<string, string>();
  let clock = Date.parse('2026-11-24T12:00:00Z');

  /** Those that wait together wait at the same time. */
  const pass = async (ms: number) => {
    if (ms === 0) return;
    const until = clock + ms;
    await new Promise(setImmediate);
    clock = Math.max(clock, until);
  };

  const login = async (flow: Flow = {}): Promise<Outcome> => {
    clock += (flow.minutesLater ?? 0) * 60_000;
    const startedAt = clock;
    const isJustNow = (flow.kind ?? 'sign-in') === 'sign-in';
    const shown = structuredClone(kept);
    const transaction: Record<string, unknown> = {};
    const claims: Record<string, unknown> = {};
    const calls: Call[] = [];
    const callsOf: number[] = [];
    const logs: Record<string, unknown>[] = [];
    const reasons: string[] = [];
    let wrote = false;
    const answer = createAnswers({ ...SCRIPT, ...script, ...flow.script });
    const api: PostLoginApi = {
      access: { deny: (reason) => reasons.push(reason) },
      idToken: { setCustomClaim: (name, value) => Object.assign(claims, { [name]: value }) },
      accessToken: { setCustomClaim: () => undefined },
      user: {
        setAppMetadata: (key, value) => {
          wrote = true;
          kept[key] = structuredClone(value);
        },
      },
      cache: {
        get: (key) => {
          const value = cache.get(key);
          return value === undefined ? undefined : { value, expires_at: clock + 1_000 };
        },
        set: (key, value) => cache.set(key, value),
        delete: (key) => cache.delete(key),
      },
      transaction: {
        setMetadata: (key, value) => {
          if (String(value).length > 8_000) throw new Error('too large');
          transaction[key] = value;
        },
      },
      ...flow.api,
    };
    for (const spec of flow.actions ?? [EMAIL, WORKSPACES]) {
      const event = {
        connection: { id: 'con_1', name: 'bitbucket', strategy: 'bitbucket' },
        client: { client_id: 'app', metadata: flow.metadata ?? {} },
        user: {
          user_id: 'bitbucket|470c',
          email: ADDRESS,
          app_metadata: structuredClone(shown),
          identities: [{ connection: 'bitbucket', provider: 'bitbucket', user_id: '470c' }],
          ...flow.user,
        },
        transaction: {
          protocol: flow.kind === 'refresh' ? 'oauth2-refresh-token' : 'oidc-basic-profile',
          metadata: { ...transaction },
        },
        authentication: {
          methods: [
            {
              name: 'federated',
              timestamp: new Date(clock - (isJustNow ? 0 : 3_600_000)).toISOString(),
            },
          ],
        },
        secrets: {
          MANAGEMENT_DOMAIN: 'acme.eu.auth0.com',
          MANAGEMENT_CLIENT_ID: 'machine',
          MANAGEMENT_CLIENT_SECRET: 'machine-secret',
          CLAIM_NAMESPACE: NAMESPACE,
          ALLOWED_WORKSPACES: 'acme',
          ...secrets,
          ...flow.secrets,
        },
        ...flow.event,
      } as unknown as PostLoginEvent;
      const before = calls.length;
      const ports = {
        send: async (call: Call) => {
          calls.push(call);
          await pass(Math.min(flow.takesMs ?? 0, call.timeoutMs));
          if ((flow.takesMs ?? 0) > call.timeoutMs) throw new HttpError(call.endpoint, 'timed_out');
          return answer(call);
        },
        now: () => clock,
        sleep: pass,
        random: () => 0,
        log: (line: string) => logs.push(JSON.parse(line)),
      };
      await runAction(spec, ports, event, api);
      callsOf.push(calls.length - before);
      if (reasons.length > 0) break;
    }
    const code = reasons[0]?.split(':')[0];
    return { code, claims, calls, callsOf, logs, wrote, ms: clock - startedAt };
  };
  return { login, kept: () => kept };
}

const ERRORS: readonly unknown[] = ['timed_out', 'dropped', 'too_large'];

function createAnswers(script: Script): (call: Call) => Reply {
  const asked = new Map<string, number>();
  const resolve = (scripted: Scripted, call: Call, count: number): Reply => {
    if (typeof scripted === 'function') return resolve(scripted(call, count), call, count);
    if (typeof scripted === 'number') return { status: scripted, text: '' };
    if (ERRORS.includes(scripted)) throw new HttpError(call.endpoint, scripted as HttpErrorCode);
    if (typeof scripted === 'object' && scripted !== null && 'status' in scripted) {
      return scripted as Reply;
    }
    return { status: 200, text: JSON.stringify(scripted) };
  };
  return (call) => {
    const key = `${call.endpoint} ${call.path}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    return resolve(script[call.endpoint], call, count);
  };
}

/** A claim by its bare name. */
export const claim = ({ claims }: Outcome, name: string) => claims[`${NAMESPACE}/${name}`];

/** The names of the rules in a `q`. */
export const askedRepositories = ({ path }: Call): readonly string[] =>
  [...decodeURIComponent(path).matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? '');
