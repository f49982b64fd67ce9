/** Each login as the page tells it: kept when it happens, since the policy and the person change. */
import { readField, readString } from '#actions/lib/read.ts';
import type { FlowStep } from '#scripts/local/tenant/action-runtime/flow-types.ts';
import type {
  EndedAttempt,
  LoginAttemptRecord,
  LoginHistory,
  LoginRecord,
} from '#scripts/local/tenant/login-history.ts';
import { CANCELLED } from '#scripts/local/tenant/sign-in/routes.ts';
import { deployedVersionOf, type TenantStore } from '#scripts/local/tenant/store.ts';
import { type Explanation, explain } from './explain.ts';

export type Outcome = 'in' | 'refused' | 'failed' | 'cancelled';

export interface Login {
  readonly id: number;
  /** ISO 8601, by the tenant's clock. */
  readonly at: string;
  readonly isRefresh: boolean;
  /** By which its application knows it, where it is no refresh; shown to nobody. */
  readonly state?: string;
  readonly application: { readonly clientId: string; readonly name: string };
  readonly person:
    | { readonly userId: string; readonly name: string; readonly email: string | undefined }
    | undefined;
  readonly outcome: Outcome;
  /** Of a refusal its code; otherwise the OAuth error. */
  readonly code?: string;
  readonly sentence?: string;
  /** None where it ended before the flow. */
  readonly steps: readonly (FlowStep & { readonly version?: number })[];
  readonly claims?: { readonly idToken: object; readonly accessToken: object };
  readonly explanation?: Explanation;
}

export interface Logins {
  /** The newest first. */
  list(): readonly Login[];
  find(id: number): Login | undefined;
  newestId(): number;
}

export function createLogins(history: LoginHistory, store: TenantStore): Logins {
  const told = new Map<LoginAttemptRecord, Login>();
  const tell = (record: LoginAttemptRecord) => {
    told.set(record, record.kind === 'flow' ? tellFlow(record, store) : tellEnd(record, store));
    for (const old of told.keys()) if (!history.all.includes(old)) told.delete(old);
  };
  for (const record of history.all) tell(record);
  history.subscribe(tell);
  const list = () => history.all.flatMap((record) => told.get(record) ?? []).reverse();
  return {
    list,
    find: (id) => list().find((login) => login.id === id),
    newestId: () => history.all.at(-1)?.id ?? 0,
  };
}

function tellFlow(record: LoginRecord, store: TenantStore): Login {
  const { result, event } = record;
  const steps = result.steps.map((step) => {
    const version = findVersion(store, step.versionId);
    return { ...step, ...(version === undefined ? {} : { version: version.number }) };
  });
  const explanation = explain(
    record,
    secretsOf(store, result.steps[0]?.versionId),
    store.users.get(record.userId)?.app_metadata ?? {},
  );
  return {
    ...describeAttempt(record, store),
    person: {
      userId: record.userId,
      name: readString(event.user, 'name') ?? record.userId,
      email: event.user.email,
    },
    ...describeResult(record),
    steps,
    ...(explanation === undefined ? {} : { explanation }),
  };
}

function describeResult({
  result,
}: LoginRecord): Pick<Login, 'outcome' | 'code' | 'sentence' | 'claims'> {
  switch (result.outcome) {
    case 'allowed': {
      const claims = { idToken: result.idTokenClaims, accessToken: result.accessTokenClaims };
      return { outcome: 'in', claims };
    }
    case 'denied': {
      const [, code = 'access_denied', sentence = result.reason ?? ''] =
        /^([a-z][a-z0-9_]*): (.*)$/s.exec(result.reason ?? '') ?? [];
      return { outcome: 'refused', code, sentence };
    }
    case 'failed':
      return {
        outcome: 'failed',
        code: 'access_denied',
        sentence: result.steps.at(-1)?.error ?? 'The login flow failed',
      };
  }
}

function tellEnd(record: EndedAttempt, store: TenantStore): Login {
  const user = store.users.get(record.userId ?? '');
  return {
    ...describeAttempt(record, store),
    person: user && {
      userId: user.user_id,
      name: user.name ?? user.user_id,
      email: user.email,
    },
    outcome: record.description === CANCELLED ? 'cancelled' : 'failed',
    code: record.error,
    sentence: record.description,
    steps: [],
  };
}

function describeAttempt(record: LoginAttemptRecord, store: TenantStore) {
  const { id, at, protocol, clientId } = record;
  const name = store.clients.get(clientId)?.name ?? clientId;
  const state =
    record.kind === 'flow'
      ? readString(readField(record.event.request, 'query'), 'state')
      : record.state;
  return {
    id,
    at,
    isRefresh: protocol === 'oauth2-refresh-token',
    ...(state === undefined ? {} : { state }),
    application: { clientId, name },
  };
}

function findVersion(store: TenantStore, versionId: string | undefined) {
  const versions = [...store.actions.values()].flatMap((action) => action.versions);
  return versions.find(({ id }) => id === versionId);
}

/** Of the version that ran, be it replaced since. */
function secretsOf(store: TenantStore, versionId: string | undefined): Record<string, string> {
  const [first] = store.actions.values();
  const version = findVersion(store, versionId) ?? (first && deployedVersionOf(first));
  return Object.fromEntries(version?.secrets.map(({ name, value }) => [name, value]) ?? []);
}

/** For programs: `GET /dev/logins`. */
export function describeLogin(login: Login): object {
  const { application, person, steps, claims } = login;
  return {
    id: login.id,
    at: login.at,
    kind: login.isRefresh ? 'refresh' : 'login',
    application: { client_id: application.clientId, name: application.name },
    person:
      person === undefined
        ? null
        : {
            user_id: person.userId,
            name: person.name,
            email: person.email ?? null,
          },
    outcome: login.outcome,
    code: login.code ?? null,
    sentence: login.sentence ?? null,
    claims:
      claims === undefined ? null : { id_token: claims.idToken, access_token: claims.accessToken },
    steps: steps.map((step) => ({
      action: step.action,
      version: step.version ?? null,
      started_ms: Math.round(step.startedMs),
      duration_ms: Math.round(step.durationMs),
      requests: step.requests.map((request) => ({
        method: request.method,
        host: request.host,
        path: request.path,
        status: request.status ?? null,
        started_ms: Math.round(request.startedMs),
        duration_ms: request.durationMs === undefined ? null : Math.round(request.durationMs),
        failure: request.failure ?? null,
      })),
      cache: step.cacheUses.map(({ did, key }) => ({ did, key })),
      written: step.written,
      log: step.log,
      error: step.error ?? null,
    })),
  };
}
