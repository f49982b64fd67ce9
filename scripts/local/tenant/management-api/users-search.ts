/** /users and /users-by-email: finding people. A search may be behind what is stored; the address not. */
import type { StoredUser } from '../store.ts';
import { type Handler, invalidQuery, type Route } from './http.ts';
import { bySearchPage, FIELDS_QUERY, pickFields, sortEntries, TOTALS_QUERY } from './paging.ts';
import { createSearch, readPath, type SearchField, type SearchSpace } from './search.ts';
import { showUser } from './users.ts';
import { assertQuery } from './validate.ts';

const CASELESS: SearchField = { isCaseInsensitive: true };
const DATE: SearchField = { isDate: true };

/** What Auth0's profile schema marks as searchable, but for what is below them. */
const FIELDS: Readonly<Record<string, SearchField>> = {
  ...Object.fromEntries(
    ['email', 'email.domain', 'name', 'given_name', 'family_name', 'nickname'].map((name) => [
      name,
      CASELESS,
    ]),
  ),
  ...Object.fromEntries(['created_at', 'updated_at', 'last_login'].map((name) => [name, DATE])),
  ...Object.fromEntries(
    [
      'user_id',
      'username',
      'email_verified',
      'phone_number',
      'phone_verified',
      'last_ip',
      'logins_count',
      'blocked',
      'organization_id',
    ].map((name) => [name, {}]),
  ),
};

const USERS: SearchSpace<StoredUser> = {
  describe: (field) => {
    const [root = ''] = field.split('.');
    if (root === 'user_metadata') return { isExactOnly: true };
    if (root === 'identities' || root === 'app_metadata') return {};
    return Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  },
  bareFields: ['email', 'name', 'given_name', 'family_name', 'nickname', 'username', 'user_id'],
  read: (user, field) => {
    if (field === 'email.domain') return [user.email?.split('@').at(-1)];
    return readPath(user, field.split('.'));
  },
};

const list: Handler = ({ query, scopes }, { listIndexedUsers }) => {
  assertQuery(query, [
    ...TOTALS_QUERY,
    ...FIELDS_QUERY,
    'sort',
    'q',
    'search_engine',
    'primary_order',
    'connection',
  ]);
  if ((query.get('search_engine') ?? 'v3') !== 'v3') {
    throw invalidQuery('No enum match for value', 'search_engine');
  }
  const isFound = createSearch(query.get('q'), USERS);
  const found = sortEntries(query, listIndexedUsers().filter(isFound), isSortable);
  const shown = found.map((user) => pickFields(query, showUser(user, scopes)));
  return bySearchPage(query, 'users', shown, 'all');
};

function isSortable(field: string): boolean {
  return Object.hasOwn(FIELDS, field);
}

const listByEmail: Handler = ({ query, scopes }, { store }) => {
  assertQuery(query, [...FIELDS_QUERY, 'email']);
  const email = query.get('email');
  if (email === null) throw invalidQuery('Missing required property: email');
  const found = [...store.users.values()].filter((user) => user.email === email);
  return { status: 200, body: found.map((user) => pickFields(query, showUser(user, scopes))) };
};

/** @returns the users as they were when they were last indexed, at most `delayMs` ago. */
export function createUserIndex(
  users: ReadonlyMap<string, StoredUser>,
  delayMs: number,
  now: () => number,
): () => readonly StoredUser[] {
  let indexedAtMs = Number.NEGATIVE_INFINITY;
  let indexed: readonly StoredUser[] = [];
  return () => {
    const nowMs = now();
    // A clock may be put back, too.
    if (Math.abs(nowMs - indexedAtMs) >= delayMs) {
      indexedAtMs = nowMs;
      indexed = delayMs === 0 ? [...users.values()] : structuredClone([...users.values()]);
    }
    return indexed;
  };
}

export const USER_SEARCH_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/users', scopes: ['read:users'], handler: list },
  { method: 'GET', path: '/users-by-email', scopes: ['read:users'], handler: listByEmail },
];
