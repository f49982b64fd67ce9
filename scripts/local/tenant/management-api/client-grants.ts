/**
 * /client-grants: which machine may have which scopes of which API. A grant for the tokens of users
 * stands beside the one for the machine's own, and is none of it.
 */
import { createId, type StoredGrant, type TenantStore } from '../store.ts';
import { ApiError, type Handler, invalidBody, notFound, type Route } from './http.ts';
import { byEither, CHECKPOINT_QUERY, TOTALS_QUERY } from './paging.ts';
import { assertBody, assertQuery, type Body, optionalStrings, requireString } from './validate.ts';

const UPDATABLE = [
  'scope',
  'allow_all_scopes',
  'organization_usage',
  'allow_any_organization',
  'authorization_details_types',
];
const CREATABLE = [...UPDATABLE, 'client_id', 'audience', 'subject_type'];
const FILTERS = ['audience', 'client_id', 'subject_type'];
const USAGES = ['deny', 'allow', 'require'];

const list: Handler = ({ query }, { store }) => {
  assertQuery(query, [...TOTALS_QUERY, ...CHECKPOINT_QUERY, ...FILTERS]);
  const grants = [...store.grants.values()].filter(
    (grant) =>
      (query.get('audience') ?? grant.audience) === grant.audience &&
      (query.get('client_id') ?? grant.client_id) === grant.client_id &&
      (query.get('subject_type') ?? subjectOf(grant)) === subjectOf(grant),
  );
  return byEither(query, 'client_grants', grants);
};

const get: Handler = ({ params }, { store }) => ({ status: 200, body: find(store, params[0]) });

const create: Handler = ({ body }, { store }) => {
  const fields = assertBody(body, CREATABLE);
  const client_id = requireString(fields, 'client_id');
  const audience = requireString(fields, 'audience');
  const subject_type = readSubject(fields);
  if (!store.clients.has(client_id)) throw notFound('client');
  const reach = readReach(fields, audience, store);
  if (reach === undefined) throw invalidBody('Missing required property: scope');
  const isTaken = [...store.grants.values()].some(
    (grant) =>
      grant.client_id === client_id &&
      grant.audience === audience &&
      subjectOf(grant) === subject_type,
  );
  if (isTaken) {
    throw new ApiError(409, 'A resource with the same identifier already exists.', 'conflict');
  }
  const { scope: _, ...rest } = structuredClone(fields);
  const grant: StoredGrant = {
    id: createId('cgr_'),
    ...rest,
    client_id,
    audience,
    subject_type,
    ...reach,
  };
  store.grants.set(grant.id, grant);
  return { status: 201, body: grant };
};

const update: Handler = ({ params, body }, { store }) => {
  const grant = find(store, params[0]);
  const fields = assertBody(body, UPDATABLE);
  const reach = readReach(fields, grant.audience, store);
  if (reach?.scope !== undefined && grant.allow_all_scopes && fields.allow_all_scopes !== false) {
    // UNVERIFIED: only a body that says `allow_all_scopes: false` too is recorded.
    throw invalidBody('scope cannot be set while allow_all_scopes is true');
  }
  if (reach !== undefined) delete grant.scope;
  Object.assign(grant, structuredClone(fields), reach);
  return { status: 200, body: grant };
};

const remove: Handler = ({ params }, { store }) => {
  store.grants.delete(find(store, params[0]).id);
  return { status: 204 };
};

function find({ grants }: TenantStore, id = ''): StoredGrant {
  const grant = grants.get(id);
  if (grant === undefined) throw notFound('client grant');
  return grant;
}

function subjectOf({ subject_type = 'client' }: StoredGrant): 'client' | 'user' {
  return subject_type;
}

function readSubject({ subject_type: subject = 'client' }: Body): 'client' | 'user' {
  if (subject === 'client' || subject === 'user') return subject;
  throw invalidBody('No enum match', 'subject_type');
}

/**
 * Which scopes the grant is for; `undefined` where the body does not speak of it. With all of them
 * there is no list.
 */
function readReach(
  fields: Body,
  audience: string,
  store: TenantStore,
): Pick<StoredGrant, 'scope' | 'allow_all_scopes'> | undefined {
  const { allow_all_scopes: all, organization_usage: usage } = fields;
  if (all !== undefined && typeof all !== 'boolean') {
    throw invalidBody('Expected type boolean', 'allow_all_scopes');
  }
  if (usage !== undefined && !USAGES.includes(String(usage))) {
    throw invalidBody('No enum match', 'organization_usage');
  }
  const scope = optionalStrings(fields, 'scope');
  const api = store.resourceServers.get(audience);
  if (api === undefined) throw notFound('resource server');
  const unknown = (scope ?? []).filter((name) => !api.scopes.includes(name));
  if (unknown.length > 0) {
    throw new ApiError(400, `The following scopes are not defined: ${unknown.join(', ')}`);
  }
  if (all === true) return { allow_all_scopes: true };
  if (scope !== undefined)
    return { scope, ...(all === undefined ? {} : { allow_all_scopes: all }) };
  return all === undefined ? undefined : { allow_all_scopes: false, scope: [] };
}

/** `undefined` where a machine has no grant for the API that is for its own tokens. */
export function findGrantedScopes(
  store: TenantStore,
  clientId: string,
  audience: string,
): readonly string[] | undefined {
  const grant = [...store.grants.values()].find(
    (candidate) =>
      candidate.client_id === clientId &&
      candidate.audience === audience &&
      subjectOf(candidate) === 'client',
  );
  if (grant === undefined) return undefined;
  if (grant.allow_all_scopes === true) return store.resourceServers.get(audience)?.scopes ?? [];
  return grant.scope ?? [];
}

const DELETE = ['delete:client_grants'];
export const CLIENT_GRANT_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/client-grants', scopes: ['read:client_grants'], handler: list },
  { method: 'GET', path: '/client-grants/*', scopes: ['read:client_grants'], handler: get },
  { method: 'POST', path: '/client-grants', scopes: ['create:client_grants'], handler: create },
  { method: 'PATCH', path: '/client-grants/*', scopes: ['update:client_grants'], handler: update },
  { method: 'DELETE', path: '/client-grants/*', scopes: DELETE, handler: remove },
];
