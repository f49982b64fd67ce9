/** /clients: the tenant's applications. A secret is shown only to a caller that may read keys. */
import { createClientId, createSecret, type StoredClient, type TenantStore } from '../store.ts';
import {
  type ApiRequest,
  type Handler,
  insufficientScope,
  invalidBody,
  notFound,
  type Route,
} from './http.ts';
import { byEither, CHECKPOINT_QUERY, FIELDS_QUERY, pickFields, TOTALS_QUERY } from './paging.ts';
import {
  assertBody,
  assertQuery,
  type Body,
  mergeMetadata,
  optionalMetadata,
  optionalString,
  optionalStrings,
  requireString,
} from './validate.ts';

/** What an application can be given, as auth0's SDK 6.4 has it. Most of it is kept and no more. */
const WRITABLE = [
  ...['name', 'description', 'logo_uri', 'app_type', 'is_first_party', 'oidc_conformant'],
  ...['callbacks', 'allowed_origins', 'web_origins', 'allowed_logout_urls', 'grant_types'],
  ...['token_endpoint_auth_method', 'is_token_endpoint_ip_header_trusted', 'jwt_configuration'],
  ...['client_metadata', 'refresh_token', 'client_authentication_methods', 'encryption_key'],
  ...['sso', 'sso_disabled', 'cross_origin_authentication', 'cross_origin_loc', 'addons'],
  ...['custom_login_page', 'custom_login_page_on', 'custom_login_page_preview', 'form_template'],
  ...['initiate_login_uri', 'native_social_login', 'fedcm_login', 'mobile', 'session_transfer'],
  ...['oidc_logout', 'oidc_backchannel_logout', 'client_aliases', 'allowed_clients'],
  ...['default_organization', 'organization_usage', 'organization_require_behavior'],
  ...['organization_discovery_methods', 'require_pushed_authorization_requests'],
  ...['require_proof_of_possession', 'signed_request_object', 'compliance_level'],
  ...['skip_non_verifiable_callback_uri_confirmation_prompt', 'token_exchange', 'token_quota'],
  ...['par_request_expiry', 'token_vault_privileged_access', 'third_party_security_mode'],
  ...['identity_assertion_authorization_grant', 'redirection_policy', 'express_configuration'],
  ...['my_organization_configuration', 'b2b_integration_configuration'],
  ...['async_approval_notification_channels'],
];
const CREATABLE = [...WRITABLE, 'resource_server_identifier'];
const UPDATABLE = [...WRITABLE, 'client_secret'];
const FILTERS = ['is_global', 'is_first_party', 'app_type'];
const STRINGS = ['description', 'app_type', 'client_secret'];
const LISTS = ['callbacks', 'allowed_origins', 'web_origins', 'allowed_logout_urls', 'grant_types'];
/** Whichever scope a caller has of them. */
const KEYS = ['client_secret', 'signing_keys', 'encryption_key', 'client_authentication_methods'];
const READ_KEYS = ['read:client_keys', 'read:client_credentials'];
const UPDATE_KEYS = 'update:client_keys';
/** What every application has. */
const DEFAULTS = {
  is_first_party: true,
  is_token_endpoint_ip_header_trusted: false,
  oidc_conformant: false,
  jwt_configuration: { secret_encoded: false, lifetime_in_seconds: 36_000 },
  sso_disabled: false,
  custom_login_page_on: true,
  grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
  refresh_token: {
    rotation_type: 'non-rotating',
    expiration_type: 'non-expiring',
    leeway: 0,
    token_lifetime: 31_557_600,
    infinite_token_lifetime: true,
    infinite_idle_token_lifetime: true,
    idle_token_lifetime: 2_592_000,
  },
};
/** A real tenant shows the certificate of the key that /.well-known/jwks.json has. */
const SIGNING_KEYS = [{ cert: 'not shown by the local tenant' }];
const AUTH_METHODS = ['none', 'client_secret_post', 'client_secret_basic'];

const list: Handler = (request, { store }) => {
  const { query } = request;
  assertQuery(query, [...TOTALS_QUERY, ...CHECKPOINT_QUERY, ...FIELDS_QUERY, ...FILTERS]);
  const types = query.get('app_type')?.split(',');
  const firstParty = query.get('is_first_party');
  const isGlobal = query.get('is_global');
  // No new tenant here has a global application; an older one has one, and lists it among the others.
  const clients = [...store.clients.values()]
    .filter((client) => isGlobal === null || isGlobal === String(client.global ?? false))
    .filter((client) => types === undefined || types.includes(client.app_type ?? ''))
    .filter((client) => firstParty === null || firstParty === String(isFirstParty(client)))
    .map((client) => show(request, client));
  return byEither(query, 'clients', clients);
};

const get: Handler = (request, { store }) => {
  assertQuery(request.query, FIELDS_QUERY);
  return { status: 200, body: show(request, find(store, request.params[0])) };
};

const create: Handler = ({ body }, { store }) => {
  const fields = assertBody(body, CREATABLE);
  requireString(fields, 'name');
  const client: StoredClient = {
    grant_types: [...DEFAULTS.grant_types],
    name: '',
    client_id: createClientId(),
    client_secret: createSecret(),
  };
  apply(client, fields);
  store.clients.set(client.client_id, client);
  if (store.flags.get('enable_client_connections') === true) {
    for (const enabled of store.enabledClients.values()) enabled.add(client.client_id);
  }
  return { status: 201, body: complete(client) };
};

const update: Handler = (request, { store }) => {
  const client = find(store, request.params[0]);
  const fields = assertBody(request.body, UPDATABLE);
  if (fields.client_secret !== undefined && !request.scopes.has(UPDATE_KEYS)) {
    throw insufficientScope([UPDATE_KEYS]);
  }
  apply(client, fields);
  return { status: 200, body: show(request, client) };
};

/** With its grants and its place at connections. */
const remove: Handler = ({ params }, { store }) => {
  const { client_id } = find(store, params[0]);
  store.clients.delete(client_id);
  for (const grant of store.grants.values()) {
    if (grant.client_id === client_id) store.grants.delete(grant.id);
  }
  for (const enabled of store.enabledClients.values()) enabled.delete(client_id);
  return { status: 204 };
};

function find({ clients }: TenantStore, id = ''): StoredClient {
  const client = clients.get(id);
  if (client === undefined) throw notFound('client');
  return client;
}

/** Refuses before it changes anything. `null` takes a property away. */
function apply(client: StoredClient, fields: Body): void {
  const name = optionalString(fields, 'name');
  if (name !== undefined && /[<>]/.test(name)) {
    throw invalidBody('String does not match pattern', 'name');
  }
  for (const key of STRINGS) if (fields[key] !== null) optionalString(fields, key);
  for (const key of LISTS) optionalStrings(fields, key);
  const method = fields.token_endpoint_auth_method ?? 'none';
  if (!AUTH_METHODS.includes(String(method))) {
    throw invalidBody('No enum match', 'token_endpoint_auth_method');
  }
  const changes = optionalMetadata(fields, 'client_metadata') ?? {};
  const metadata = mergeMetadata(client.client_metadata ?? {}, changes);
  Object.assign(client, structuredClone(fields));
  if (fields.client_metadata !== undefined) client.client_metadata = metadata;
  for (const [key, value] of Object.entries(fields)) if (value === null) delete client[key];
}

function isFirstParty(client: StoredClient): boolean {
  return client.is_first_party !== false;
}

function show(request: ApiRequest, client: StoredClient): object {
  const mayReadKeys = READ_KEYS.some((scope) => request.scopes.has(scope));
  const shown = Object.entries(complete(client)).filter(
    ([key]) => mayReadKeys || !KEYS.includes(key),
  );
  return pickFields(request.query, Object.fromEntries(shown));
}

function complete(client: StoredClient): object {
  if (client.global === true) return client;
  const isMachine = client.app_type === 'non_interactive';
  return {
    tenant: 'local',
    global: false,
    ...DEFAULTS,
    ...(isMachine ? {} : { cross_origin_authentication: false }),
    signing_keys: SIGNING_KEYS,
    ...client,
  };
}

/** Scopes that no route asks for as a whole. */
export const CLIENT_KEY_SCOPES = [...READ_KEYS, UPDATE_KEYS];

const READ = ['read:clients', 'read:client_keys'];
export const CLIENT_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/clients', scopes: READ, handler: list },
  { method: 'POST', path: '/clients', scopes: ['create:clients'], handler: create },
  { method: 'GET', path: '/clients/*', scopes: READ, handler: get },
  { method: 'PATCH', path: '/clients/*', scopes: ['update:clients'], handler: update },
  { method: 'DELETE', path: '/clients/*', scopes: ['delete:clients'], handler: remove },
];
