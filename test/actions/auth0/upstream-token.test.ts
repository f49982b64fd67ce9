/** Reading the Bitbucket token of one identity out of a user of the Management API. */
import { describe, expect, test } from 'vitest';
import { parseUpstreamToken } from '#actions/lib/auth0/upstream-token.ts';
import { TroubleError } from '#actions/lib/trouble.ts';
import { IDENTITY, USER_ID, USER_TOKEN } from '#test/support/action-run.ts';

const SUBJECT = { userId: USER_ID, connection: 'bitbucket', account: '470c' };
const OURS = { ...IDENTITY, access_token: USER_TOKEN, refresh_token: 'rotating' };
const userWith = (...identities: readonly unknown[]) => ({
  status: 200,
  text: JSON.stringify({ user_id: USER_ID, identities }),
});
const troubleOf = (...args: Parameters<typeof parseUpstreamToken>) => {
  try {
    return parseUpstreamToken(...args);
  } catch (error) {
    if (error instanceof TroubleError) return [error.kind, error.message];
    throw error;
  }
};

test('the token of the identity of this connection is taken', () => {
  const other = { ...OURS, connection: 'github', access_token: 'x' };
  expect(parseUpstreamToken(userWith(other, OURS), SUBJECT)).toBe(USER_TOKEN);
});

test('an identity is compared as text, and not where the event shows none', () => {
  expect(
    parseUpstreamToken(userWith({ ...OURS, user_id: 470 }), { ...SUBJECT, account: '470' }),
  ).toBe(USER_TOKEN);
  expect(parseUpstreamToken(userWith(OURS), { ...SUBJECT, account: undefined })).toBe(USER_TOKEN);
});

describe('there is no token', () => {
  const unreadable = ['outage', 'management user: unreadable'];
  const none = 'no token in the identity: read:user_idp_tokens, or Token Vault is on';
  test.each<[string, { status: number; text: string }, readonly string[]]>([
    [
      'of a user who is not there yet',
      { status: 404, text: '' },
      ['outage', 'management user: 404'],
    ],
    ['with 400', { status: 400, text: '' }, ['misconfigured', 'management user: 400']],
    ['with 403', { status: 403, text: '' }, ['misconfigured', 'management user: 403']],
    ['with 408', { status: 408, text: '' }, ['outage', 'management user: 408']],
    ['with 429', { status: 429, text: '' }, ['outage', 'management user: 429']],
    ['with 302', { status: 302, text: '' }, ['outage', 'management user: 302']],
    ['with 500', { status: 500, text: '' }, ['outage', 'management user: 500']],
    ['in HTML', { status: 200, text: '<html>' }, unreadable],
    [
      'of another user',
      { status: 200, text: JSON.stringify({ user_id: 'x', identities: [OURS] }) },
      unreadable,
    ],
    ['without identities', { status: 200, text: JSON.stringify({ user_id: USER_ID }) }, unreadable],
    ['of no connection', userWith(), ['misconfigured', 'no identity of this connection']],
    ['of nobody', userWith(null, 1, 'x'), ['misconfigured', 'no identity of this connection']],
    [
      'of two',
      userWith(OURS, { ...OURS, user_id: 'y' }),
      ['misconfigured', 'two identities of this connection are linked'],
    ],
    [
      'of another identity than in the login',
      userWith({ ...OURS, user_id: 'y' }),
      ['outage', 'management user: another identity than in the login'],
    ],
    ['that may be read', userWith(IDENTITY), ['misconfigured', none]],
    ['that is one', userWith({ ...OURS, access_token: '' }), ['misconfigured', none]],
    ['that is text', userWith({ ...OURS, access_token: ['x'] }), ['misconfigured', none]],
  ])('%s', (_, reply, trouble) => {
    expect(troubleOf(reply, SUBJECT)).toEqual(trouble);
  });
});
