/** What a token tells of what it may do. */
import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { assertScopes, readScopes } from '#scripts/lib/tenant/deployer-scopes.ts';

const tokenWith = (claims: Record<string, unknown>) => new UnsecuredJWT(claims).encode();

describe('a token', () => {
  test('that has every scope will do', () => {
    expect(assertScopes(tokenWith({ scope: 'read:a read:b' }), ['read:b', 'read:a'])).toBe(true);
  });

  test('that lacks some is refused, with each of them', () => {
    expect(() => assertScopes(tokenWith({ scope: 'read:a' }), ['read:a', 'b', 'c'])).toThrow(
      'lacks the scopes b, c; nothing was changed',
    );
  });

  test('with no scope at all lacks all', () => {
    expect(readScopes(tokenWith({ scope: '' }))).toEqual([]);
  });

  test.each([
    ['is opaque', 'opaque'],
    ['is empty', ''],
    ['has no scope claim', tokenWith({ sub: 'x' })],
  ])('that %s does not tell, which is not none', (_, token) => {
    expect(assertScopes(token, ['read:a'])).toBe(false);
  });
});
