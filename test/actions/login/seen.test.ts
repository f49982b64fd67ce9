/**
 * What was seen once and must never be seen again: short histories of one person, several
 * applications and Bitbucket in trouble, one test each.
 */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  claimIn,
  EMAIL,
  EXPIRED,
  emailOf,
  LAST_KNOWN,
  membershipOf,
  NOW,
  OTHER,
  run,
  sinceSignIn,
  WORKSPACES,
} from '#test/support/action-run.ts';

const only = (slug: string, answer: unknown, otherwise: unknown) => ({
  'bitbucket permission': ({ path }: Call) => (path.includes(`/${slug}/`) ? answer : otherwise),
});

describe('seen', () => {
  test('a no that another application heard during an outage is known to the first', async () => {
    const login = await run();
    const b = await run({
      secrets: { ALLOWED_WORKSPACES: 'acme,beta' },
      user: afterwards(login, 2),
      script: only('acme', 403, 503),
    });
    expect(b.code).toBe('bitbucket_unavailable');
    const script = { 'bitbucket permission': 403 };
    const a = await run({ isRefresh: true, user: afterwards(b, 1), script });
    expect(a.code).toBe('bitbucket_workspace_required');
    const outage = { 'management user': 500 };
    const user = afterwards(b, 1);
    const known = await run({ isRefresh: true, user, script: outage, secrets: LAST_KNOWN });
    expect(known.code).toBe('bitbucket_workspace_required');
  });

  test('an address answered as not confirmed in a look that otherwise failed stays not confirmed', async () => {
    const loose = { bitbucket_require_verified_email: 'false' };
    const login = await run({ spec: EMAIL });
    const partial = await run({
      clientMetadata: loose,
      user: afterwards(login, 5),
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
        'bitbucket permission': 500,
      },
    });
    const later = await run({
      spec: EMAIL,
      secrets: LAST_KNOWN,
      user: afterwards(partial, 1),
      script: { 'management user': 500 },
    });
    expect(later.code).toBe('bitbucket_email_unverified');
  });

  test('an owner who was demoted is out, though the account could not be asked for', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: 'acme:owner' };
    const owner = { 'bitbucket permission': membershipOf(ACME, 'owner') };
    const login = await run({ secrets, script: owner });
    expect(login.code).toBeUndefined();
    const script = { 'bitbucket user': 500 };
    const demoted = await run({ secrets, user: afterwards(login, 1), script });
    expect(demoted.code).toBe('bitbucket_workspace_required');
  });

  test('another account behind the identity gets nothing of the first, and nothing of it is stored', async () => {
    const login = await run();
    const second = await run({
      secrets: LAST_KNOWN,
      user: afterwards(login, 1),
      script: {
        'bitbucket user': { type: 'user', uuid: OTHER.uuid },
        'bitbucket permission': 500,
      },
    });
    expect(second.code).toBe('bitbucket_misconfigured');
    expect(JSON.stringify(second.appMetadata)).not.toContain(OTHER.uuid);
    expect(second.appMetadata.bitbucket_look).toHaveProperty('another_account');
  });

  test('a removed member who uses up their own rate limit does not get in by it', async () => {
    const login = await run();
    const limited = Object.fromEntries(Object.keys(EXPIRED).map((endpoint) => [endpoint, 429]));
    const options = { secrets: LAST_KNOWN, user: afterwards(login, 1), script: limited };
    for (const spec of [EMAIL, WORKSPACES]) {
      expect((await run({ ...options, spec })).code).toBe('bitbucket_unavailable');
    }
    const refresh = { ...options, isRefresh: true, user: afterwards(login, 120) };
    expect((await run(refresh)).code).toBe('bitbucket_unavailable');
  });

  test('an older login that ends after a newer refusal gives way to it', async () => {
    const login = await run();
    const refused = await run({
      startsAt: NOW + 5_000,
      user: { app_metadata: login.metadataAfter },
      script: { 'bitbucket permission': 403 },
    });
    // It began before the refusal, and its event shows the refusal.
    const older = await run({
      startsAt: NOW + 1_000,
      user: { app_metadata: refused.metadataAfter },
    });
    expect(older.code).toBe('bitbucket_workspace_required');
    expect(older.metadataAfter.bitbucket).toMatchObject({ workspaces: [] });
  });

  test.each([undefined, null])('a summary whose look is %o is not believed', async (look) => {
    const login = await run();
    const app_metadata = { ...login.metadataAfter, bitbucket_look: look };
    const refresh = await run({ isRefresh: true, user: { app_metadata } });
    expect(refresh.log.source).toBe('live');
  });

  test('a workspace that an admin adds makes nobody sign in again', async () => {
    for (const spec of [EMAIL, WORKSPACES]) {
      const login = await run({ spec });
      const refresh = await run({
        spec,
        isRefresh: true,
        secrets: { ...CONSUMER, ALLOWED_WORKSPACES: 'acme,other' },
        user: afterwards(login, 150),
        script: EXPIRED,
      });
      expect([spec.name, refresh.code]).toEqual([spec.name, undefined]);
    }
  });

  test('two applications with different lists do not lock each other out', async () => {
    const script = { ...EXPIRED, ...CONSUMER_ANSWERS };
    const lists = ['acme', 'other'];
    let last = await run({
      secrets: { ALLOWED_WORKSPACES: 'acme,other' },
      script: only('other', membershipOf(OTHER), membershipOf(ACME)),
    });
    for (const ALLOWED_WORKSPACES of [...lists, ...lists, ...lists]) {
      last = await run({
        isRefresh: true,
        secrets: { ...CONSUMER, ALLOWED_WORKSPACES },
        user: afterwards(last, 90),
        script,
      });
      expect([ALLOWED_WORKSPACES, last.code]).toEqual([ALLOWED_WORKSPACES, undefined]);
    }
  });

  test('a renewed MANAGEMENT_CLIENT_SECRET changes nothing in what is known', async () => {
    const login = await run();
    const secrets = { MANAGEMENT_CLIENT_SECRET: 'renewed' };
    const refresh = await run({ isRefresh: true, secrets, user: afterwards(login, 1) });
    expect([refresh.code, refresh.calls, refresh.appMetadata]).toEqual([undefined, [], {}]);
  });

  test('single sign-on minutes after a look makes no call and writes nothing', async () => {
    const login = await run();
    const again = await run({ event: sinceSignIn(30), user: afterwards(login, 30) });
    expect([again.code, again.calls, again.appMetadata]).toEqual([undefined, [], {}]);
  });

  test('single sign-on after two hours is a recheck, by the consumer where it is set', async () => {
    const login = await run();
    const event = sinceSignIn(120);
    const user = afterwards(login, 120);
    expect((await run({ event, user })).log.source).toBe('live');
    const consumer = await run({ event, user, secrets: CONSUMER, script: EXPIRED });
    expect([consumer.code, consumer.log.source]).toEqual([undefined, 'consumer']);
    expect((await run({ event, user, script: EXPIRED })).code).toBe('bitbucket_login_required');
  });

  test.each<[number, string, string]>([
    [429, 'bitbucket_unavailable', 'bitbucket consumer token: 429'],
    [503, 'bitbucket_unavailable', 'bitbucket consumer token: 503'],
    [
      401,
      'bitbucket_login_required',
      'bitbucket consumer token: 401, BITBUCKET_KEY and BITBUCKET_SECRET are refused',
    ],
  ])('the consumer’s %d is told as what it is', async (status, code, cause) => {
    const login = await run();
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 120),
      script: { ...EXPIRED, 'bitbucket consumer token': status },
    });
    expect(refresh.log).toMatchObject({ code, cause });
  });

  test('the consumer’s look at an owner claims no permission, and the known one keeps its age', async () => {
    const owner = { 'bitbucket permission': membershipOf(ACME, 'owner') };
    const login = await run({ script: owner });
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 120),
      script: EXPIRED,
    });
    expect(claimIn(refresh, 'workspaces')).toEqual([ACME]);
    expect(refresh.appMetadata.bitbucket_look).toMatchObject({
      workspaces: [{ permission: { name: 'owner', at: '2026-11-24T10:00:00.000Z' } }],
    });
  });

  test.each<[string, unknown, string]>([
    ['a 403 of a proxy', { status: 403, text: '<html>' }, 'bitbucket_unavailable'],
    ['a 404 of a proxy', { status: 404, text: '<html>' }, 'bitbucket_unavailable'],
  ])('%s takes away nothing of what is known', async (_, answer, code) => {
    const login = await run();
    const during = await run({
      user: afterwards(login, 5),
      script: { 'bitbucket permission': answer },
    });
    expect(during.code).toBe(code);
    expect(during.metadataAfter.bitbucket).toMatchObject({
      workspaces: [{ ...ACME, permission: 'member' }],
    });
  });

  test('60 logins at the limit of the Management API wait for it, each another time', async () => {
    const limited = { status: 429, text: '', rateLimitReset: NOW / 1_000 + 1 };
    const ended = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        run({
          random: index / 60,
          script: {
            'management user': [
              limited,
              {
                user_id: 'bitbucket|470c176d',
                identities: [{ connection: 'bitbucket', user_id: '470c', access_token: 't' }],
              },
            ],
          },
        }),
      ),
    );
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => undefined));
    expect(new Set(ended.map(({ elapsedMs }) => elapsedMs)).size).toBeGreaterThan(50);
    for (const { elapsedMs } of ended) expect(elapsedMs).toBeLessThan(8_000);
  });
});

/** The consumer sees both workspaces. */
const CONSUMER_ANSWERS = {
  'bitbucket member': ({ path }: Call) =>
    path.includes('/other/') ? membershipOf(OTHER) : membershipOf(ACME),
};

test('nothing is sent after the answer was given, whatever is still under way', async () => {
  const result = await run({
    pausesForReal: true,
    script: {
      'bitbucket user': new RangeError('nobody foresaw'),
      // Its retry would be sent 100 ms later.
      'bitbucket emails': 503,
      'bitbucket permission': 'dropped',
    },
  });
  const sent = result.calls.length;
  expect(result.log).toMatchObject({
    code: 'bitbucket_unavailable',
    cause: 'unexpected RangeError',
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(result.calls).toHaveLength(sent);
  expect(result.log.calls).toBe(sent);
});
