/** What other people have in a tenant: put into the store of a local one. */
import {
  createClientId,
  createId,
  createSecret,
  createUuid,
  type StoredUser,
  type TenantStore,
} from '../tenant/store.ts';

const NOW_ISO = '2026-01-01T00:00:00.000Z';
const DOES_NOTHING = 'exports.onExecutePostLogin = async () => {};';

/** An Action that is deployed, and perhaps bound to the login flow, after those bound already. */
export function addAction(
  store: TenantStore,
  name: string,
  options: {
    readonly isBound: boolean;
    readonly code?: string;
    readonly secrets?: Readonly<Record<string, string>>;
  },
): void {
  const secrets = Object.entries(options.secrets ?? {}).map(([secretName, value]) => ({
    name: secretName,
    value,
    updated_at: NOW_ISO,
  }));
  const content = {
    code: options.code ?? DOES_NOTHING,
    runtime: 'node22',
    dependencies: [],
    secrets,
  };
  const supported_triggers = [{ id: 'post-login', version: 'v3' }];
  const version = {
    ...content,
    id: createUuid(),
    number: 1,
    supported_triggers,
    created_at: NOW_ISO,
  };
  const action = {
    id: createUuid(),
    name,
    supported_triggers,
    draft: content,
    versions: [version],
    deployedVersionId: version.id,
    hasChanges: false,
    created_at: NOW_ISO,
    updated_at: NOW_ISO,
  };
  store.actions.set(action.id, action);
  if (!options.isBound) return;
  const binding = {
    id: createUuid(),
    display_name: name,
    actionId: action.id,
    created_at: NOW_ISO,
  };
  store.bindings.push(binding);
}

/** A connection, enabled for these applications. */
export function addConnection(
  store: TenantStore,
  name: string,
  strategy: string,
  enabledClients: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): void {
  const connection = { id: createId('con_'), name, strategy, options: { ...options } };
  store.connections.set(connection.id, connection);
  store.enabledClients.set(connection.id, new Set(enabledClients));
}

/** A user of a social connection who signed in once, with these changes; `<connection>|<id>`. */
export function addTenantUser(
  store: TenantStore,
  connection: string,
  id: string,
  changes: Partial<StoredUser> = {},
): void {
  const user = {
    user_id: `${connection}|${id}`,
    email_verified: true,
    identities: [{ connection, provider: connection, user_id: id, isSocial: true }],
    app_metadata: {},
    user_metadata: {},
    logins_count: 1,
    created_at: NOW_ISO,
    updated_at: NOW_ISO,
    ...changes,
  };
  store.users.set(user.user_id, user);
}

/** An application of somebody else. */
export function addApplication(store: TenantStore, name: string): void {
  const client = {
    client_id: createClientId(),
    client_secret: createSecret(),
    name,
    app_type: 'spa',
  };
  store.clients.set(client.client_id, client);
}
