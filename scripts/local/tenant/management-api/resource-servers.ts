/** /resource-servers: the APIs that tokens are for; the Management API is one of them. */
import type { StoredResourceServer } from '../store.ts';
import { type Handler, notFound, type Route } from './http.ts';
import { byPage, TOTALS_QUERY } from './paging.ts';
import { assertQuery } from './validate.ts';

const list: Handler = ({ query }, { store }) => {
  assertQuery(query, [...TOTALS_QUERY, 'identifiers', 'include_fields']);
  const wanted = query.getAll('identifiers');
  const servers = [...store.resourceServers.values()]
    .filter(({ identifier }) => wanted.length === 0 || wanted.includes(identifier))
    .map(show);
  return byPage(query, 'resource_servers', servers);
};

const get: Handler = ({ params, query }, { store }) => {
  assertQuery(query, ['include_fields']);
  const server = store.resourceServers.get(params[0] ?? '');
  if (server === undefined) throw notFound('resource server');
  return { status: 200, body: show(server) };
};

/** Its identifier is its id here. */
function show({ identifier, name, scopes, isSystem }: StoredResourceServer): object {
  return {
    id: identifier,
    identifier,
    name,
    is_system: isSystem ?? false,
    signing_alg: 'RS256',
    scopes: scopes.map((value) => ({ value })),
  };
}

const READ = ['read:resource_servers'];
export const RESOURCE_SERVER_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/resource-servers', scopes: READ, handler: list },
  { method: 'GET', path: '/resource-servers/*', scopes: READ, handler: get },
];
