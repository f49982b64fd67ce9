/**
 * Tokens in `api.cache`, which every Action of the flow can read, other people's too: so they are
 * sealed. A cache that fails is a miss.
 */
import { createHash } from 'node:crypto';
import { readString } from './read.ts';
import { open, seal } from './seal.ts';

/** Of Auth0's `api.cache`, what this uses. `ttl` in milliseconds. */
export interface PlainCache {
  get(key: string): unknown;
  set(key: string, value: string, options?: { ttl?: number }): unknown;
  delete(key: string): unknown;
}

export interface TokenCache {
  /** `owner` says whose token it is: another owner's is another entry. */
  read(kind: string, owner: string): string | undefined;
  keep(kind: string, owner: string, token: string, ttlMs: number): void;
  drop(kind: string, owner: string): void;
}

/** Auth0 keeps no value that is longer, and none for longer. */
const MAX_VALUE_BYTES = 4_096;
const MAX_TTL_MS = 24 * 60 * 60 * 1_000;

export function createTokenCache(cache: PlainCache, secret: string): TokenCache {
  return {
    read: (kind, owner) => {
      const key = keyOf(kind, owner);
      const value = readString(
        tolerate(() => cache.get(key)),
        'value',
      );
      return value === undefined ? undefined : open(secret, key, value)?.toString('utf8');
    },
    keep: (kind, owner, token, ttlMs) => {
      const key = keyOf(kind, owner);
      const value = seal(secret, key, token);
      const ttl = Math.min(ttlMs, MAX_TTL_MS);
      if (ttl > 0 && value.length <= MAX_VALUE_BYTES)
        tolerate(() => cache.set(key, value, { ttl }));
    },
    drop: (kind, owner) => {
      tolerate(() => cache.delete(keyOf(kind, owner)));
    },
  };
}

/** At most 64 bytes. */
function keyOf(kind: string, owner: string): string {
  const hash = createHash('sha256').update(owner).digest('base64url').slice(0, 22);
  return `bitbucket-${kind}-${hash}`;
}

function tolerate<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
