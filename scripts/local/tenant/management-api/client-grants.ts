/** /client-grants: which machine may have which scopes of which API. */
import { createId, type StoredGrant, type TenantStore } from '../store.ts';
import { ApiError, type Handler, notFound, type Route } from './http.ts';
import { byEither, CHECKPOINT_QUERY, TOTALS_QUERY } from './paging.ts';
import { assertBody, assertQuery, optionalStrings, requireString } from './validate.ts';

const UPDATABLE = [
  'scope',
  'organization_usage',
  'allow_any_organization',
  'authorization_details_types',
];

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
  const fields = assertBody(body, [...UPDATABLE, 'client_id', 'audience', 'subject_type']);
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
  const id = createId('cgr_');
  const grant: StoredGrant = { ...structuredClone(fields), id, client_id, audience, scope };
  store.grants.set(grant.id, grant);
  return { status: 201, body: grant };
};

const updateGrant: Handler = ({ params, body }, { store }) => {
  const grant = store.grants.get(params[0] ?? '');
  if (grant === undefined) throw notFound('client grant');
  const fields = assertBody(body, UPDATABLE);
  const scope = optionalStrings(fields, 'scope') ?? grant.scope;
  Object.assign(grant, structuredClone(fields), {
    scope: checkScope(scope, grant.audience, store),
  });
  return { status: 200, body: grant };
};

function checkScope(scope: string[], audience: string, store: TenantStore): string[] {
  const api = store.resourceServers.get(audience);
  if (api === undefined) throw notFound('resource server');
  const unknown = scope.filter((name) => !api.scopes.includes(name));
  if (unknown.length > 0) {
    throw new ApiError(400, `The following scopes are not defined: ${unknown.join(', ')}`);
  }
  return scope;
}

export const CLIENT_GRANT_ROUTES: readonly Route[] = [
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
];
