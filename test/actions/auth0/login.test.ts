/** What kind of login an event tells of, and whose. */
import { describe, expect, test } from 'vitest';
import { readLogin } from '#actions/lib/auth0/login.ts';
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { ADDRESS, IDENTITY, NOW, sinceSignIn, USER_ID } from '#test/support/action-run.ts';

const EVENT: PostLoginEvent = {
  connection: { name: 'bitbucket', strategy: 'bitbucket' },
  client: { client_id: 'app' },
  user: { user_id: USER_ID, email: ADDRESS, identities: [IDENTITY] },
  transaction: { protocol: 'oidc-basic-profile' },
  secrets: {},
};
const loginOf = (change: object = {}) => readLogin({ ...EVENT, ...change } as PostLoginEvent, NOW);
const userWith = (...identities: readonly unknown[]) => ({ user: { ...EVENT.user, identities } });
const google = { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '1' };

describe('a login', () => {
  test('is read from the event', () => {
    expect(loginOf()).toEqual({
      userId: USER_ID,
      connection: 'bitbucket',
      accounts: ['470c'],
      address: ADDRESS,
      isAddressOfAnother: false,
      isSignIn: true,
      clientId: 'app',
    });
  });

  const without = { connection: undefined };
  test.each<[string, object, string | undefined]>([
    [
      'of a Bitbucket connection of another name',
      { connection: { name: 'bb', strategy: 'bitbucket' } },
      'bb',
    ],
    ['of another strategy', { connection: { name: 'bitbucket', strategy: 'github' } }, undefined],
    ['of no connection, by an only identity', without, 'bitbucket'],
    ['of null for a connection', { connection: null }, 'bitbucket'],
    [
      'of no connection, by a first identity',
      { ...without, ...userWith({ ...IDENTITY, connection: 'bb' }, google) },
      'bb',
    ],
    [
      'of no connection, where another one is first',
      { ...without, ...userWith(google, IDENTITY) },
      undefined,
    ],
    ['of no connection and no identity', { ...without, ...userWith() }, undefined],
    [
      'of no connection, with identities that are none',
      { ...without, user: { ...EVENT.user, identities: 'x' } },
      undefined,
    ],
  ])('%s is one of the connection %o', (_, change, connection) => {
    expect(loginOf(change)?.connection).toBe(connection);
  });

  test.each<[string, object, readonly string[], boolean]>([
    ['the only one', {}, ['470c'], false],
    ['the first of two', userWith(IDENTITY, google), ['470c'], false],
    ['the second of two', userWith(google, IDENTITY), ['470c'], true],
    [
      'two of the connection',
      userWith(IDENTITY, { ...IDENTITY, user_id: 9 }),
      ['470c', '9'],
      false,
    ],
    [
      'of another connection of the same provider',
      userWith({ ...IDENTITY, connection: 'bb' }),
      [],
      true,
    ],
    ['none', userWith(), [], false],
  ])('has the accounts of its connection: %s', (_, change, accounts, isAddressOfAnother) => {
    expect(loginOf(change)).toMatchObject({ accounts, isAddressOfAnother });
  });
});

describe('somebody was at Bitbucket just now', () => {
  const at = (timestamp: unknown, name = 'federated') => ({
    authentication: { methods: [{ name, timestamp }] },
  });
  test.each<[string, object, boolean]>([
    ['without any word of it', {}, true],
    ['without methods', { authentication: {} }, true],
    ['with no methods', { authentication: { methods: [] } }, true],
    ['with another method alone', at(new Date(NOW - 3_600_000).toISOString(), 'mfa'), true],
    ['now', sinceSignIn(0), true],
    ['5 minutes ago', sinceSignIn(5), true],
    ['5 minutes and a moment ago', sinceSignIn(5.001), false],
    ['an hour ago', sinceSignIn(60), false],
    ['in a minute, by another clock', sinceSignIn(-1), true],
    ['at no time that can be read', at('yesterday'), true],
    ['at no time', at(undefined), true],
    ['in a refresh token exchange', { transaction: { protocol: 'oauth2-refresh-token' } }, false],
    [
      'in a refresh token exchange right after a sign-in',
      { ...sinceSignIn(0), transaction: { protocol: 'oauth2-refresh-token' } },
      false,
    ],
    ['in a login without a transaction', { transaction: undefined }, true],
  ])('%s: %o', (_, change, isSignIn) => {
    expect(loginOf(change)?.isSignIn).toBe(isSignIn);
  });

  test('by the latest of several sign-ins', () => {
    const methods = [60, 1].map((minutes) => sinceSignIn(minutes).authentication.methods[0]);
    expect(loginOf({ authentication: { methods } })?.isSignIn).toBe(true);
  });
});
