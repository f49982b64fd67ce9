/** `api.cache` of one tenant: shared by all flows, refusing what docs/auth0.md says it refuses. */
import type { PostLoginApi } from '#actions/lib/auth0/post-login.ts';
import type { Clock } from './clock.ts';

const MAX_ENTRIES = 20;
const MAX_KEY_BYTES = 64;
const MAX_VALUE_BYTES = 4_096;
const MAX_BYTES = 8_192;
const MAX_AGE_MS = 86_400_000;
const USUAL_AGE_MS = 900_000;

export interface FakeCache extends Readonly<PostLoginApi['cache']> {
  clear(): void;
  values(): string[];
}

export function createCache(clock: Clock): FakeCache {
  const entries = new Map<string, { value: string; expires_at: number }>();
  const size = () =>
    [...entries].reduce((sum, [key, { value }]) => sum + key.length + value.length, 0);
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined && entry.expires_at > clock.now) return { ...entry };
      entries.delete(key);
      return undefined;
    },
    set: (key, value, options) => {
      if (typeof value !== 'string') return { type: 'error', code: 'InvalidValue' };
      const isTooLarge =
        Buffer.byteLength(key) > MAX_KEY_BYTES || Buffer.byteLength(value) > MAX_VALUE_BYTES;
      const isFull = !entries.has(key) && entries.size >= MAX_ENTRIES;
      if (isTooLarge || isFull || size() + key.length + value.length > MAX_BYTES) {
        return { type: 'error', code: 'CacheSizeExceeded' };
      }
      const wanted = options?.expires_at ?? clock.now + (options?.ttl ?? USUAL_AGE_MS);
      entries.set(key, { value, expires_at: Math.min(wanted, clock.now + MAX_AGE_MS) });
      return { type: 'success', record: { value, expires_at: wanted } };
    },
    delete: (key) => {
      entries.delete(key);
      return { type: 'success' };
    },
    clear: () => entries.clear(),
    values: () => [...entries.values()].map(({ value }) => value),
  };
}
