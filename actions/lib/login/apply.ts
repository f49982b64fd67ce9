/**
 * The only file that writes to `api`. A refusal is written last and nothing after it: `deny` does
 * not stop the code that called it.
 */
import type { PostLoginApi } from '../auth0/post-login.ts';
import { describeRefusal, type Refusal } from '../policy/refusal.ts';
import type { Claims } from './claims.ts';

export function applyRefusal(api: PostLoginApi, refusal: Refusal): void {
  api.access.deny(describeRefusal(refusal));
}

/** Sets each claim in the ID token and the access token. */
export function applyClaims(api: PostLoginApi, namespace: string, claims: Claims): void {
  for (const [name, value] of Object.entries(claims)) {
    if (value === undefined) continue;
    api.idToken.setCustomClaim(`${namespace}/${name}`, value);
    api.accessToken.setCustomClaim(`${namespace}/${name}`, value);
  }
}

/** What Auth0 will not keep is looked up again another time: no reason to refuse. */
export function applyStored(api: PostLoginApi, stored: Readonly<Record<string, unknown>>): void {
  tolerate(() => {
    for (const [key, value] of Object.entries(stored)) api.user.setAppMetadata(key, value);
  });
}

/** A look that Auth0 will not keep is not shared: the other Action looks for itself. */
export function applySharedLook(
  api: PostLoginApi,
  entries: readonly (readonly [key: string, value: string])[],
): void {
  tolerate(() => {
    for (const [key, value] of entries) api.transaction.setMetadata(key, value);
  });
}

function tolerate(action: () => void): void {
  try {
    action();
  } catch {
    // Half of it is read as none.
  }
}
