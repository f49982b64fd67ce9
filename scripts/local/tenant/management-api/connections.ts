/** /connections. An update of `options` replaces all of them. */
import { createId, findConnection, type StoredConnection } from '../store.ts';
import {
  type ApiContext,
  ApiError,
  type Handler,
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

const list: Handler = ({ query }, { store }) => {
  assertQuery(query, [...TOTALS_QUERY, ...CHECKPOINT_QUERY, ...FIELDS_QUERY, 'strategy', 'name']);
  const strategies = query.getAll('strategy');
  const connections = [...store.connections.values()]
    .filter((connection) => (query.get('name') ?? connection.name) === connection.name)
    .filter(({ strategy }) => strategies.length === 0 || strategies.includes(strategy))
    .map((connection) => pickFields(query, connection));
  return byEither(query, 'connections', connections);
};

const get: Handler = ({ params, query }, context) => {
  assertQuery(query, FIELDS_QUERY);
  return { status: 200, body: pickFields(query, find(context, params[0])) };
};

const create: Handler = ({ body }, { store }) => {
  const fields = assertBody(body, ['name', 'strategy', 'enabled_clients', ...UPDATABLE]);
  const name = requireString(fields, 'name');
  const strategy = requireString(fields, 'strategy');
  if (!/^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/.test(name) || name.length > 128) {
    throw invalidBody('String does not match pattern on property name');
  }
  if (findConnection(store, name) !== undefined) {
    throw new ApiError(409, 'A connection with the same name already exists', 'conflict');
  }
  const enabled = optionalStrings(fields, 'enabled_clients') ?? [];
  const { enabled_clients: _, ...rest } = structuredClone(fields);
  const connection: StoredConnection = {
    id: createId('con_', 8),
    ...rest,
    name,
    strategy,
    options: {},
    ...readTyped(fields),
  };
  store.connections.set(connection.id, connection);
  store.enabledClients.set(connection.id, new Set(enabled));
  return { status: 201, body: connection };
};

const update: Handler = ({ params, body }, context) => {
  const connection = find(context, params[0]);
  const fields = assertBody(body, UPDATABLE);
  Object.assign(connection, structuredClone(fields), readTyped(fields));
  return { status: 200, body: connection };
};

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

/** The properties whose types matter here. `options` is all of them: nothing is merged. */
function readTyped(fields: Body): Pick<StoredConnection, 'options'> | object {
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

export const CONNECTION_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/connections', scopes: ['read:connections'], handler: list },
  { method: 'POST', path: '/connections', scopes: ['create:connections'], handler: create },
  { method: 'GET', path: '/connections/*', scopes: ['read:connections'], handler: get },
  { method: 'PATCH', path: '/connections/*', scopes: ['update:connections'], handler: update },
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
    scopes: ['read:connections'],
    handler: ({ query }) => byCheckpoint(query, 'directory_provisionings', []),
  },
];
