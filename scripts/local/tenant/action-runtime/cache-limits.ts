/**
 * What the cache of a trigger takes. The codes are those of Auth0's own types; which one it gives
 * for too many entries it does not say.
 */
import { CACHE } from './limits.ts';
import type { CacheRecord } from './protocol.ts';

export type CacheErrorCode =
  | 'CacheKeySizeExceeded'
  | 'CacheValueSizeExceeded'
  | 'CacheSizeExceeded'
  | 'ItemAlreadyExpired'
  | 'InvalidExpiry'
  | 'FailedToSetCacheRecord'
  | 'CacheKeyDoesNotExist';

/**
 * Puts `record` into `records`, from which everything that has expired is removed.
 * @returns why it was not put there, if it was not.
 */
export function putRecord(
  records: Map<string, CacheRecord>,
  key: unknown,
  record: CacheRecord,
  now: number,
): CacheErrorCode | undefined {
  for (const [name, { expires_at }] of records) if (expires_at <= now) records.delete(name);
  if (typeof key !== 'string' || typeof record.value !== 'string') return 'FailedToSetCacheRecord';
  if (Buffer.byteLength(key) > CACHE.keyBytes) return 'CacheKeySizeExceeded';
  if (Buffer.byteLength(record.value) > CACHE.valueBytes) return 'CacheValueSizeExceeded';
  const others = [...records].filter(([name]) => name !== key);
  const bytes = others.reduce((sum, [name, { value }]) => sum + sizeOf(name, value), 0);
  if (others.length >= CACHE.entries || bytes + sizeOf(key, record.value) > CACHE.totalBytes) {
    return 'CacheSizeExceeded';
  }
  records.set(key, record);
  return undefined;
}

/** When a record expires, in milliseconds since the epoch: of `ttl` and `expires_at` the earlier. */
export function readExpiry(
  options: { readonly ttl?: unknown; readonly expires_at?: unknown },
  now: number,
): number | CacheErrorCode {
  const { ttl = Number.POSITIVE_INFINITY, expires_at: until = Number.POSITIVE_INFINITY } = options;
  if (typeof ttl !== 'number' || typeof until !== 'number') return 'InvalidExpiry';
  const given = Math.min(now + ttl, until);
  const expiresAt = given === Number.POSITIVE_INFINITY ? now + CACHE.defaultLifetimeMs : given;
  if (expiresAt <= now) return 'ItemAlreadyExpired';
  return expiresAt - now <= CACHE.lifetimeMs ? expiresAt : 'InvalidExpiry';
}

function sizeOf(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}
