/** /users/{id}: what the Actions read. An upstream token is shown only with its own scope. */
import type { StoredIdentity, StoredUser } from '../store.ts';
import { ApiError, type Handler, type Route } from './http.ts';
import { FIELDS_QUERY, pickFields } from './paging.ts';
import { assertQuery } from './validate.ts';

const get: Handler = ({ params, query, scopes }, { store }) => {
  assertQuery(query, FIELDS_QUERY);
  const user = store.users.get(params[0] ?? '');
  if (user === undefined) throw new ApiError(404, 'The user does not exist.', 'inexistent_user');
  return { status: 200, body: pickFields(query, showUser(user, scopes)) };
};

/** With upstream tokens only for who may see them. */
export function showUser(user: StoredUser, scopes: ReadonlySet<string>): StoredUser {
  if (scopes.has('read:user_idp_tokens')) return user;
  return { ...user, identities: user.identities.map(withoutTokens) };
}

export function withoutTokens({
  access_token: _access,
  refresh_token: _refresh,
  ...identity
}: StoredIdentity): Omit<StoredIdentity, 'access_token' | 'refresh_token'> {
  return identity;
}

export const USER_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/users/*', scopes: ['read:users'], handler: get },
];
