/** What is sealed can be read and made by nobody else; tokens are kept that way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { open, seal } from '#actions/lib/seal.ts';
import { createTokenCache, type PlainCache } from '#actions/lib/token-cache.ts';

describe('a seal', () => {
  test('opens for the same secret and purpose, and for nothing else', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        fc.string(),
        (secret, purpose, text, other) => {
          const sealed = seal(secret, purpose, text);
          expect(open(secret, purpose, sealed)?.toString('utf8')).toBe(text);
          if (other !== purpose) expect(open(secret, other, sealed)).toBeUndefined();
          if (other !== secret) expect(open(other, purpose, sealed)).toBeUndefined();
        },
      ),
    );
  });

  test('opens nothing that was not sealed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(open('secret', 'purpose', text)).toBeUndefined();
      }),
    );
  });

  test('is another text each time', () => {
    expect(seal('secret', 'purpose', 'text')).not.toBe(seal('secret', 'purpose', 'text'));
  });
});

describe('the cache of tokens', () => {
  const createPlain = () => {
    const entries = new Map<string, string>();
    const cache: PlainCache = {
      get: (key) => (entries.has(key) ? { value: entries.get(key) } : undefined),
      set: (key, value) => entries.set(key, value),
      delete: (key) => entries.delete(key),
    };
    return { entries, cache };
  };

  test('gives a token back to its owner alone, until it is dropped', () => {
    const { cache } = createPlain();
    const tokens = createTokenCache(cache, 'secret');
    tokens.keep('kind', 'owner', 'token', 1_000);
    expect(tokens.read('kind', 'owner')).toBe('token');
    expect(tokens.read('kind', 'another')).toBeUndefined();
    expect(tokens.read('another', 'owner')).toBeUndefined();
    expect(createTokenCache(cache, 'another').read('kind', 'owner')).toBeUndefined();
    tokens.drop('kind', 'owner');
    expect(tokens.read('kind', 'owner')).toBeUndefined();
  });

  test('does not take an entry that was moved to another owner’s key', () => {
    const { cache, entries } = createPlain();
    const tokens = createTokenCache(cache, 'secret');
    tokens.keep('kind', 'owner', 'token', 1_000);
    tokens.keep('kind', 'another', 'other', 1_000);
    const [[one = '', value = ''] = [], [two = ''] = []] = [...entries];
    entries.set(two, value);
    expect([tokens.read('kind', 'owner'), tokens.read('kind', 'another'), one === two]).toEqual([
      'token',
      undefined,
      false,
    ]);
  });

  test.each([0, -1, -60_000])('keeps nothing for %d ms', (ttl) => {
    const { cache, entries } = createPlain();
    createTokenCache(cache, 'secret').keep('kind', 'owner', 'token', ttl);
    expect(entries.size).toBe(0);
  });

  test('that fails is a miss', () => {
    const broken = () => {
      throw new Error('cache');
    };
    const tokens = createTokenCache({ get: broken, set: broken, delete: broken }, 'secret');
    tokens.keep('kind', 'owner', 'token', 1_000);
    tokens.drop('kind', 'owner');
    expect(tokens.read('kind', 'owner')).toBeUndefined();
  });
});
