/** A no of Bitbucket stands: no outage beside it, no older look and no other account overrules it. */
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
  OTHER,
  type RunOptions,
  run,
  type Script,
} from '#test/support/action-run.ts';

const lastKnown = { ON_OUTAGE: 'last_known' };
const identity = (user_id: string, connection = 'bitbucket') => ({ connection, user_id });
const linked = (...ids: readonly string[]) => ({ identities: ids.map((id) => identity(id)) });

describe('while nobody tells whose account it is', () => {
  const unverified = { values: [emailOf(ADDRESS, false)] };
  const outages: readonly (readonly [string, Script])[] = [
    ['500', { 'bitbucket user': 500 }],
    ['a time-out', { 'bitbucket user': 'timed_out' }],
    ['429', { 'bitbucket user': 429 }],
    ['HTML', { 'bitbucket user': '<html>' }],
  ];

  test.each(outages)('(%s) a 403 is a no', async (_, outage) => {
    const login = await run();
    const options = { secrets: lastKnown, user: afterwards(login, 1) };
    const during = await run({ ...options, script: { ...outage, 'bitbucket permission': 403 } });
    expect(during.code).toBe('bitbucket_workspace_required');
    // And it is kept: the next outage does not let in either.
    expect(during.appMetadata.bitbucket).toMatchObject({ workspaces: [] });
    const later = await run({
      secrets: lastKnown,
      user: afterwards(during, 1),
      script: { 'management user': 500 },
    });
    expect(later.code).toBe('bitbucket_unavailable');
  });

  test.each(outages)('(%s) an address that is not confirmed is a no', async (_, outage) => {
    const login = await run({ spec: EMAIL });
    const script = { ...outage, 'bitbucket emails': unverified };
    const during = await run({
      spec: EMAIL,
      secrets: lastKnown,
      user: afterwards(login, 1),
      script,
    });
    expect(during.code).toBe('bitbucket_email_unverified');
  });

  test.each(outages)('(%s) the second Action hears of the no too', async (_, outage) => {
    const login = await run();
    const user = afterwards(login, 1);
    const script = { ...outage, 'bitbucket permission': 403 };
    const one = await run({ spec: EMAIL, secrets: lastKnown, user, script });
    const two = await run({ secrets: lastKnown, user, script, transaction: one.transaction });
    expect([one.code, two.code]).toEqual([undefined, 'bitbucket_workspace_required']);
    expect(two.calls).toEqual([]);
  });

  test('a 401 beside it is an expired sign-in', async () => {
    const login = await run();
    const script = { 'bitbucket user': 500, 'bitbucket permission': 401, 'bitbucket emails': 401 };
    const during = await run({ secrets: lastKnown, user: afterwards(login, 1), script });
    expect(during.code).toBe('bitbucket_login_required');
  });

  test('a yes is not taken for theirs: what was known is', async () => {
    const login = await run({ script: { 'bitbucket permission': membershipOf(ACME) } });
    const script = { 'bitbucket user': 500, 'bitbucket permission': membershipOf(ACME, 'owner') };
    const during = await run({ secrets: lastKnown, user: afterwards(login, 1), script });
    expect(during.log.source).toBe('last_known');
    expect(during.idToken).toEqual(login.idToken);
    expect((await run({ script })).code).toBe('bitbucket_unavailable');
  });

  test('somebody whose address need not be confirmed is not let in without an account', async () => {
    const script = { 'bitbucket user': 500, 'bitbucket emails': unverified };
    const { code } = await run({
      spec: EMAIL,
      secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
      script,
    });
    expect(code).toBe('bitbucket_unavailable');
  });
});

describe('a no is not forgotten', () => {
  test('when the Action that heard of it refuses for another reason', async () => {
    const login = await run();
    const script = { 'bitbucket emails': 500, 'bitbucket permission': 403 };
    const during = await run({ spec: EMAIL, user: afterwards(login, 1), script });
    expect(during.code).toBe('bitbucket_unavailable');
    const refresh = await run({ isRefresh: true, user: afterwards(during, 1), script });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('when only one of two workspaces was left, and the other cannot be looked up', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: 'acme,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const left = await run({
      secrets,
      user: afterwards(login, 60),
      script: { 'bitbucket permission': [403, 500] },
    });
    expect(left.log.source).toBe('last_known');
    // Only what was left is gone; the rest is as old as it was.
    const { workspaces, checked_at } = left.appMetadata.bitbucket as Record<string, unknown>;
    expect(workspaces).toEqual([{ ...OTHER, permission: 'member' }]);
    expect(checked_at).toBe('2026-11-24T11:00:00.000Z');
    const alone = { ...secrets, ALLOWED_WORKSPACES: 'acme' };
    const { code } = await run({
      secrets: alone,
      user: afterwards(left, 1),
      script: { 'management user': 500 },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('when the consumer tells it, and cannot tell of the other workspace', async () => {
    const secrets = { ...lastKnown, ...CONSUMER, ALLOWED_WORKSPACES: 'acme,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const refreshWith = (member: Script[string]) =>
      run({
        isRefresh: true,
        secrets,
        user: afterwards(login, 180),
        script: { 'bitbucket user': 401, 'bitbucket member': member },
      });
    const left = await refreshWith([404, 401]);
    expect(left.code).toBe('bitbucket_login_required');
    expect(left.appMetadata.bitbucket).toMatchObject({
      workspaces: [{ ...OTHER, permission: 'member' }],
    });
    // And what it cannot tell of takes nothing away.
    const stays = await refreshWith([membershipOf(ACME), 401]);
    expect(stays.code).toBeUndefined();
    expect(stays.appMetadata).toEqual({});
  });

  test('when a permission was lowered, and the other workspace cannot be looked up', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: 'acme:owner,other' };
    const owner = membershipOf(ACME, 'owner');
    const login = await run({ secrets, script: { 'bitbucket permission': [owner, 403] } });
    const lowered = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [membershipOf(ACME), 500] },
    });
    expect(lowered.code).toBe('bitbucket_unavailable');
    const later = await run({
      secrets,
      user: afterwards(lowered, 1),
      script: { 'management user': 500 },
    });
    expect(later.code).toBe('bitbucket_unavailable');
  });

  test('when the workspace is named once more by its uuid', async () => {
    const secrets = { ...lastKnown, ALLOWED_WORKSPACES: `acme,${ACME.uuid}` };
    const login = await run({ secrets });
    const script = { 'bitbucket permission': [403, 500] };
    const during = await run({ secrets, user: afterwards(login, 1), script });
    expect(during.code).toBe('bitbucket_unavailable');
  });
});

describe('a snapshot is of one account of one connection', () => {
  const refreshAs = async (
    user: Readonly<Record<string, unknown>>,
    event: RunOptions['event'] = {},
  ) => {
    const login = await run({ user: linked('x') });
    return run({ isRefresh: true, user: { ...afterwards(login, 1), ...user }, event });
  };

  test('the same one needs no call', async () => {
    expect((await refreshAs(linked('x'))).calls).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RunOptions['event']]>([
    ['another account is linked now', linked('y'), {}],
    [
      'it is another connection',
      { identities: [identity('x', 'bitbucket-2')] },
      { connection: { name: 'bitbucket-2', strategy: 'bitbucket' } },
    ],
    ['no account is linked any more', linked(), {}],
  ])('when %s it does not answer', async (_, user, event) => {
    const refresh = await refreshAs(user, event ?? {});
    expect(refresh.calls.length).toBeGreaterThan(0);
  });

  test('an account of another connection beside it changes nothing', async () => {
    const both = { identities: [identity('g', 'github'), identity('x')] };
    expect((await refreshAs(both)).calls).toEqual([]);
  });

  test('two accounts of the connection are refused before anything is asked', async () => {
    const refresh = await refreshAs(linked('x', 'y'));
    expect(refresh).toMatchObject({ code: 'bitbucket_misconfigured', calls: [] });
    expect(refresh.log.cause).toBe('two identities of this connection are linked');
  });

  test('the consumer is not asked about the account that was linked before', async () => {
    const login = await run({ user: linked('x') });
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: { ...afterwards(login, 180), ...linked('y') },
      script: { 'bitbucket user': 401 },
    });
    expect(refresh.code).toBe('bitbucket_login_required');
    expect(endpointsOf(refresh)).not.toContain('bitbucket member');
  });

  test('the last known of another account lets nobody in', async () => {
    const login = await run({ user: linked('x') });
    const user = { ...afterwards(login, 1), ...linked('y') };
    const { code } = await run({ secrets: lastKnown, user, script: { 'management user': 500 } });
    expect(code).toBe('bitbucket_unavailable');
  });
});

describe('what the consumer found', () => {
  const owner = membershipOf(ACME, 'owner');
  const asConsumer = { isRefresh: true, script: { 'bitbucket user': 401 } } as const;

  test('does not answer for a rule that wants more than it can prove', async () => {
    const login = await run({ secrets: CONSUMER, script: { 'bitbucket permission': owner } });
    const renewed = await run({ ...asConsumer, secrets: CONSUMER, user: afterwards(login, 180) });
    expect(renewed.code).toBeUndefined();
    const stricter = await run({
      ...asConsumer,
      secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme:owner' },
      user: afterwards(renewed, 1),
    });
    expect(stricter.code).toBe('bitbucket_login_required');
  });

  test('keeps the time at which the address was looked at', async () => {
    const login = await run();
    const { app_metadata } = afterwards(login, 180);
    const email_checked_at = '2026-11-24T09:00:00.000Z';
    const look = { ...(login.appMetadata.bitbucket_look as object), email_checked_at };
    const user = { app_metadata: { ...app_metadata, bitbucket_look: look } };
    const renewed = await run({ ...asConsumer, secrets: CONSUMER, user });
    expect(renewed.appMetadata).toMatchObject({
      bitbucket: { checked_at: '2026-11-24T12:00:00.000Z' },
      bitbucket_look: { email_checked_at },
    });
    const live = await run({ isRefresh: true, user });
    expect(live.appMetadata.bitbucket_look).toMatchObject({
      email_checked_at: '2026-11-24T12:00:00.000Z',
    });
  });

  test('does not make the answer about the address any younger', async () => {
    const secrets = { ...CONSUMER, ...lastKnown };
    const login = await run({ spec: EMAIL, secrets });
    const renewed = await run({
      ...asConsumer,
      spec: EMAIL,
      secrets,
      user: afterwards(login, 180),
    });
    expect(renewed.code).toBeUndefined();
    const look = {
      ...(renewed.appMetadata.bitbucket_look as object),
      email_checked_at: '2026-11-23T11:59:59.000Z',
    };
    const user = { app_metadata: { ...renewed.appMetadata, bitbucket_look: look } };
    const outage = await run({ spec: EMAIL, secrets, user, script: { 'management user': 500 } });
    expect(outage.code).toBe('bitbucket_unavailable');
  });
});

test.each([
  ['acme other', [500, 401], 'bitbucket_login_required'],
  ['acme other', [401, 500], 'bitbucket_login_required'],
  ['acme other', [500, 403], 'bitbucket_unavailable'],
])('of %s answered %o the graver is told: %s', async (ALLOWED_WORKSPACES, answers, code) => {
  const result = await run({
    secrets: { ALLOWED_WORKSPACES },
    script: { 'bitbucket permission': answers },
  });
  expect(result.code).toBe(code);
});

test('a partial look answers for no other application', async () => {
  const script = { 'bitbucket emails': 500 };
  const first = await run({ secrets: { ALLOWED_WORKSPACES: 'acme:owner' }, script });
  expect(first.code).toBe('bitbucket_workspace_required');
  const other = await run({
    isRefresh: true,
    clientMetadata: {
      bitbucket_allowed_workspaces: '*',
      bitbucket_require_verified_email: 'false',
    },
    user: afterwards(first, 1),
  });
  expect(other.log.source).toBe('live');
});
