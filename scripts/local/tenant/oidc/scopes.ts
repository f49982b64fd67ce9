/** The scopes that are about a person, and how what was granted is told. */

/** Any application can have them, of any API. */
export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email'];
export const OFFLINE_ACCESS = 'offline_access';

/**
 * What a response and an access token say was granted. `offline_access` is among it when there is a
 * refresh token: it is not a scope to oidc-provider, see `auth0-dialect.ts`.
 * @returns nothing rather than an empty text.
 */
export function describeGranted(
  scope: string | undefined,
  hasRefreshToken: boolean,
): string | undefined {
  const scopes = (scope ?? '').split(' ').filter((name) => name !== '' && name !== OFFLINE_ACCESS);
  const aboutPerson = OIDC_SCOPES.filter((name) => scopes.includes(name));
  const ofApi = scopes.filter((name) => !OIDC_SCOPES.includes(name));
  const granted = [...aboutPerson, ...(hasRefreshToken ? [OFFLINE_ACCESS] : []), ...ofApi];
  return granted.length === 0 ? undefined : granted.join(' ');
}
