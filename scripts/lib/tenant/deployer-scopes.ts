/** What the deployer's token may do, and what it has to be able to do. Values in, values out. */
import { decodeJwt } from 'jose';
import { UserError } from '../cli/report-error.ts';

/** What plan, deploy, rollback and doctor ask the Management API for. */
export const DEPLOYER_SCOPES: readonly string[] = [
  ...['read:clients', 'create:clients', 'update:clients', 'read:client_keys'],
  ...['read:client_grants', 'create:client_grants', 'update:client_grants'],
  ...['read:connections', 'create:connections', 'update:connections'],
  // Without the first, the options of a connection are left out of what is read, and are not empty.
  ...['read:connections_options', 'update:connections_options'],
  ...['read:actions', 'create:actions', 'update:actions'],
];

/** What removing it all takes besides. */
export const REMOVER_SCOPES: readonly string[] = [
  'delete:actions',
  'delete:clients',
  'delete:client_grants',
];

/** What reading about people takes besides. */
export const PEOPLE_SCOPES: readonly string[] = ['read:users', 'read:logs', 'read:logs_users'];

/** What `why` and `people` ask for: a second application that has no more than these will do. */
export const READER_SCOPES: readonly string[] = [
  ...['read:clients', 'read:connections', 'read:actions'],
  ...PEOPLE_SCOPES,
];

/** The scopes of a Management API token; `undefined` where it does not tell them. */
export function readScopes(token: string): readonly string[] | undefined {
  try {
    const { scope } = decodeJwt(token);
    return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param who as docs/set-up.md calls the application of AUTH0_CLIENT_ID.
 * @returns whether the token tells its scopes: where it does not, what is missing shows in use.
 * @throws {UserError} naming each of `needed` that the token lacks.
 */
export function assertScopes(
  token: string,
  needed: readonly string[],
  who: 'deployer' | 'reader' = 'deployer',
): boolean {
  const granted = readScopes(token);
  if (granted === undefined) return false;
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return true;
  throw new UserError(
    `The ${who} lacks ${missing.length === 1 ? 'the scope' : 'the scopes'} ${missing.join(', ')}; nothing was changed. Add ${missing.length === 1 ? 'it' : 'them'} in the Auth0 dashboard: Applications → the ${who} → APIs → Auth0 Management API.`,
  );
}
