/** /clients and /client-grants. */
import { createId, createSecret, type StoredClient, type StoredGrant } from '../store.ts';
import {
  ApiError,
  type ApiRequest,
  type Handler,
  invalidBody,
  notFound,
  type Route,
} from './http.ts';
import {
  byEither,
  byPage,
  CHECKPOINT_QUERY,
  FIELDS_QUERY,
  pickFields,
  TOTALS_QUERY,
} from './paging.ts';
import { assertBody, assertQuery, optionalStrings, requireString } from './validate.ts';

const WRITABLE = [
  ...['name', 'description', 'logo_uri', 'app_type', 'is_first_party', 'oidc_conformant'],
  ...['callbacks', 'allowed_origins', 'web_origins', 'allowed_logout_urls', 'grant_types'],
  ...['token_endpoint_auth_method', 'jwt_configuration', 'client_metadata', 'refresh_token'],
  ...['sso_disabled', 'cross_origin_authentication', 'custom_login_page_on', 'organization_usage'],
];
const LIST_QUERY = [...TOTALS_QUERY, ...CHECKPOINT_QUERY, ...FIELDS_QUERY, 'is_global', 'app_type'];
const GRANT_BODY = ['client_id', 'audience', 'scope', 'subject_type', 'organization_usage'];

const listClients: Handler = (request, { store }) => {
  assertQuery(request.query, [...LIST_QUERY, 'is_first_party']);
  const clients = [...store.clients.values()].map((client) => showClient(request, client));
  return byEither(request.query, 'clients', clients);
};

const getClient: Handler = (request, { store }) => {
  assertQuery(request.query, FIELDS_QUERY);
  const client = store.clients.get(request.params[0] ?? '');
  if (client === undefined) throw notFound('client');
  return { status: 200, body: showClient(request, client) };
};

const createClient: Handler = ({ body }, { store }) => {
  const fields = assertBody(body, WRITABLE);
  const name = requireString(fields, 'name');
  if (/[<>]/.test(name)) throw invalidBody('String does not match pattern on property name');
  const client: StoredClient = {
    grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
    ...structuredClone(fields),
    name,
    client_id: createId('', 16),
    client_secret: createSecret(),
  };
  store.clients.set(client.client_id, client);
  return { status: 201, body: client };
};

const updateClient: Handler = (request, { store }) => {
  const client = store.clients.get(request.params[0] ?? '');
  if (client === undefined) throw notFound('client');
  Object.assign(client, structuredClone(assertBody(request.body, WRITABLE)));
  return { status: 200, body: showClient(request, client) };
};

/** A secret is shown only to a caller that may read keys. */
function showClient(request: ApiRequest, client: StoredClient): object {
  const { client_secret: _, ...open } = client;
  const shown = request.scopes.has('read:client_keys') ? client : open;
  return pickFields(request.query, { ...shown, global: false, tenant: 'local' });
}

const listGrants: Handler = ({ query }, { store }) => {
  assertQuery(query, [
    ...TOTALS_QUERY,
    ...CHECKPOINT_QUERY,
    'audience',
    'client_id',
    'subject_type',
  ]);
  const grants = [...store.grants.values()].filter(
    (grant) =>
      (query.get('audience') ?? grant.audience) === grant.audience &&
      (query.get('client_id') ?? grant.client_id) === grant.client_id,
  );
  return byEither(query, 'client_grants', grants);
};

const createGrant: Handler = ({ body }, { store }) => {
  const fields = assertBody(body, GRANT_BODY);
  const client_id = requireString(fields, 'client_id');
  const audience = requireString(fields, 'audience');
  if (!store.clients.has(client_id)) throw notFound('client');
  const scope = checkScope(optionalStrings(fields, 'scope') ?? [], audience, store);
  const isTaken = [...store.grants.values()].some(
    (grant) => grant.client_id === client_id && grant.audience === audience,
  );
  if (isTaken) {
    throw new ApiError(409, 'A resource with the same identifier already exists.', 'conflict');
  }
  const grant: StoredGrant = { id: createId('cgr_'), client_id, audience, scope };
  store.grants.set(grant.id, grant);
  return { status: 201, body: grant };
};

const updateGrant: Handler = ({ params, body }, { store }) => {
  const grant = store.grants.get(params[0] ?? '');
  if (grant === undefined) throw notFound('client grant');
  const fields = assertBody(body, ['scope', 'organization_usage']);
  const scope = optionalStrings(fields, 'scope');
  if (scope !== undefined) grant.scope = checkScope(scope, grant.audience, store);
  return { status: 200, body: grant };
};

function checkScope(
  scope: string[],
  audience: string,
  store: Parameters<Handler>[1]['store'],
): string[] {
  const api = store.resourceServers.get(audience);
  if (api === undefined) throw notFound('resource server');
  const unknown = scope.filter((name) => !api.scopes.includes(name));
  if (unknown.length > 0) {
    throw new ApiError(400, `The following scopes are not defined: ${unknown.join(', ')}`);
  }
  return scope;
}

const listResourceServers: Handler = ({ query }, { store }) => {
  assertQuery(query, [...TOTALS_QUERY, ...CHECKPOINT_QUERY, 'identifiers', 'include_fields']);
  const servers = [...store.resourceServers.values()].map(({ identifier, name, scopes }) => ({
    id: identifier,
    identifier,
    name,
    scopes: scopes.map((value) => ({ value })),
  }));
  return byPage(query, 'resource_servers', servers);
};

export const CLIENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/clients',
    scopes: ['read:clients', 'read:client_keys'],
    handler: listClients,
  },
  { method: 'POST', path: '/clients', scopes: ['create:clients'], handler: createClient },
  {
    method: 'GET',
    path: '/clients/*',
    scopes: ['read:clients', 'read:client_keys'],
    handler: getClient,
  },
  { method: 'PATCH', path: '/clients/*', scopes: ['update:clients'], handler: updateClient },
  { method: 'GET', path: '/client-grants', scopes: ['read:client_grants'], handler: listGrants },
  {
    method: 'POST',
    path: '/client-grants',
    scopes: ['create:client_grants'],
    handler: createGrant,
  },
  {
    method: 'PATCH',
    path: '/client-grants/*',
    scopes: ['update:client_grants'],
    handler: updateGrant,
  },
  {
    method: 'GET',
    path: '/resource-servers',
    scopes: ['read:resource_servers'],
    handler: listResourceServers,
  },
];
