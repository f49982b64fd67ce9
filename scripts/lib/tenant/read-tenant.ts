/**
 * The tenant's lists and their entries, one function for each, read and never cast: an entry
 * without what it is known by is no entry. Nothing here writes.
 */
import type { Answer, ManagementApi } from './management-api.ts';
import { TenantError } from './tenant-error.ts';
import type {
  TenantAction,
  TenantApplication,
  TenantBinding,
  TenantClient,
  TenantConnection,
  TenantGrant,
  TenantVersion,
} from './tenant-types.ts';

const POST_LOGIN = 'post-login';
/** As many as these routes give. */
const PER_PAGE = 50;

export async function listClients(api: ManagementApi): Promise<readonly TenantClient[]> {
  const fields = { fields: 'client_id,name', include_fields: true, is_global: false };
  const entries = await api.list('GET /api/v2/clients', 'clients', (sdk, options) =>
    sdk.clients.list({ ...fields, per_page: PER_PAGE }, options),
  );
  return entries.map((entry) => parseEntry<TenantClient>(entry, ['client_id', 'name']));
}

/** Every application, with its metadata, in which it may have a policy of its own. */
export async function listClientMetadata(
  api: ManagementApi,
): Promise<readonly { readonly id: string; readonly name: string; readonly metadata: unknown }[]> {
  const fields = { fields: 'client_id,name,client_metadata', include_fields: true };
  const entries = await api.list('GET /api/v2/clients', 'clients', (sdk, options) =>
    sdk.clients.list({ ...fields, is_global: false, per_page: PER_PAGE }, options),
  );
  return entries.map((entry) => {
    const client = parseEntry<TenantClient & Answer>(entry, ['client_id', 'name']);
    return { id: client.client_id, name: client.name, metadata: client.client_metadata };
  });
}

export async function readApplication(api: ManagementApi, id: string): Promise<TenantApplication> {
  const answer = await api.ask('GET /api/v2/clients/{id}', (sdk, options) =>
    sdk.clients.get(id, {}, options),
  );
  return parseApplication(answer);
}

export function parseApplication(answer: Answer): TenantApplication {
  return parseEntry<TenantApplication>(answer, ['client_id', 'name']);
}

/** Those under which the application acts for itself: grants for users stand beside them. */
export async function listGrants(
  api: ManagementApi,
  clientId: string,
): Promise<readonly TenantGrant[]> {
  const entries = await api.list('GET /api/v2/client-grants', 'client_grants', (sdk, options) =>
    sdk.clientGrants.list({ client_id: clientId, take: PER_PAGE }, options),
  );
  return entries
    .map((entry) => parseEntry<TenantGrant>(entry, ['id', 'client_id', 'audience']))
    .filter((grant) => grant.client_id === clientId)
    .filter(({ subject_type: subject }) => subject === undefined || subject === 'client');
}

/** By name, or all of a strategy. */
export async function listConnections(
  api: ManagementApi,
  filter: { readonly name: string } | { readonly strategy: readonly ['bitbucket'] },
): Promise<readonly TenantConnection[]> {
  const query = 'name' in filter ? filter : { strategy: [...filter.strategy] };
  const entries = await api.list('GET /api/v2/connections', 'connections', (sdk, options) =>
    sdk.connections.list({ ...query, take: PER_PAGE }, options),
  );
  return entries.map((entry) => parseEntry<TenantConnection>(entry, ['id', 'name', 'strategy']));
}

/** The client ids of the applications that a connection is on for. */
export async function listEnabledClients(
  api: ManagementApi,
  connectionId: string,
): Promise<readonly string[]> {
  const entries = await api.list(
    'GET /api/v2/connections/{id}/clients',
    'clients',
    (sdk, options) => sdk.connections.clients.get(connectionId, { take: PER_PAGE }, options),
  );
  return entries.map(
    (entry) => parseEntry<{ readonly client_id: string }>(entry, ['client_id']).client_id,
  );
}

/** Every Action of the tenant, without what is deployed. */
export async function listActions(api: ManagementApi): Promise<readonly TenantAction[]> {
  const entries = await api.list('GET /api/v2/actions/actions', 'actions', (sdk, options) =>
    sdk.actions.list({ per_page: PER_PAGE }, options),
  );
  return entries.map((entry) => parseEntry<TenantAction>(entry, ['id', 'name']));
}

export async function readAction(api: ManagementApi, id: string): Promise<TenantAction> {
  const answer = await api.ask('GET /api/v2/actions/actions/{id}', (sdk, options) =>
    sdk.actions.get(id, options),
  );
  return parseEntry<TenantAction>(answer, ['id', 'name']);
}

export async function listVersions(
  api: ManagementApi,
  actionId: string,
): Promise<readonly TenantVersion[]> {
  const entries = await api.list(
    'GET /api/v2/actions/actions/{id}/versions',
    'versions',
    (sdk, options) => sdk.actions.versions.list(actionId, { per_page: PER_PAGE }, options),
  );
  return entries.map((entry) => {
    const version = parseEntry<TenantVersion>(entry, ['id']);
    if (typeof version.number !== 'number') throw unreadable('number');
    return version;
  });
}

/** The login flow, in its order. */
export async function listBindings(api: ManagementApi): Promise<readonly TenantBinding[]> {
  const entries = await api.list(
    'GET /api/v2/actions/triggers/post-login/bindings',
    'bindings',
    (sdk, options) =>
      sdk.actions.triggers.bindings.list(POST_LOGIN, { per_page: PER_PAGE }, options),
  );
  return entries.map((entry) => {
    const { action, display_name } = parseEntry<Partial<TenantBinding>>(entry, []);
    const bound = parseEntry<TenantBinding['action']>(action, ['id', 'name']);
    return { action: { id: bound.id, name: bound.name }, display_name: display_name ?? bound.name };
  });
}

function parseEntry<T>(value: unknown, known: readonly string[]): T {
  if (typeof value !== 'object' || value === null) throw unreadable('entry');
  for (const field of known) {
    if (typeof (value as Answer)[field] !== 'string') throw unreadable(field);
  }
  // `null` says no more than that there is nothing to say.
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)) as T;
}

function unreadable(field: string): TenantError {
  return new TenantError(`The tenant's answer cannot be read: an entry has no ${field}.`);
}
