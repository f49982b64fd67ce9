/** A no of Bitbucket stands: no outage beside it, no older look and no other account overrules it. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  EMAIL,
  EXPIRED,
  emailOf,
  LAST_KNOWN,
  membershipOf,
  OTHER,
  run,
  type Script,
} from '#test/support/action-run.ts';

describe('while nobody tells whose account it is', () => {
  const unverified = { values: [emailOf(ADDRESS, false)] };
  const outages: readonly (readonly [string, Script])[] = [
    ['500', { 'bitbucket user': 500 }],
    ['a time-out', { 'bitbucket user': 'timed_out' }],
    ['429', { 'bitbucket user': 429 }],
    ['403 of a proxy', { 'bitbucket user': { status: 403, text: '' } }],
    ['HTML', { 'bitbucket user': '<html>' }],
  ];

  test.each(outages)('(%s) a 403 is a no', async (_, outage) => {
    const login = await run();
    const options = { secrets: LAST_KNOWN, user: afterwards(login, 1) };
    const during = await run({ ...options, script: { ...outage, 'bitbucket permission': 403 } });
    expect(during.code).toBe('bitbucket_workspace_required');
    // And it is kept: the next outage does not let in either.
    expect(during.appMetadata.bitbucket).toMatchObject({ workspaces: [] });
    const later = await run({
      secrets: LAST_KNOWN,
      user: afterwards(during, 1),
      script: { 'management user': 500 },
    });
    expect(later.code).toBe('bitbucket_workspace_required');
  });

  test.each(outages)('(%s) an address that is not confirmed is a no', async (_, outage) => {
    const login = await run({ spec: EMAIL });
    const script = { ...outage, 'bitbucket emails': unverified };
    const during = await run({
      spec: EMAIL,
      secrets: LAST_KNOWN,
      user: afterwards(login, 1),
      script,
    });
    expect(during.code).toBe('bitbucket_email_unverified');
  });

  test.each(outages)('(%s) the second Action hears of the no too', async (name, outage) => {
    const login = await run();
    const user = afterwards(login, 1);
    const script = { ...outage, 'bitbucket permission': 403 };
    const one = await run({ spec: EMAIL, secrets: LAST_KNOWN, user, script });
    const two = await run({ secrets: LAST_KNOWN, user, script, transaction: one.transaction });
    // The person's own limit is never filled in.
    const first = name === '429' ? 'bitbucket_unavailable' : undefined;
    expect([one.code, two.code]).toEqual([first, 'bitbucket_workspace_required']);
    expect(two.calls).toEqual([]);
  });

  test('a 401 beside it is an expired sign-in', async () => {
    const login = await run();
    const script = { 'bitbucket user': 500, 'bitbucket permission': 401, 'bitbucket emails': 401 };
    const during = await run({ secrets: LAST_KNOWN, user: afterwards(login, 1), script });
    expect(during.code).toBe('bitbucket_login_required');
  });

  test('a yes that names the known account is an answer', async () => {
    const login = await run();
    const script = { 'bitbucket user': 500, 'bitbucket permission': membershipOf(ACME, 'owner') };
    const during = await run({ secrets: LAST_KNOWN, user: afterwards(login, 1), script });
    expect(during.log.source).toBe('last_known');
    expect(Object.values(during.idToken)).toContainEqual(['acme', 'acme:owner']);
    expect((await run({ script })).code).toBe('bitbucket_unavailable');
  });

  test('a yes that names another account is another account behind this identity', async () => {
    const login = await run();
    const theirs = membershipOf(ACME, 'owner', OTHER.uuid);
    const during = await run({
      secrets: LAST_KNOWN,
      user: afterwards(login, 1),
      script: { 'bitbucket user': 500, 'bitbucket permission': theirs },
    });
    expect(during.log.cause).toBe('another account behind this identity');
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
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: 'acme,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const left = await run({
      secrets,
      user: afterwards(login, 60),
      script: { 'bitbucket permission': [403, 500] },
    });
    expect(left.log.source).toBe('last_known');
    // Only what was left is gone; the rest is as old as it was.
    expect(left.appMetadata).toMatchObject({
      bitbucket: { workspaces: [{ ...OTHER, permission: 'member' }] },
      bitbucket_look: {
        workspaces: [{ ...OTHER, at: '2026-11-24T11:00:00.000Z' }],
        no: [{ names: ['acme'], reason: '403' }],
      },
    });
    const alone = { ...secrets, ALLOWED_WORKSPACES: 'acme' };
    const { code } = await run({
      secrets: alone,
      user: afterwards(left, 1),
      script: { 'management user': 500 },
    });
    expect(code).toBe('bitbucket_workspace_required');
  });

  test('when the consumer tells it, and cannot tell of the other workspace', async () => {
    const secrets = { ...LAST_KNOWN, ...CONSUMER, ALLOWED_WORKSPACES: 'acme,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const refreshWith = (member: Script[string]) =>
      run({
        isRefresh: true,
        secrets,
        user: afterwards(login, 180),
        script: { ...EXPIRED, 'bitbucket member': member },
      });
    const left = await refreshWith([404, 401]);
    expect(left.code).toBe('bitbucket_login_required');
    expect(left.appMetadata.bitbucket).toMatchObject({
      workspaces: [{ ...OTHER, permission: 'member' }],
    });
    // And what it cannot tell of takes nothing away.
    const stays = await refreshWith([membershipOf(ACME), 401]);
    expect(stays.code).toBeUndefined();
    expect((stays.appMetadata.bitbucket as { workspaces: unknown }).workspaces).toHaveLength(2);
  });

  test('when a permission was lowered, and the other workspace cannot be looked up', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: 'acme:owner,other' };
    const owner = membershipOf(ACME, 'owner');
    const login = await run({ secrets, script: { 'bitbucket permission': [owner, 403] } });
    const lowered = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [membershipOf(ACME), 500] },
    });
    expect(lowered.code).toBe('bitbucket_workspace_required');
    const later = await run({
      secrets,
      user: afterwards(lowered, 1),
      script: { 'management user': 500 },
    });
    expect(later.code).toBe('bitbucket_workspace_required');
  });

  test('when the workspace is named once more by its uuid', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: `acme,${ACME.uuid}` };
    const login = await run({ secrets });
    const script = { 'bitbucket permission': [403, 500] };
    const during = await run({ secrets, user: afterwards(login, 1), script });
    expect(during.code).toBe('bitbucket_unavailable');
  });
});

test.each([
  ['acme,other', [500, 401], 'bitbucket_login_required'],
  ['acme,other', [401, 500], 'bitbucket_login_required'],
  ['acme,other', [500, 403], 'bitbucket_unavailable'],
])('of %s answered %o the graver is told: %s', async (ALLOWED_WORKSPACES, answers, code) => {
  const result = await run({
    secrets: { ALLOWED_WORKSPACES },
    script: { 'bitbucket permission': answers },
  });
  expect(result.code).toBe(code);
});

test('what a partial look did find answers for other applications too', async () => {
  const script = { 'bitbucket emails': 500 };
  const first = await run({ secrets: { ALLOWED_WORKSPACES: 'acme:owner' }, script });
  expect(first.code).toBe('bitbucket_workspace_required');
  const other = await run({
    isRefresh: true,
    clientMetadata: {
      bitbucket_allowed_workspaces: 'acme',
      bitbucket_require_verified_email: 'false',
    },
    user: afterwards(first, 1),
  });
  expect([other.code, other.log.source]).toEqual([undefined, 'facts']);
  // What it did not find is looked up.
  const stricter = await run({ spec: EMAIL, isRefresh: true, user: afterwards(first, 1) });
  expect([stricter.code, stricter.log.source]).toEqual([undefined, 'live']);
});
