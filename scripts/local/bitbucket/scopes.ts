/**
 * Which scopes a token has and an endpoint takes:
 * https://developer.atlassian.com/cloud/bitbucket/bitbucket-cloud-rest-api-scopes/
 */

/** `account:write` includes `account`, and so on. */
export function hasScope(granted: readonly string[], scope: string): boolean {
  return granted.some((name) => name === scope || name === `${scope}:write`);
}

/**
 * The two headers of an answer. UNVERIFIED: that there is no first one without a token, and how
 * several scopes are separated.
 */
export function scopeHeaders(
  accepted: readonly string[],
  granted: readonly string[] | undefined,
): Readonly<Record<string, string>> {
  return {
    'X-Accepted-OAuth-Scopes': accepted.join(', '),
    ...(granted === undefined ? {} : { 'X-OAuth-Scopes': granted.join(', ') }),
  };
}
