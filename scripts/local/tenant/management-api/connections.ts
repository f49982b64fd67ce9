/**
 * /connections. `options` are other people's secrets: shown only with a scope of their own, and an
 * update of them replaces all.
 */
import { createId, findConnection, type StoredConnection, type TenantStore } from '../store.ts';
import { createOptions, normaliseOptions, withoutNulls } from './connection-options.ts';
import {
  type ApiContext,
  ApiError,
  type ApiRequest,
  type Handler,
  insufficientScope,
  invalidBody,
  notFound,
  type Route,
} from './http.ts';
import {
  byCheckpoint,
  byEither,
  CHECKPOINT_QUERY,
  FIELDS_QUERY,
  pickFields,
  TOTALS_QUERY,
} from './paging.ts';
import {
  assertBody,
  assertObject,
  assertQuery,
  type Body,
  mergeMetadata,
  optionalMetadata,
  optionalString,
  optionalStrings,
  requireString,
} from './validate.ts';

const UPDATABLE = [
  'display_name',
  'options',
  'metadata',
  'realms',
  'is_domain_connection',
  'show_as_button',
  'authentication',
  'connected_accounts',
];

/** Shown whatever `fields` asks for. */
const ALWAYS_SHOWN = ['id', 'is_domain_connection', 'authentication', 'connected_accounts'];
/** How far pages by number reach; a checkpoint reaches them all. */
const OFFSET_REACH = 1_000;
const READ_OPTIONS = 'read:connections_options';
const UPDATE_OPTIONS = 'update:connections_options';

const list: Handler = (request, { store }) => {
  const { query } = request;
  assertQuery(query, [...TOTALS_QUERY, ...CHECKPOINT_QUERY, ...FIELDS_QUERY, 'strategy', 'name']);
  const strategies = query.getAll('strategy');
  const connections = [...store.connections.values()]
    .filter((connection) => (query.get('name') ?? connection.name) === connection.name)
    .filter(({ strategy }) => strategies.length === 0 || strategies.includes(strategy))
    .map((connection) => showRead(request, store, connection));
  return byEither(query, 'connections', connections, OFFSET_REACH);
};

const get: Handler = (request, context) => {
  assertQuery(request.query, FIELDS_QUERY);
  const connection = find(context, request.params[0]);
  return { status: 200, body: showRead(request, context.store, connection) };
};

const create: Handler = (request, { store }) => {
  const fields = assertBody(request.body, ['name', 'strategy', 'enabled_clients', ...UPDATABLE]);
  const name = requireString(fields, 'name');
  const strategy = requireString(fields, 'strategy');
  if (!/^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/.test(name) || name.length > 128) {
    throw invalidBody('String does not match pattern', 'name');
  }
  if (findConnection(store, name) !== undefined) {
    throw new ApiError(409, 'A connection with the same name already exists', 'conflict');
  }
  const enabled = optionalStrings(fields, 'enabled_clients') ?? [];
  const typed = readTyped(fields);
  const { enabled_clients: _, ...rest } = structuredClone(fields);
  const connection: StoredConnection = {
    id: createId('con_'),
    ...rest,
    ...typed,
    name,
    strategy,
    options: createOptions(strategy, typed.options ?? {}),
  };
  store.connections.set(connection.id, connection);
  store.enabledClients.set(connection.id, new Set(enabled));
  return { status: 201, body: show(request, store, connection) };
};

const update: Handler = (request, context) => {
  const connection = find(context, request.params[0]);
  const fields = assertBody(request.body, UPDATABLE);
  if (fields.options !== undefined && !request.scopes.has(UPDATE_OPTIONS)) {
    throw insufficientScope([UPDATE_OPTIONS]);
  }
  const { options, ...typed } = readTyped(fields);
  Object.assign(connection, structuredClone(fields), typed);
  if (options !== undefined) connection.options = normaliseOptions(connection.strategy, options);
  return { status: 200, body: show(request, context.store, connection) };
};

/** Its users stay in the store, and cannot sign in any more. */
const remove: Handler = ({ params, query }, context) => {
  assertQuery(query, []);
  const { id } = find(context, params[0]);
  context.store.connections.delete(id);
  context.store.enabledClients.delete(id);
  return { status: 202, body: { deleted_at: context.now().toISOString() } };
};

function showRead(request: ApiRequest, store: TenantStore, connection: StoredConnection): object {
  const options = withoutNulls(connection.options);
  return pickFields(request.query, show(request, store, { ...connection, options }), ALWAYS_SHOWN);
}

/** With what Auth0 always says of a connection, and without what the caller may not see. */
function show({ scopes }: ApiRequest, store: TenantStore, connection: StoredConnection): object {
  const { options, ...open } = connection;
  return {
    is_domain_connection: false,
    authentication: { active: true },
    connected_accounts: { active: false },
    realms: [connection.name],
    ...open,
    ...(scopes.has(READ_OPTIONS) ? { options } : {}),
    enabled_clients: [...(store.enabledClients.get(connection.id) ?? [])],
  };
}

const listEnabledClients: Handler = ({ params, query }, context) => {
  assertQuery(query, CHECKPOINT_QUERY);
  const enabled = context.store.enabledClients.get(find(context, params[0]).id) ?? [];
  return byCheckpoint(
    query,
    'clients',
    [...enabled].map((client_id) => ({ client_id })),
  );
};

const updateEnabledClients: Handler = ({ params, body }, context) => {
  const { store } = context;
  const { id } = find(context, params[0]);
  if (!Array.isArray(body) || body.length > 50) throw invalidBody('Array is too long (at most 50)');
  // A copy: what is refused has changed nothing.
  const enabled = new Set(store.enabledClients.get(id));
  for (const entry of body) {
    const { client_id, status } = assertBody(entry, ['client_id', 'status']);
    if (typeof client_id !== 'string' || typeof status !== 'boolean') {
      throw invalidBody('Expected client_id and status');
    }
    if (!store.clients.has(client_id)) throw notFound('client');
    if (status) enabled.add(client_id);
    else enabled.delete(client_id);
  }
  store.enabledClients.set(id, enabled);
  return { status: 204 };
};

function find({ store }: ApiContext, id = ''): StoredConnection {
  const connection = store.connections.get(id);
  if (connection === undefined) throw notFound('connection');
  return connection;
}

/** The properties whose types matter here. */
function readTyped(fields: Body): { options?: Body; metadata?: Record<string, string> } {
  const { options } = fields;
  const metadata = optionalMetadata(fields, 'metadata');
  optionalString(fields, 'display_name');
  optionalStrings(fields, 'realms');
  return {
    ...(options === undefined
      ? {}
      : { options: structuredClone(assertObject(options, 'options')) }),
    ...(metadata === undefined ? {} : { metadata: mergeMetadata({}, metadata) }),
  };
}

/** Scopes that no route asks for as a whole, and some part of an answer or of a body does. */
export const OPTIONS_SCOPES = [READ_OPTIONS, UPDATE_OPTIONS];

export const CONNECTION_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/connections', scopes: ['read:connections'], handler: list },
  { method: 'POST', path: '/connections', scopes: ['create:connections'], handler: create },
  { method: 'GET', path: '/connections/*', scopes: ['read:connections'], handler: get },
  { method: 'PATCH', path: '/connections/*', scopes: ['update:connections'], handler: update },
  { method: 'DELETE', path: '/connections/*', scopes: ['delete:connections'], handler: remove },
  {
    method: 'GET',
    path: '/connections/*/clients',
    scopes: ['read:connections'],
    handler: listEnabledClients,
  },
  {
    method: 'PATCH',
    path: '/connections/*/clients',
    scopes: ['update:connections'],
    handler: updateEnabledClients,
  },
  {
    method: 'GET',
    path: '/connections-directory-provisionings',
    scopes: ['read:directory_provisionings'],
    handler: ({ query }) => byCheckpoint(query, 'directory_provisionings', []),
  },
];
