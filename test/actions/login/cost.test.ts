/** Which calls a login makes, and the tokens that are kept between logins. */
import { describe, expect, test } from 'vitest';
import { endpointsOf, MANAGEMENT_TOKEN, run, SCRIPT } from '#test/support/action-run.ts';

describe('cost', () => {
  test('with nothing cached: the Management token, the user, then everything at once', async () => {
    const result = await run();
    expect(endpointsOf(result)).toEqual([
      'management token',
      'management user',
      'bitbucket user',
      'bitbucket emails',
      'bitbucket permission',
    ]);
  });

  test('with the Management token cached: the user, then everything at once', async () => {
    const first = await run();
    const second = await run({ cache: first.cache });
    expect(endpointsOf(second)[0]).toBe('management user');
  });

  test('a cached Management token that is refused is renewed once', async () => {
    const first = await run();
    const script = { 'management user': [401, SCRIPT['management user']] };
    const second = await run({ cache: first.cache, script });
    expect(second.code).toBeUndefined();
    expect(endpointsOf(second).slice(0, 3)).toEqual([
      'management user',
      'management token',
      'management user',
    ]);
  });

  test.each([
    ['is too long to cache', { access_token: 'x'.repeat(5_000), expires_in: 86_400 }],
    ['is about to end', { access_token: 'short-lived', expires_in: 60 }],
    ['does not say when it ends', { access_token: 'timeless' }],
  ])('a Management token that %s is used and not cached', async (_, token) => {
    const result = await run({ script: { 'management token': token } });
    expect(result.code).toBeUndefined();
    expect(result.cache.size).toBe(0);
  });

  test.each([
    [86_400, 86_340_000],
    [10 * 86_400, 86_400_000],
    [3_600, 3_540_000],
    [61.5, 1_000],
  ])('a Management token that is good for %d s is cached for %d ms', async (expires_in, ttl) => {
    const kept: unknown[] = [];
    const cache = {
      get: () => undefined,
      set: (...args: unknown[]) => kept.push(args.slice(1)),
      delete: () => {},
    };
    const token = 't'.repeat(3_000);
    const script = { 'management token': { access_token: token, expires_in } };
    expect((await run({ script, api: { cache } })).code).toBeUndefined();
    expect(kept).toEqual([[expect.stringMatching(/^[\w-]{4038}$/), { ttl }]]);
  });

  test('a Management token that Auth0 would not keep is not offered to it', async () => {
    const kept: unknown[] = [];
    const cache = { get: () => undefined, set: () => kept.push(1), delete: () => {} };
    const script = { 'management token': { access_token: 't'.repeat(3_045), expires_in: 86_400 } };
    expect((await run({ script, api: { cache } })).code).toBeUndefined();
    expect(kept).toEqual([]);
  });

  test('a Management token that is refused is taken out of the cache', async () => {
    const first = await run();
    const script = { 'management user': 401, 'management token': 503 };
    const second = await run({ cache: first.cache, script });
    expect(second.code).toBe('bitbucket_unavailable');
    expect(second.cache.size).toBe(0);
  });

  test('a cached Management token that may not read tokens is not kept for a day', async () => {
    const first = await run();
    const second = await run({ cache: first.cache, script: { 'management user': 403 } });
    expect(second.code).toBe('bitbucket_misconfigured');
    expect(endpointsOf(second)).toEqual(['management user']);
    expect(second.cache.size).toBe(0);
  });

  test('a cached Management token that meets an outage is not renewed', async () => {
    const first = await run();
    const second = await run({ cache: first.cache, script: { 'management user': 500 } });
    expect(endpointsOf(second)).toEqual(['management user']);
  });

  test('a cached token is sealed: the cache holds nothing of it in clear', async () => {
    const { cache } = await run();
    expect(cache.size).toBe(1);
    for (const [key, value] of cache) {
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(64);
      expect(key).not.toContain('machine-client-id');
      for (const text of [value, Buffer.from(value, 'base64url').toString('latin1')]) {
        expect(text).not.toContain(MANAGEMENT_TOKEN);
      }
    }
  });

  test.each<[string, (value: string) => string, Readonly<Record<string, string>>]>([
    ['in clear', () => MANAGEMENT_TOKEN, {}],
    ['that was changed', (value) => `A${value.slice(1)}B`, {}],
    ['of another secret', (value) => value, { MANAGEMENT_CLIENT_SECRET: 'another' }],
  ])('a cached token %s is not used', async (_, change, secrets) => {
    const { cache } = await run();
    const changed = new Map([...cache].map(([key, value]) => [key, change(value)]));
    const second = await run({ cache: changed, secrets });
    expect(second.code).toBeUndefined();
    expect(endpointsOf(second)[0]).toBe('management token');
  });

  test('a cached token is not taken for another kind of token', async () => {
    const { cache } = await run();
    const [[key, value] = ['', '']] = [...cache];
    const moved = new Map([[key.replace('management', 'consumer'), value]]);
    expect(endpointsOf(await run({ cache: moved }))[0]).toBe('management token');
  });

  test('a cache that fails is a miss', async () => {
    const broken = () => {
      throw new Error('cache');
    };
    const result = await run({ api: { cache: { get: broken, set: broken, delete: broken } } });
    expect(result.code).toBeUndefined();
  });

  test('another tenant or application does not take the cached token', async () => {
    const first = await run();
    const second = await run({
      cache: first.cache,
      secrets: { MANAGEMENT_CLIENT_ID: 'another' },
    });
    expect(endpointsOf(second)[0]).toBe('management token');
  });
});
