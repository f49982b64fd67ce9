/** Refresh token exchanges, outages, an application's own policy, and the time there is. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  EMAIL,
  emailOf,
  endpointsOf,
  membershipOf,
  NAMESPACE,
  NOW,
  OTHER,
  PERSON,
  type RunOptions,
  run,
  type Script,
  WORKSPACES,
} from '#test/support/action-run.ts';

const HOURS = 60;

describe('a refresh token exchange', () => {
  test.each([EMAIL, WORKSPACES])('within the time needs no call: $name', async (spec) => {
    const login = await run({ spec });
    const refresh = await run({ spec, isRefresh: true, user: afterwards(login, 59) });
    expect(refresh.calls).toEqual([]);
    expect(refresh.idToken).toEqual(login.idToken);
    expect(refresh.log.source).toBe('snapshot');
    expect(refresh.writes).not.toContain('app_metadata bitbucket');
  });

  test.each([
    ['after the time', 60, {}],
    ['when the snapshot is from the future', -1, {}],
    ['when no snapshot is young enough', 0, { RECHECK_AFTER_MINUTES: '0' }],
    ['for other workspaces', 1, { ALLOWED_WORKSPACES: 'acme,other' }],
  ])('%s looks again', async (_, ageMinutes, secrets) => {
    const login = await run();
    const refresh = await run({ isRefresh: true, user: afterwards(login, ageMinutes), secrets });
    expect(refresh.calls.length).toBeGreaterThan(0);
    expect(refresh.log.source).toBe('live');
    expect(refresh.appMetadata.bitbucket).toMatchObject({
      checked_at: new Date(NOW).toISOString(),
    });
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

  test('somebody who was refused is refused again without a call', async () => {
    const refused = await run({ script: { 'bitbucket permission': 403 } });
    const refresh = await run({ isRefresh: true, user: afterwards(refused, 1) });
    expect(refresh.code).toBe('bitbucket_workspace_required');
    expect(refresh.calls).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['satisfies the policy', { workspaces: [{ ...ACME, permission: 'member' }] }, true],
    ['is in no workspace', { workspaces: [] }, false],
    ['tells no permission', { workspaces: [ACME] }, false],
    ['has an address that is not confirmed', { email_verified: false }, false],
    ['cannot be read', { workspaces: 'acme' }, false],
    ['has no date', { checked_at: 'yesterday' }, false],
    ['has another kind of uuid', { uuid: 'erik' }, false],
  ])('a snapshot without its look that %s', async (_, change, answers) => {
    const bitbucket = {
      uuid: PERSON,
      email_verified: true,
      workspaces: [{ ...ACME, permission: 'member' }],
      checked_at: new Date(NOW - 1_000).toISOString(),
      ...change,
    };
    const refresh = await run({ isRefresh: true, user: { app_metadata: { bitbucket } } });
    expect(refresh.calls.length === 0).toBe(answers);
  });

  test('a snapshot of more workspaces tells only those of the list', async () => {
    const bitbucket = {
      uuid: PERSON,
      email_verified: true,
      workspaces: [ACME, OTHER].map((workspace) => ({ ...workspace, permission: 'owner' })),
      checked_at: new Date(NOW - 1_000).toISOString(),
    };
    const { idToken } = await run({ isRefresh: true, user: { app_metadata: { bitbucket } } });
    expect(idToken[`${NAMESPACE}/groups`]).toEqual(['acme', 'acme:owner']);
  });
});

describe('when the stored sign-in has expired on a refresh', () => {
  const refreshLater = async (options: RunOptions) => {
    const login = await run({ ...options, script: {} });
    return run({
      ...options,
      isRefresh: true,
      user: afterwards(login, 3 * HOURS),
      script: { 'bitbucket user': 401, ...options.script },
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
    ['a 404 is a no', 404, 'bitbucket_workspace_required'],
    ['a 401 cannot tell', 401, 'bitbucket_login_required'],
    ['a 403 cannot tell', 403, 'bitbucket_login_required'],
    ['a 500 cannot tell', 500, 'bitbucket_login_required'],
    [
      'an answer about another workspace cannot tell',
      membershipOf(OTHER),
      'bitbucket_login_required',
    ],
    [
      'an answer about another person cannot tell',
      membershipOf(ACME, 'owner', OTHER.uuid),
      'bitbucket_login_required',
    ],
  ])('%s', async (_, answer, code) => {
    const refresh = await refreshLater({
      secrets: CONSUMER,
      script: { 'bitbucket member': answer },
    });
    expect(refresh.code).toBe(code);
  });

  test.each([
    ['its key is refused', { script: { 'bitbucket consumer token': 400 } }],
    ['any workspace will do', { secrets: { ALLOWED_WORKSPACES: '*' } }],
  ])('the person has to sign in again when %s', async (_, options) => {
    const secrets = { ...CONSUMER, ...('secrets' in options ? options.secrets : {}) };
    expect((await refreshLater({ ...options, secrets })).code).toBe('bitbucket_login_required');
  });

  test('the consumer proves member and no more', async () => {
    const owner = membershipOf(ACME, 'owner');
    const secrets = { ...CONSUMER, ALLOWED_WORKSPACES: 'acme:owner' };
    const login = await run({ secrets, script: { 'bitbucket permission': owner } });
    const refresh = await run({
      secrets,
      isRefresh: true,
      user: afterwards(login, 3 * HOURS),
      script: { 'bitbucket user': 401, 'bitbucket member': owner },
    });
    expect(login.code).toBeUndefined();
    expect(refresh.code).toBe('bitbucket_login_required');
  });

  test('a member is let in by the rule for members beside one for owners', async () => {
    const refresh = await refreshLater({
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme:owner,acme' },
    });
    expect(refresh.code).toBeUndefined();
    expect(refresh.idToken[`${NAMESPACE}/groups`]).toEqual(['acme', 'acme:member']);
  });

  test('an interactive login is not answered for by the consumer', async () => {
    const { code } = await run({ secrets: CONSUMER, script: { 'bitbucket user': 401 } });
    expect(code).toBe('bitbucket_login_required');
  });

  test.each<[string, RunOptions]>([
    ['an interactive login', { script: { 'bitbucket user': 401 } }],
    ['an outage on a refresh', { isRefresh: true, script: { 'bitbucket user': 500 } }],
    ['a mistake on a refresh', { isRefresh: true, script: { 'bitbucket user': 403 } }],
    ['a refresh that works', { isRefresh: true }],
    [
      'a refresh of somebody unknown',
      { isRefresh: true, user: {}, script: { 'bitbucket user': 401 } },
    ],
  ])('the consumer is not asked at %s', async (_, options) => {
    const login = await run();
    const user = afterwards(login, 3 * HOURS);
    const result = await run({ secrets: CONSUMER, user, ...options });
    expect(endpointsOf(result)).not.toContain('bitbucket consumer token');
    expect(result.log.source).toBe('live');
  });

  test('the consumer is asked about somebody whose snapshot is for other workspaces', async () => {
    const login = await run();
    const options = {
      isRefresh: true,
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme,other' },
      user: afterwards(login, 1),
      script: { 'bitbucket user': 401, 'bitbucket member': [membershipOf(ACME), 404] },
    };
    expect((await run(options)).code).toBeUndefined();
    // What is known of the address was known for another policy.
    expect(await run({ ...options, spec: EMAIL })).toMatchObject({
      code: 'bitbucket_login_required',
      log: { cause: 'the consumer cannot read addresses' },
    });
  });

  test('the stored refresh token is never sent', async () => {
    const refresh = await refreshLater({
      secrets: CONSUMER,
      script: {
        'management user': {
          user_id: 'bitbucket|470c176d',
          identities: [
            { connection: 'bitbucket', access_token: 'expired', refresh_token: 'rotating' },
          ],
        },
      },
    });
    expect(JSON.stringify(refresh.calls)).not.toContain('rotating');
  });
});

describe('an outage', () => {
  const lastKnown = { ON_OUTAGE: 'last_known' };
  const outages = [
    ['Bitbucket times out', { 'bitbucket user': 'timed_out' }],
    ['Bitbucket drops the connection', { 'bitbucket user': 'dropped' }],
    ['Bitbucket fails', { 'bitbucket permission': 503, 'bitbucket emails': 503 }],
    ['Bitbucket is rate limited', { 'bitbucket user': 429 }],
    ['Bitbucket cannot be read', { 'bitbucket user': '<html>' }],
    ['the Management API fails', { 'management user': 500 }],
    ['the Management API is rate limited', { 'management token': 429 }],
  ] as const;

  test.each(outages)('%s: refused unless told otherwise', async (_, script) => {
    const login = await run();
    const { code } = await run({ user: afterwards(login, 1), script });
    expect(code).toBe('bitbucket_unavailable');
  });

  test.each(outages)('%s: the last known is taken where that is wanted', async (_, script) => {
    for (const spec of [EMAIL, WORKSPACES]) {
      const login = await run({ spec });
      const during = await run({
        spec,
        secrets: lastKnown,
        user: afterwards(login, 23 * HOURS),
        script,
      });
      expect(during.code).toBeUndefined();
      expect(during.idToken).toEqual(login.idToken);
      expect(during.appMetadata).toEqual({});
    }
  });

  test.each([
    ['the last look is too old', 24 * HOURS, {}],
    ['the policy is another', 1, { ALLOWED_WORKSPACES: 'other' }],
    ['the age that is allowed is none', 0, { LAST_KNOWN_MAX_AGE_HOURS: '0' }],
  ])('nobody is let in when %s', async (_, ageMinutes, secrets) => {
    const login = await run();
    const { code } = await run({
      secrets: { ...lastKnown, ...secrets },
      user: afterwards(login, ageMinutes),
      script: { 'management user': 500 },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('nobody unknown is let in', async () => {
    const { code } = await run({ secrets: lastKnown, script: { 'bitbucket user': 500 } });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('somebody who was refused stays refused', async () => {
    const refused = await run({ script: { 'bitbucket permission': 404 } });
    const { code } = await run({
      secrets: lastKnown,
      user: afterwards(refused, 1),
      script: { 'bitbucket permission': 500 },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test.each<[string, Script]>([
    ['403', { 'bitbucket permission': 403 }],
    ['404', { 'bitbucket permission': 404 }],
  ])('a clear no (%s) is not overruled by what was known', async (_, script) => {
    const login = await run();
    const { code } = await run({ secrets: lastKnown, user: afterwards(login, 1), script });
    expect(code).toBe('bitbucket_workspace_required');
  });

  test('a clear no about one workspace stands while another cannot be looked up', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: 'acme,other' };
    const login = await run({ secrets });
    const { code } = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [404, 500] },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('an address that is not confirmed is not overruled', async () => {
    const login = await run({ spec: EMAIL });
    const { code } = await run({
      spec: EMAIL,
      secrets: lastKnown,
      user: afterwards(login, 1),
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
        'bitbucket permission': 500,
      },
    });
    expect(code).toBe('bitbucket_email_unverified');
  });

  test('one workspace is answered, and another is known: both are told', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: 'acme:owner,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const during = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [membershipOf(ACME, 'collaborator'), 500] },
    });
    expect(during.log.source).toBe('last_known');
    expect(during.idToken[`${NAMESPACE}/groups`]).toEqual([
      ...['acme', 'acme:collaborator', 'other', 'other:member'],
    ]);
  });

  test('what could be listed is known, where any workspace will do', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: '*' };
    const login = await run({ secrets });
    const user = afterwards(login, 1);
    const during = await run({ secrets, user, script: { 'bitbucket workspaces': 500 } });
    expect(during.idToken).toEqual(login.idToken);
    expect(during.log.source).toBe('last_known');
  });

  test('what is known of another account does not count', async () => {
    const login = await run();
    const { code } = await run({
      secrets: lastKnown,
      user: afterwards(login, 1),
      script: { 'bitbucket user': { type: 'user', uuid: OTHER.uuid }, 'bitbucket permission': 500 },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('an expired sign-in or a wrong setting is no outage', async () => {
    const login = await run();
    const during = (script: Script) =>
      run({ secrets: lastKnown, user: afterwards(login, 1), script });
    expect((await during({ 'bitbucket user': 401 })).code).toBe('bitbucket_login_required');
    expect((await during({ 'management user': 403 })).code).toBe('bitbucket_misconfigured');
  });
});

describe("an application's own policy", () => {
  test.each<[string, RunOptions, string | undefined]>([
    [
      'replaces the list',
      { clientMetadata: { bitbucket_allowed_workspaces: 'other' } },
      'bitbucket_workspace_required',
    ],
    [
      'may be any workspace',
      {
        secrets: { ALLOWED_WORKSPACES: 'other' },
        clientMetadata: { bitbucket_allowed_workspaces: '*' },
      },
      undefined,
    ],
    [
      'is a mistake when empty',
      { clientMetadata: { bitbucket_allowed_workspaces: ' ' } },
      'bitbucket_misconfigured',
    ],
    [
      'is a mistake when * is not alone',
      { clientMetadata: { bitbucket_allowed_workspaces: '* acme' } },
      'bitbucket_misconfigured',
    ],
    [
      'is a mistake when it is no text',
      { clientMetadata: { bitbucket_allowed_workspaces: ['acme'] } },
      'bitbucket_misconfigured',
    ],
    [
      'may let unconfirmed addresses in',
      {
        spec: EMAIL,
        clientMetadata: { bitbucket_require_verified_email: 'false' },
        script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
      },
      undefined,
    ],
    [
      'may insist on confirmed addresses',
      {
        spec: EMAIL,
        secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
        clientMetadata: { bitbucket_require_verified_email: 'true' },
        script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
      },
      'bitbucket_email_unverified',
    ],
    [
      'is a mistake when neither true nor false',
      { spec: EMAIL, clientMetadata: { bitbucket_require_verified_email: 'no' } },
      'bitbucket_misconfigured',
    ],
  ])('%s', async (_, options, code) => {
    expect((await run(options)).code).toBe(code);
  });
});

describe('time', () => {
  test('a call that does not answer is given up, and all of it within 8 s', async () => {
    const result = await run({ delayMs: 60_000 });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(result.elapsedMs).toBeLessThanOrEqual(8_000);
  });

  test('slow answers and retries end within 8 s', async () => {
    const result = await run({ delayMs: 2_500, script: { 'management user': 503 } });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(result.elapsedMs).toBeLessThanOrEqual(8_000);
  });

  test.each([
    ['502', 502, 2],
    ['503', 503, 2],
    ['504', 504, 2],
    ['a dropped connection', 'dropped', 2],
    ['500', 500, 1],
    ['400', 400, 1],
    ['a time-out', 'timed_out', 1],
    ['a body that is too large', 'too_large', 1],
    ['429 without Retry-After', { status: 429, text: '' }, 1],
    ['429 that can be waited for', { status: 429, text: '', retryAfterSeconds: 1 }, 2],
    ['429 that cannot', { status: 429, text: '', retryAfterSeconds: 9 }, 1],
  ])('%s is asked again only where that is worth it', async (_, answer, times) => {
    const result = await run({ script: { 'bitbucket user': answer } });
    expect(endpointsOf(result).filter((name) => name === 'bitbucket user')).toHaveLength(times);
    expect(result.code).toBe('bitbucket_unavailable');
  });
});
