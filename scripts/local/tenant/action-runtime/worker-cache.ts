/** `api.cache`, on a copy that the worker was given; its changes go back with the result. */
import { type CacheErrorCode, putRecord, readExpiry } from './cache-limits.ts';
import type { CacheRecord } from './protocol.ts';

type CacheWriteResult =
  | { readonly type: 'success'; readonly record?: CacheRecord }
  | { readonly type: 'error'; readonly code: CacheErrorCode };

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
        const expiry = readExpiry(options, now());
        if (typeof expiry === 'string') return { type: 'error', code: expiry };
        const record = { value, expires_at: expiry };
        const code = putRecord(records, key, record, now());
        if (code !== undefined) return { type: 'error', code };
        changes.set(key, record);
        return { type: 'success', record };
      },
      delete: (key) => {
        if (find(key) === undefined) return { type: 'error', code: 'CacheKeyDoesNotExist' };
        records.delete(key);
        changes.set(key, null);
        return { type: 'success' };
      },
    },
  };
}
