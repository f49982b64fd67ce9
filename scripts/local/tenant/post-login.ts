/** One run of the login flow: from a user to the event, through the Actions, back to the profile. */
import type { FlowEvent, FlowResult } from './action-runtime/flow-types.ts';
import type { ActionRuntime } from './action-runtime/runtime.ts';
import type { LoginHistory } from './login-history.ts';
import { withoutTokens } from './management-api/users.ts';
import { findConnection, listDeployedActions, type StoredUser, type TenantStore } from './store.ts';

export interface LoginAttempt {
  readonly user: StoredUser;
  readonly clientId: string;
  /** `oidc-basic-profile`, or `oauth2-refresh-token`. */
  readonly protocol: string;
  readonly request: {
    readonly method: string;
    readonly ip: string;
    readonly hostname: string;
    readonly user_agent: string;
    /** As the application sent it. */
    readonly query: Readonly<Record<string, string>>;
  };
  /** The API that the access token is for. */
  readonly audience: string | undefined;
  /** ISO 8601: when the person last signed in at the connection, however long ago. */
  readonly authenticatedAt: string | undefined;
}

export type PostLogin = (attempt: LoginAttempt) => Promise<FlowResult>;

export function createPostLogin(
  store: TenantStore,
  runtime: ActionRuntime,
  history: LoginHistory,
  now: () => number,
): PostLogin {
  return async (attempt) => {
    const { user, clientId, protocol } = attempt;
    const actions = listDeployedActions(store);
    await runtime.retain(new Set(actions.map((action) => action.versionId)));
    const event = createEvent(store, attempt);
    const startedAt = new Date(now()).toISOString();
    const result = await runtime.runPostLogin(actions, event);
    merge(user.app_metadata, result.appMetadata);
    merge(user.user_metadata, result.userMetadata);
    history.addFlow({
      startedAt,
      protocol,
      clientId,
      userId: user.user_id,
      connection: event.connection?.name ?? '',
      event,
      result,
    });
    return result;
  };
}

/** As Auth0 documents it: plain data, and no upstream token in it. */
function createEvent(
  store: TenantStore,
  { user, clientId, protocol, request, audience, authenticatedAt }: LoginAttempt,
): FlowEvent {
  const identity = user.identities[0];
  const connection = findConnection(store, identity?.connection ?? '');
  const client = store.clients.get(clientId);
  const { logins_count, last_login: _login, last_ip: _ip, ...profile } = user;
  return structuredClone({
    connection: {
      id: connection?.id ?? '',
      name: connection?.name ?? '',
      strategy: connection?.strategy ?? '',
      metadata: connection?.metadata ?? {},
    },
    client: {
      client_id: clientId,
      name: client?.name ?? '',
      metadata: client?.client_metadata ?? {},
    },
    user: { ...profile, identities: user.identities.map(withoutTokens) },
    transaction: { protocol, metadata: {} },
    request,
    ...(audience === undefined ? {} : { resource_server: { identifier: audience } }),
    stats: { logins_count },
    tenant: { id: 'local' },
    authentication: {
      methods:
        authenticatedAt === undefined ? [] : [{ name: 'federated', timestamp: authenticatedAt }],
    },
  });
}

/** One level deep, as Auth0 merges metadata; `null` removes a key. */
function merge(target: Record<string, unknown>, changes: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete target[key];
    else target[key] = value;
  }
}
