/**
 * The only file that writes to `api`. A refusal is written last and nothing after it: `deny` does
 * not stop the code that called it.
 */
import type { PostLoginApi } from '../auth0/post-login.ts';
import {
  LOOK_KEY,
  SNAPSHOT_KEY,
  type StoredLook,
  type StoredSnapshot,
} from '../knowledge/snapshot.ts';
import { describeRefusal, type RefusalCode } from '../policy/refusal.ts';

/** Bare names; the namespace is put before them. */
export type Claims = Readonly<Record<string, unknown>>;

export function applyRefusal(api: PostLoginApi, code: RefusalCode): void {
  api.access.deny(describeRefusal(code));
}

/** Sets each claim in the ID token and the access token. */
export function applyClaims(api: PostLoginApi, namespace: string, claims: Claims): void {
  for (const [name, value] of Object.entries(claims)) {
    if (value === undefined) continue;
    api.idToken.setCustomClaim(`${namespace}/${name}`, value);
    api.accessToken.setCustomClaim(`${namespace}/${name}`, value);
  }
}

export function applySnapshot(
  api: PostLoginApi,
  stored: { readonly snapshot: StoredSnapshot; readonly look: StoredLook },
): void {
  api.user.setAppMetadata(SNAPSHOT_KEY, stored.snapshot);
  api.user.setAppMetadata(LOOK_KEY, stored.look);
}

/** A look that Auth0 will not keep is not shared: the other Action looks for itself. */
export function applySharedLook(
  api: PostLoginApi,
  entries: readonly (readonly [key: string, value: string])[],
): void {
  try {
    for (const [key, value] of entries) api.transaction.setMetadata(key, value);
  } catch {
    // Half a look is not JSON and is read as none.
  }
}
