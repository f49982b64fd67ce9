/** What somebody who is let in gets, and what is kept of the look. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  EMAIL,
  emailOf,
  endpointsOf,
  membershipOf,
  NAMESPACE,
  NOW,
  PERSON,
  run,
  WORKSPACES,
} from '#test/support/action-run.ts';

const claim = (name: string) => `${NAMESPACE}/${name}`;

describe('claims', () => {
  test('the membership Action tells the uuid, the workspaces and the groups', async () => {
    const { idToken } = await run({
      script: { 'bitbucket permission': membershipOf(ACME, 'owner') },
    });
    expect(idToken).toEqual({
      [claim('uuid')]: PERSON,
      [claim('workspaces')]: [{ ...ACME, permission: 'owner' }],
      [claim('groups')]: ['acme', 'acme:owner'],
    });
  });

  test('the e-mail Action tells the primary confirmed address and that Auth0 holds a confirmed one', async () => {
    const emails = { values: [emailOf('main@example.com'), emailOf(ADDRESS, true, false)] };
    const { idToken } = await run({ spec: EMAIL, script: { 'bitbucket emails': emails } });
    expect(idToken).toEqual({
      [claim('email')]: 'main@example.com',
      [claim('email_verified')]: true,
    });
  });

  test('there is no address where the primary one is not confirmed', async () => {
    const emails = { values: [emailOf('main@example.com', false), emailOf(ADDRESS, true, false)] };
    const { idToken } = await run({ spec: EMAIL, script: { 'bitbucket emails': emails } });
    expect(idToken).toEqual({ [claim('email_verified')]: true });
  });

  test('an address that is not confirmed is said not to be, where that is allowed', async () => {
    const { idToken } = await run({
      spec: EMAIL,
      secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
      script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
    });
    expect(idToken).toEqual({ [claim('email_verified')]: false });
  });

  test('a trailing slash of the namespace is not doubled', async () => {
    const { idToken } = await run({ secrets: { CLAIM_NAMESPACE: `${NAMESPACE}//` } });
    expect(Object.keys(idToken)).toContain(claim('uuid'));
  });

  test('a workspace that is named twice is told once', async () => {
    const { idToken, calls } = await run({
      secrets: { ALLOWED_WORKSPACES: `acme,${ACME.uuid},acme:owner` },
    });
    expect(idToken[claim('workspaces')]).toEqual([{ ...ACME, permission: 'member' }]);
    expect(calls.filter((call) => call.endpoint === 'bitbucket permission')).toHaveLength(2);
  });

  test('without a list the workspaces come without a permission', async () => {
    const { idToken } = await run({ secrets: { ALLOWED_WORKSPACES: '*' } });
    expect(idToken[claim('workspaces')]).toEqual([ACME]);
    expect(idToken[claim('groups')]).toEqual(['acme']);
  });

  const numbered = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      type: 'workspace_access',
      workspace: {
        uuid: `{00000000-0000-4000-8000-${String(index).padStart(12, '0')}}`,
        slug: `w${index}`,
      },
    }));

  test.each([
    ['100 are all told', { values: numbered(100) }, 100, undefined],
    ['of 101, 100 are told', { values: numbered(101) }, 100, true],
    [
      'of a page of 100 and a next one, 100 are told',
      { values: numbered(100), next: 'https://api.bitbucket.org/2.0/user/workspaces?page=2' },
      100,
      true,
    ],
  ])('without a list, %s', async (_, page, count, truncated) => {
    const { idToken, calls } = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: { 'bitbucket workspaces': page },
    });
    expect(idToken[claim('workspaces')]).toHaveLength(count);
    expect(idToken[claim('workspaces_truncated')]).toBe(truncated);
    expect(calls.filter((call) => call.endpoint === 'bitbucket workspaces')).toHaveLength(1);
  });

  test('short pages are followed until there are enough', async () => {
    const next = 'https://api.bitbucket.org/2.0/user/workspaces?page=2';
    const { idToken, calls } = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: {
        'bitbucket workspaces': [{ values: numbered(25), next }, { values: numbered(30) }],
      },
    });
    expect(idToken[claim('workspaces')]).toHaveLength(30);
    expect(calls.map((call) => call.path)).toContain('/2.0/user/workspaces?page=2');
  });
});

describe('app_metadata.bitbucket', () => {
  test('holds what the look found, and no address', async () => {
    const { appMetadata } = await run();
    expect(appMetadata.bitbucket).toEqual({
      uuid: PERSON,
      email_verified: true,
      workspaces: [{ ...ACME, permission: 'member' }],
      checked_at: new Date(NOW).toISOString(),
    });
    expect(JSON.stringify(appMetadata)).not.toContain(ADDRESS);
  });

  test('is replaced by a live refusal', async () => {
    const { appMetadata, code } = await run({ script: { 'bitbucket permission': 403 } });
    expect(code).toBe('bitbucket_workspace_required');
    expect(appMetadata.bitbucket).toMatchObject({ workspaces: [], email_verified: true });
  });

  test('is left alone by an outage', async () => {
    const { appMetadata } = await run({ script: { 'bitbucket permission': 500 } });
    expect(appMetadata).toEqual({});
  });

  test('a clear no beside an outage ends what it could still admit', async () => {
    const result = await run({
      spec: EMAIL,
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
        'bitbucket permission': 500,
      },
    });
    expect(result.code).toBe('bitbucket_email_unverified');
    expect(result.appMetadata).toMatchObject({
      bitbucket: { email_verified: false, workspaces: [] },
      bitbucket_look: { about: 'partial' },
    });
  });
});

describe('two Actions in one flow', () => {
  test.each([
    ['the e-mail Action first', EMAIL, WORKSPACES],
    ['the membership Action first', WORKSPACES, EMAIL],
  ])('%s: the second makes no call', async (_, first, second) => {
    const one = await run({ spec: first });
    const two = await run({ spec: second, transaction: one.transaction });
    expect(one.calls).toHaveLength(5);
    expect(two.calls).toEqual([]);
    expect(two.code).toBeUndefined();
    expect(two.log.source).toBe('shared');
  });

  test('the second refuses by what the first saw, and records it', async () => {
    const script = {
      'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
      'bitbucket permission': [membershipOf(ACME), 500],
    };
    const secrets = { ALLOWED_WORKSPACES: 'acme,other' };
    const one = await run({ spec: WORKSPACES, script, secrets });
    const two = await run({ spec: EMAIL, script, secrets, transaction: one.transaction });
    expect(one.code).toBeUndefined();
    expect(two.code).toBe('bitbucket_email_unverified');
    expect(two.calls).toEqual([]);
    expect(two.appMetadata.bitbucket).toMatchObject({ email_verified: false });
  });

  test('what the first could not find out is not asked again', async () => {
    const script = { 'bitbucket permission': 500 };
    const one = await run({ spec: EMAIL, script });
    const two = await run({ spec: WORKSPACES, script, transaction: one.transaction });
    expect(two.code).toBe('bitbucket_unavailable');
    expect(two.calls).toEqual([]);
  });

  test.each([
    ['other workspaces', { secrets: { ALLOWED_WORKSPACES: 'acme,other' } }],
    ['another address', { user: { email: 'somebody@example.com' } }],
    ['another user', { user: { user_id: 'bitbucket|somebody' } }],
  ])('a look for %s is not taken', async (_, difference) => {
    const one = await run({ spec: EMAIL });
    const two = await run({ ...difference, transaction: one.transaction });
    expect(two.calls.length).toBeGreaterThan(0);
  });

  test('100 workspaces with long names are shared in parts', async () => {
    const workspaces = Array.from({ length: 100 }, (_, index) => ({
      uuid: `{00000000-0000-4000-8000-${String(index).padStart(12, '0')}}`,
      slug: `workspace-with-a-rather-long-name-${index}`,
    }));
    const options = {
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: {
        'bitbucket workspaces': { values: workspaces.map((workspace) => ({ workspace })) },
      },
    };
    const one = await run({ ...options, spec: EMAIL });
    const two = await run({ ...options, transaction: one.transaction });
    expect(two.calls).toEqual([]);
    expect(two.idToken[claim('workspaces')]).toEqual(workspaces);
  });

  test('a transaction that takes nothing costs a second look, not the login', async () => {
    const api = {
      transaction: {
        setMetadata: () => {
          throw new Error('too large');
        },
      },
    };
    const one = await run({ spec: EMAIL, api });
    const two = await run({ transaction: one.transaction, api });
    expect([one.code, two.code]).toEqual([undefined, undefined]);
    expect(two.calls).toHaveLength(5);
  });
});

describe('cost', () => {
  test('with nothing cached: the Management token, the user, then everything at once', async () => {
    const result = await run();
    expect(endpointsOf(result)).toEqual([
      'management token',
      'management user',
      'bitbucket user',
      'bitbucket emails',
      'bitbucket permission',
    ]);
  });

  test('with the Management token cached: the user, then everything at once', async () => {
    const first = await run();
    const second = await run({ cache: first.cache });
    expect(endpointsOf(second)[0]).toBe('management user');
  });

  test('a cached Management token that is refused is renewed once', async () => {
    const first = await run();
    const script = {
      'management user': [
        401,
        {
          user_id: 'bitbucket|470c176d',
          identities: [{ connection: 'bitbucket', access_token: 'user-token' }],
        },
      ],
    };
    const second = await run({ cache: first.cache, script });
    expect(second.code).toBeUndefined();
    expect(endpointsOf(second).slice(0, 3)).toEqual([
      'management user',
      'management token',
      'management user',
    ]);
  });

  test.each([
    ['is too long to cache', { access_token: 'x'.repeat(5_000), expires_in: 86_400 }],
    ['is about to end', { access_token: 'short-lived', expires_in: 60 }],
    ['does not say when it ends', { access_token: 'timeless' }],
  ])('a Management token that %s is used and not cached', async (_, token) => {
    const result = await run({ script: { 'management token': token } });
    expect(result.code).toBeUndefined();
    expect(result.cache.size).toBe(0);
  });

  test.each([
    [86_400, 86_340_000],
    [10 * 86_400, 86_400_000],
    [3_600, 3_540_000],
    [61.5, 1_000],
  ])('a Management token that is good for %d s is cached for %d ms', async (expires_in, ttl) => {
    const kept: unknown[] = [];
    const cache = {
      get: () => undefined,
      set: (...args: unknown[]) => kept.push(args.slice(1)),
      delete: () => {},
    };
    const token = 't'.repeat(4_096);
    const script = { 'management token': { access_token: token, expires_in } };
    expect((await run({ script, api: { cache } })).code).toBeUndefined();
    expect(kept).toEqual([[token, { ttl }]]);
  });

  test('a Management token that Auth0 would not keep is not offered to it', async () => {
    const kept: unknown[] = [];
    const cache = { get: () => undefined, set: () => kept.push(1), delete: () => {} };
    const script = { 'management token': { access_token: 't'.repeat(4_097), expires_in: 86_400 } };
    expect((await run({ script, api: { cache } })).code).toBeUndefined();
    expect(kept).toEqual([]);
  });

  test('a Management token that is refused is taken out of the cache', async () => {
    const first = await run();
    const script = { 'management user': 401, 'management token': 503 };
    const second = await run({ cache: first.cache, script });
    expect(second.code).toBe('bitbucket_unavailable');
    expect(second.cache.size).toBe(0);
  });

  test('a cached Management token that may not read tokens is not kept for a day', async () => {
    const first = await run();
    const second = await run({ cache: first.cache, script: { 'management user': 403 } });
    expect(second.code).toBe('bitbucket_misconfigured');
    expect(endpointsOf(second)).toEqual(['management user']);
    expect(second.cache.size).toBe(0);
  });

  test('a cached Management token that meets an outage is not renewed', async () => {
    const first = await run();
    const second = await run({ cache: first.cache, script: { 'management user': 500 } });
    expect(endpointsOf(second)).toEqual(['management user']);
  });

  test('a cache that fails is a miss', async () => {
    const broken = () => {
      throw new Error('cache');
    };
    const result = await run({ api: { cache: { get: broken, set: broken, delete: broken } } });
    expect(result.code).toBeUndefined();
  });

  test('another tenant or application does not take the cached token', async () => {
    const first = await run();
    const second = await run({
      cache: first.cache,
      secrets: { MANAGEMENT_CLIENT_ID: 'another' },
    });
    expect(endpointsOf(second)[0]).toBe('management token');
  });

  test('the number of calls depends on the list alone', async () => {
    const result = await run({ secrets: { ALLOWED_WORKSPACES: 'a,b,c,d,e,f,g,h,i,j,k,acme' } });
    expect(result.code).toBeUndefined();
    expect(result.calls).toHaveLength(4 + 12);
  });
});

test('an event without a transaction and without metadata is a login like any other', async () => {
  const { idToken } = await run();
  const bare = await run({
    event: { transaction: undefined as never, client: { client_id: 'app' } },
  });
  expect(bare.idToken).toEqual(idToken);
  expect(bare.log.source).toBe('live');
});

describe('other connections', () => {
  test.each(['github', 'auth0', 'bitbucket2', ''])(
    'the strategy “%s” is left alone',
    async (strategy) => {
      const result = await run({ event: { connection: { name: 'bitbucket', strategy } } });
      expect(result.calls).toEqual([]);
      expect(result.writes).toEqual([]);
      expect(result.logLines).toEqual([]);
    },
  );
});
