/** `api.cache`, on a copy that the worker was given; its changes go back with the result. */
import { CACHE } from './limits.ts';
import type { CacheRecord } from './protocol.ts';

type CacheWriteResult =
  | { readonly type: 'success'; readonly record?: CacheRecord }
  | { readonly type: 'error'; readonly code: string };

export interface WorkerCache {
  readonly api: {
    get(key: string): CacheRecord | undefined;
    set(
      key: string,
      value: string,
      options?: { ttl?: number; expires_at?: number },
    ): CacheWriteResult;
    delete(key: string): CacheWriteResult;
  };
  changes(): readonly (readonly [string, CacheRecord | null])[];
}

/** A write that passes a limit is refused by its result, not by an exception. */
export function createWorkerCache(
  entries: readonly (readonly [string, CacheRecord])[],
  now: () => number,
): WorkerCache {
  const records = new Map(entries);
  const changes = new Map<string, CacheRecord | null>();
  const find = (key: string) => {
    const record = records.get(key);
    return record !== undefined && record.expires_at > now() ? record : undefined;
  };
  return {
    changes: () => [...changes],
    api: {
      get: find,
      set: (key, value, options = {}) => {
        const code = findRefusal(records, key, value);
        if (code !== undefined) return { type: 'error', code };
        const lifetimeMs = Math.min(
          options.ttl ?? CACHE.defaultLifetimeMs,
          (options.expires_at ?? Number.POSITIVE_INFINITY) - now(),
          CACHE.lifetimeMs,
        );
        if (!(lifetimeMs > 0)) return { type: 'error', code: 'ItemAlreadyExpired' };
        const record = { value, expires_at: now() + lifetimeMs };
        records.set(key, record);
        changes.set(key, record);
        return { type: 'success', record };
      },
      delete: (key) => {
        if (find(key) === undefined) return { type: 'error', code: 'NotFound' };
        records.delete(key);
        changes.set(key, null);
        return { type: 'success' };
      },
    },
  };
}

function findRefusal(
  records: ReadonlyMap<string, CacheRecord>,
  key: unknown,
  value: unknown,
): string | undefined {
  if (typeof key !== 'string' || typeof value !== 'string') return 'InvalidType';
  if (Buffer.byteLength(key) > CACHE.keyBytes) return 'CacheKeySizeExceeded';
  if (Buffer.byteLength(value) > CACHE.valueBytes) return 'CacheValueSizeExceeded';
  const others = [...records].filter(([name]) => name !== key);
  if (others.length >= CACHE.entries) return 'CacheItemCountExceeded';
  const bytes = others.reduce((sum, [name, record]) => sum + sizeOf(name, record.value), 0);
  return bytes + sizeOf(key, value) > CACHE.totalBytes ? 'CacheSizeExceeded' : undefined;
}

function sizeOf(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}
