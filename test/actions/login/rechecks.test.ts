/** Logins in which nobody was at Bitbucket just now: refresh token exchanges, single sign-on. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  afterwards,
  claimIn,
  EMAIL,
  LAST_KNOWN,
  membershipOf,
  NOW,
  OTHER,
  PERSON,
  run,
  sinceSignIn,
  WORKSPACES,
} from '#test/support/action-run.ts';

const HOURS = 60;

describe('a refresh token exchange', () => {
  test.each([EMAIL, WORKSPACES])('within the time needs no call: $name', async (spec) => {
    const login = await run({ spec });
    const refresh = await run({ spec, isRefresh: true, user: afterwards(login, 59) });
    expect(refresh.calls).toEqual([]);
    expect(refresh.idToken).toEqual(login.idToken);
    expect(refresh.log.source).toBe('facts');
    expect(refresh.writes).not.toContain('app_metadata bitbucket');
  });

  test.each([
    ['after the time', 60, {}],
    ['when the facts are from the future', -2, {}],
    ['when no fact is young enough', 1, { RECHECK_AFTER_MINUTES: '0' }],
    ['for another workspace', 1, { ALLOWED_WORKSPACES: 'other,third' }],
    ['for a permission that is not there', 1, { ALLOWED_WORKSPACES: 'acme:owner' }],
  ])('%s looks again', async (_, ageMinutes, secrets) => {
    const login = await run();
    const refresh = await run({ isRefresh: true, user: afterwards(login, ageMinutes), secrets });
    expect(refresh.calls.length).toBeGreaterThan(0);
    expect(refresh.log.source).toBe('live');
    expect(refresh.appMetadata.bitbucket).toMatchObject({
      checked_at: new Date(NOW).toISOString(),
    });
  });

  test('for one workspace more needs no call: facts that let in decide', async () => {
    const login = await run();
    const secrets = { ALLOWED_WORKSPACES: 'other,acme' };
    const refresh = await run({ isRefresh: true, user: afterwards(login, 1), secrets });
    expect([
      refresh.code,
      refresh.calls,
      refresh.writes.includes('app_metadata bitbucket'),
    ]).toEqual([undefined, [], false]);
  });

  test('at the very moment of the look needs no call', async () => {
    const login = await run();
    const refresh = await run({ isRefresh: true, user: afterwards(login, 0) });
    expect(refresh.calls).toEqual([]);
  });

  test('for another address looks again', async () => {
    const login = await run({ spec: EMAIL });
    const user = { ...afterwards(login, 1), email: 'new@example.com' };
    const refresh = await run({ spec: EMAIL, isRefresh: true, user });
    expect(refresh.code).toBe('bitbucket_email_unverified');
  });

  test('an interactive login always looks, whatever the snapshot', async () => {
    const login = await run();
    const again = await run({ user: afterwards(login, 1) });
    expect(again.calls.length).toBeGreaterThan(0);
  });

  test('before a refusal it is looked again: somebody who was just added gets in', async () => {
    const refused = await run({ script: { 'bitbucket permission': 403 } });
    const user = afterwards(refused, 1);
    const still = await run({ isRefresh: true, user, script: { 'bitbucket permission': 403 } });
    expect(still.code).toBe('bitbucket_workspace_required');
    expect(still.log.source).toBe('live');
    expect((await run({ isRefresh: true, user })).code).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['is missing', undefined],
    ['is null', null],
    ['is of the first version', { about: 'x', who: 'y', email_is_primary: true }],
  ])('a summary whose look %s is not believed', async (_, bitbucket_look) => {
    const bitbucket = {
      uuid: PERSON,
      email_verified: true,
      workspaces: [{ ...ACME, permission: 'member' }],
      checked_at: new Date(NOW - 1_000).toISOString(),
    };
    const app_metadata = { bitbucket, bitbucket_look };
    const refresh = await run({ isRefresh: true, user: { app_metadata } });
    expect(refresh.log.source).toBe('live');
    const outage = { script: { 'management user': 500 }, secrets: LAST_KNOWN };
    const during = await run({ ...outage, isRefresh: true, user: { app_metadata } });
    expect(during.code).toBe('bitbucket_unavailable');
  });

  test('what is known of more workspaces tells only those of the list', async () => {
    const login = await run({
      secrets: { ALLOWED_WORKSPACES: 'acme,other' },
      script: { 'bitbucket permission': [membershipOf(ACME, 'owner'), membershipOf(OTHER)] },
    });
    const refresh = await run({ isRefresh: true, user: afterwards(login, 1) });
    expect(refresh.calls).toEqual([]);
    expect(claimIn(refresh, 'groups')).toEqual(['acme', 'acme:owner']);
  });

  test.each([
    [29, undefined, 0],
    [30, undefined, 5],
  ])('the address stands for 30 days: after %d', async (days, code, calls) => {
    const login = await run({ spec: EMAIL });
    const user = afterwards(login, days * 24 * HOURS);
    const secrets = { RECHECK_AFTER_MINUTES: '525600' };
    const refresh = await run({ spec: EMAIL, isRefresh: true, user, secrets });
    expect([refresh.code, refresh.calls.length]).toEqual([code, calls]);
  });
});

describe('a login in which nobody was at Bitbucket', () => {
  test.each([
    ['single sign-on', sinceSignIn(30)],
    ['6 minutes after the sign-in', sinceSignIn(6)],
  ])('(%s) minutes after a look: no call and no write', async (_, event) => {
    const login = await run();
    const again = await run({ event, user: afterwards(login, 30) });
    expect([again.code, again.calls, again.log.source]).toEqual([undefined, [], 'facts']);
    expect(again.idToken).toEqual(login.idToken);
    expect(again.writes.filter((write) => write.startsWith('app_metadata'))).toEqual([]);
  });

  test.each([
    ['5 minutes after the sign-in', sinceSignIn(5)],
    ['methods that say nothing of Bitbucket', { authentication: { methods: [{ name: 'mfa' }] } }],
    ['no methods', { authentication: {} }],
    ['nothing', {}],
  ])('is not meant where the event says %s: that is a sign-in', async (_, event) => {
    const login = await run();
    expect((await run({ event, user: afterwards(login, 1) })).log.source).toBe('live');
  });

  test('a refresh token exchange is never a sign-in', async () => {
    const login = await run();
    const event = {
      transaction: { protocol: 'oauth2-refresh-token' },
      authentication: sinceSignIn(0).authentication,
    };
    expect((await run({ event, user: afterwards(login, 1) })).calls).toEqual([]);
  });

  test('two hours later it is looked again', async () => {
    const login = await run();
    const again = await run({ event: sinceSignIn(120), user: afterwards(login, 120) });
    expect([again.code, again.log.source]).toEqual([undefined, 'live']);
  });
});
