/** A recheck after the person's own token has expired: what the consumer may say in its place. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  CONSUMER_TOKEN,
  claimIn,
  EMAIL,
  EXPIRED,
  emailOf,
  endpointsOf,
  IDENTITY,
  LAST_KNOWN,
  lacking,
  membershipOf,
  NOW,
  OTHER,
  PERSON,
  type RunOptions,
  run,
  type Script,
  USER_ID,
  WORKSPACES,
} from '#test/support/action-run.ts';

const HOURS = 60;

describe('when the stored sign-in has expired at a recheck', () => {
  const refreshLater = async (options: RunOptions) => {
    const login = await run({ ...options, script: {} });
    return run({
      ...options,
      isRefresh: true,
      user: afterwards(login, 3 * HOURS),
      script: { ...EXPIRED, ...options.script },
    });
  };

  test('without the consumer the person has to sign in again', async () => {
    const { code, calls } = await refreshLater({});
    expect(code).toBe('bitbucket_login_required');
    expect(calls.map((call) => call.endpoint)).not.toContain('bitbucket consumer token');
  });

  test.each([EMAIL, WORKSPACES])('with the consumer it is asked instead: $name', async (spec) => {
    const refresh = await refreshLater({ spec, secrets: CONSUMER });
    expect(refresh.code).toBeUndefined();
    expect(endpointsOf(refresh).slice(-2)).toEqual([
      'bitbucket consumer token',
      'bitbucket member',
    ]);
    expect(refresh.calls.at(-1)?.path).toBe(
      `/2.0/workspaces/acme/members/${encodeURIComponent(PERSON)}`,
    );
    expect(refresh.log.source).toBe('consumer');
    expect(refresh.appMetadata.bitbucket).toMatchObject({
      email_verified: true,
      checked_at: new Date(NOW).toISOString(),
    });
  });

  test.each([
    ['a 401 cannot tell', 401, 'bitbucket_login_required'],
    ['a 403 cannot tell', 403, 'bitbucket_login_required'],
    ['a 403 for a scope cannot tell', lacking('account'), 'bitbucket_login_required'],
    ['a 429 is an outage', 429, 'bitbucket_unavailable'],
    ['a 500 is an outage', 500, 'bitbucket_unavailable'],
    ['silence is an outage', 'timed_out', 'bitbucket_unavailable'],
    ['a 404 of a proxy is an outage', { status: 404, text: '<html>' }, 'bitbucket_unavailable'],
    [
      'an answer about another workspace is an outage',
      membershipOf(OTHER),
      'bitbucket_unavailable',
    ],
    [
      'an answer about another person is an outage',
      membershipOf(ACME, 'owner', OTHER.uuid),
      'bitbucket_unavailable',
    ],
  ])('%s', async (_, answer, code) => {
    for (const spec of [EMAIL, WORKSPACES]) {
      const refresh = await refreshLater({
        spec,
        secrets: CONSUMER,
        script: { 'bitbucket member': answer },
      });
      expect([spec.name, refresh.code]).toEqual([spec.name, code]);
    }
  });

  test.each<[string, Script[string], string]>([
    ['it can see', { type: 'workspace', ...ACME }, 'bitbucket_workspace_required'],
    ['it cannot see', 404, 'bitbucket_login_required'],
    ['it may not see', 403, 'bitbucket_login_required'],
    ['nobody tells of', 500, 'bitbucket_unavailable'],
    ['is another one', { type: 'workspace', ...OTHER }, 'bitbucket_unavailable'],
  ])('a 404 about a member of a workspace that %s', async (_, workspace, code) => {
    const refresh = await refreshLater({
      secrets: CONSUMER,
      script: { 'bitbucket member': 404, 'bitbucket workspace': workspace },
    });
    expect(refresh.code).toBe(code);
  });

  test.each([400, 401, 403])('its own bad key (%d) is named in the log', async (status) => {
    for (const spec of [EMAIL, WORKSPACES]) {
      const refresh = await refreshLater({
        spec,
        secrets: CONSUMER,
        script: { 'bitbucket consumer token': status },
      });
      expect([spec.name, refresh.log.code, refresh.log.cause]).toEqual([
        spec.name,
        'bitbucket_login_required',
        `bitbucket consumer token: ${status}, BITBUCKET_KEY and BITBUCKET_SECRET are refused`,
      ]);
    }
  });

  test.each([429, 500, 503, 'timed_out'])('its token’s %s is an outage', async (answer) => {
    const script = { 'bitbucket consumer token': answer };
    for (const spec of [EMAIL, WORKSPACES]) {
      const denied = await refreshLater({ spec, secrets: CONSUMER, script });
      expect([spec.name, denied.code]).toEqual([spec.name, 'bitbucket_unavailable']);
      const secrets = { ...CONSUMER, ...LAST_KNOWN };
      const known = await refreshLater({ spec, secrets, script });
      expect([spec.name, known.code, known.log.source]).toEqual([
        spec.name,
        undefined,
        'last_known',
      ]);
    }
  });

  test('any workspace will do: one that the person was in is proved', async () => {
    const secrets = { ...CONSUMER, ALLOWED_WORKSPACES: '*' };
    const refresh = await refreshLater({ secrets });
    expect([refresh.code, refresh.log.source]).toEqual([undefined, 'consumer']);
    expect(claimIn(refresh, 'workspaces')).toEqual([ACME]);
  });

  test('the consumer proves member and no more', async () => {
    const owner = membershipOf(ACME, 'owner');
    const secrets = { ...CONSUMER, ALLOWED_WORKSPACES: 'acme:owner' };
    const login = await run({ secrets, script: { 'bitbucket permission': owner } });
    const refresh = await run({
      secrets,
      isRefresh: true,
      user: afterwards(login, 3 * HOURS),
      script: { ...EXPIRED, 'bitbucket member': owner },
    });
    expect(login.code).toBeUndefined();
    expect(refresh.code).toBe('bitbucket_login_required');
  });

  test('a member is let in by the rule for members beside one for owners', async () => {
    const refresh = await refreshLater({
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme:owner,acme' },
    });
    expect(refresh.code).toBeUndefined();
    expect(claimIn(refresh, 'groups')).toEqual(['acme']);
    expect(claimIn(refresh, 'workspaces')).toEqual([ACME]);
  });

  test('an interactive login is not answered for by the consumer', async () => {
    const { code } = await run({ secrets: CONSUMER, script: EXPIRED });
    expect(code).toBe('bitbucket_login_required');
  });

  test.each<[string, RunOptions]>([
    ['an interactive login', { script: EXPIRED }],
    ['an outage on a refresh', { isRefresh: true, script: { 'bitbucket user': 500 } }],
    [
      'a mistake on a refresh',
      { isRefresh: true, script: { 'bitbucket user': lacking('account') } },
    ],
    ['a refresh that works', { isRefresh: true }],
    ['a refresh of somebody unknown', { isRefresh: true, user: {}, script: EXPIRED }],
  ])('the consumer is not asked at %s', async (_, options) => {
    const login = await run();
    const user = afterwards(login, 3 * HOURS);
    const result = await run({ secrets: CONSUMER, user, ...options });
    expect(endpointsOf(result)).not.toContain('bitbucket consumer token');
    expect(result.log.source).toBe('live');
  });

  test('a workspace that was added to the list makes nobody sign in again', async () => {
    for (const spec of [EMAIL, WORKSPACES]) {
      const login = await run({ spec });
      const refresh = await run({
        spec,
        isRefresh: true,
        secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'other,acme' },
        user: afterwards(login, 3 * HOURS),
        script: { ...EXPIRED },
      });
      expect([spec.name, refresh.code, refresh.log.source]).toEqual([
        spec.name,
        undefined,
        'consumer',
      ]);
      // What is known is asked first, and does: its limit is everybody's.
      expect(endpointsOf(refresh).filter((name) => name === 'bitbucket member')).toHaveLength(1);
    }
  });

  test('one whose membership is new to us is proved too', async () => {
    const login = await run();
    const refresh = await run({
      isRefresh: true,
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'other' },
      user: afterwards(login, 3 * HOURS),
      script: { ...EXPIRED, 'bitbucket member': membershipOf(OTHER) },
    });
    expect([refresh.code, claimIn(refresh, 'groups')]).toEqual([undefined, ['other']]);
  });

  test('an owner stays known as one, with that look’s age, and is claimed as nothing', async () => {
    const login = await run({ script: { 'bitbucket permission': membershipOf(ACME, 'owner') } });
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 3 * HOURS),
      script: EXPIRED,
    });
    expect(claimIn(refresh, 'groups')).toEqual(['acme']);
    expect(refresh.appMetadata.bitbucket_look).toMatchObject({
      at: '2026-11-24T12:00:00.000Z',
      workspaces: [{ ...ACME, permission: { name: 'owner', at: '2026-11-24T09:00:00.000Z' } }],
    });
  });

  test('the address is no longer known after 30 days: only the person can renew it', async () => {
    const login = await run({ spec: EMAIL });
    const later = (days: number) =>
      run({
        spec: EMAIL,
        isRefresh: true,
        secrets: CONSUMER,
        user: afterwards(login, days * 24 * HOURS),
        script: EXPIRED,
      });
    expect((await later(29)).code).toBeUndefined();
    expect((await later(30)).code).toBe('bitbucket_login_required');
  });

  test('its token is kept, sealed, and renewed once when it is refused', async () => {
    const cache = new Map<string, string>();
    const first = await refreshLater({ secrets: CONSUMER, cache });
    expect(endpointsOf(first)).toContain('bitbucket consumer token');
    for (const value of cache.values()) {
      expect(value).not.toContain(CONSUMER_TOKEN);
      expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain(CONSUMER_TOKEN);
    }
    const second = await refreshLater({ secrets: CONSUMER, cache });
    expect(endpointsOf(second)).not.toContain('bitbucket consumer token');
    expect(second.code).toBeUndefined();
    const refused = await refreshLater({
      secrets: CONSUMER,
      cache,
      script: { 'bitbucket member': [401, membershipOf(ACME)] },
    });
    expect(refused.code).toBeUndefined();
    expect(endpointsOf(refused).slice(-3)).toEqual([
      ...['bitbucket member', 'bitbucket consumer token', 'bitbucket member'],
    ]);
    const again = await refreshLater({
      secrets: CONSUMER,
      cache,
      script: { 'bitbucket member': 401 },
    });
    expect(again.code).toBe('bitbucket_login_required');
    expect(endpointsOf(again).filter((name) => name === 'bitbucket consumer token')).toHaveLength(
      1,
    );
  });

  test('another key does not take the cached token', async () => {
    const cache = new Map<string, string>();
    await refreshLater({ secrets: CONSUMER, cache });
    const secrets = { ...CONSUMER, BITBUCKET_KEY: 'another' };
    expect(endpointsOf(await refreshLater({ secrets, cache }))).toContain(
      'bitbucket consumer token',
    );
  });

  test('what the person’s token still answered is known, beside what the consumer proves', async () => {
    const login = await run({ spec: EMAIL });
    const refresh = await run({
      spec: EMAIL,
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 3 * HOURS),
      script: {
        'bitbucket user': 401,
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
      },
    });
    expect(refresh.code).toBe('bitbucket_email_unverified');
    expect(refresh.appMetadata.bitbucket).toMatchObject({ email_verified: false });
  });

  test('the stored refresh token is never sent', async () => {
    const refresh = await refreshLater({
      secrets: CONSUMER,
      script: {
        'management user': {
          user_id: USER_ID,
          identities: [{ ...IDENTITY, access_token: 'expired', refresh_token: 'rotating' }],
        },
      },
    });
    expect(JSON.stringify(refresh.calls)).not.toContain('rotating');
  });
});
