/** `api.cache`, on a copy that the worker was given; its changes go back with the result. */
import { type CacheErrorCode, putRecord, readExpiry } from './cache-limits.ts';
import type { CacheRecord, CacheUse } from './protocol.ts';

type CacheWriteResult =
  | { readonly type: 'success'; readonly record?: CacheRecord }
  | { readonly type: 'error'; readonly code: CacheErrorCode };

/** Is told of every use. */
export type TellCacheUse = (did: CacheUse['did'], key: unknown) => void;

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
  tell: TellCacheUse,
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
      get: (key) => {
        const record = find(key);
        tell(record === undefined ? 'miss' : 'hit', key);
        return record;
      },
      set: (key, value, options = {}) => {
        const expiry = readExpiry(options, now());
        const record = { value, expires_at: Number(expiry) };
        const code = typeof expiry === 'string' ? expiry : putRecord(records, key, record, now());
        tell(code === undefined ? 'set' : 'refused', key);
        if (code !== undefined) return { type: 'error', code };
        changes.set(key, record);
        return { type: 'success', record };
      },
      delete: (key) => {
        if (find(key) === undefined) return { type: 'error', code: 'CacheKeyDoesNotExist' };
        tell('delete', key);
        records.delete(key);
        changes.set(key, null);
        return { type: 'success' };
      },
    },
  };
}
