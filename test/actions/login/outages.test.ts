/** Outages: whom they shut out, and what is taken in place of what was not answered. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  afterwards,
  claimIn,
  EMAIL,
  emailOf,
  LAST_KNOWN,
  membershipOf,
  OTHER,
  run,
  type Script,
  WORKSPACES,
} from '#test/support/action-run.ts';

const HOURS = 60;

describe('an outage', () => {
  const outages = [
    ['Bitbucket times out', { 'bitbucket user': 'timed_out' }],
    ['Bitbucket drops the connection', { 'bitbucket user': 'dropped' }],
    ['Bitbucket fails', { 'bitbucket permission': 503, 'bitbucket emails': 503 }],
    [
      'a proxy answers',
      {
        'bitbucket permission': { status: 403, text: '<html>' },
        'bitbucket emails': { status: 404, text: '' },
      },
    ],
    ['Bitbucket cannot be read', { 'bitbucket user': '<html>' }],
    ['the Management API fails', { 'management user': 500 }],
    ['the Management API is rate limited', { 'management token': 429 }],
    ['the Management API does not find the user yet', { 'management user': 404 }],
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
        secrets: LAST_KNOWN,
        user: afterwards(login, 23 * HOURS),
        script,
      });
      expect(during.code).toBeUndefined();
      expect(during.log.source).toBe('last_known');
      expect(during.idToken).toEqual(login.idToken);
    }
  });

  test.each([
    ['the last look is too old', 24 * HOURS, {}],
    ['the policy is another', 1, { ALLOWED_WORKSPACES: 'other' }],
    ['the age that is allowed is none', 1, { LAST_KNOWN_MAX_AGE_HOURS: '0' }],
  ])('nobody is let in when %s', async (_, ageMinutes, secrets) => {
    const login = await run();
    const { code } = await run({
      secrets: { ...LAST_KNOWN, ...secrets },
      user: afterwards(login, ageMinutes),
      script: { 'management user': 500 },
    });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('somebody’s own rate limit is no outage: people can use it up themselves', async () => {
    for (const endpoint of ['bitbucket user', 'bitbucket permission', 'bitbucket emails']) {
      const spec = endpoint === 'bitbucket emails' ? EMAIL : WORKSPACES;
      const login = await run({ spec });
      const during = await run({
        spec,
        secrets: LAST_KNOWN,
        user: afterwards(login, 1),
        script: { [endpoint]: 429 },
      });
      expect([endpoint, during.code]).toEqual([endpoint, 'bitbucket_unavailable']);
    }
  });

  test('nobody unknown is let in', async () => {
    const { code } = await run({ secrets: LAST_KNOWN, script: { 'bitbucket user': 500 } });
    expect(code).toBe('bitbucket_unavailable');
  });

  test('somebody who was refused stays refused', async () => {
    const refused = await run({ script: { 'bitbucket permission': 404 } });
    const { code } = await run({
      secrets: LAST_KNOWN,
      user: afterwards(refused, 1),
      script: { 'bitbucket permission': 500 },
    });
    expect(code).toBe('bitbucket_workspace_required');
  });

  test.each<[string, Script]>([
    ['403', { 'bitbucket permission': 403 }],
    ['404', { 'bitbucket permission': 404 }],
  ])('a clear no (%s) is not overruled by what was known', async (_, script) => {
    const login = await run();
    const { code } = await run({ secrets: LAST_KNOWN, user: afterwards(login, 1), script });
    expect(code).toBe('bitbucket_workspace_required');
  });

  test('a clear no about one workspace stands while another cannot be looked up', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: 'acme,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), 403] };
    const login = await run({ secrets, script: answers });
    const { code } = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [404, 500] },
    });
    expect(code).toBe('bitbucket_workspace_required');
  });

  test('an address that is not confirmed is not overruled', async () => {
    const login = await run({ spec: EMAIL });
    const { code } = await run({
      spec: EMAIL,
      secrets: LAST_KNOWN,
      user: afterwards(login, 1),
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS, false)] },
        'bitbucket permission': 500,
      },
    });
    expect(code).toBe('bitbucket_email_unverified');
  });

  test('one workspace is answered, and another is known: both are told', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: 'acme:owner,other' };
    const answers = { 'bitbucket permission': [membershipOf(ACME), membershipOf(OTHER)] };
    const login = await run({ secrets, script: answers });
    const during = await run({
      secrets,
      user: afterwards(login, 1),
      script: { 'bitbucket permission': [membershipOf(ACME, 'collaborator'), 500] },
    });
    expect(during.log.source).toBe('last_known');
    expect(claimIn(during, 'groups')).toEqual([
      ...['acme', 'acme:collaborator', 'other', 'other:member'],
    ]);
  });

  test('what could be listed is known, where any workspace will do', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: '*' };
    const login = await run({ secrets });
    const user = afterwards(login, 1);
    const during = await run({ secrets, user, script: { 'bitbucket workspaces': 500 } });
    expect(during.idToken).toEqual(login.idToken);
    expect(during.log.source).toBe('last_known');
  });

  test('of another account behind the same identity nothing is taken, and nothing kept', async () => {
    const login = await run();
    const user = afterwards(login, 1);
    const another = { type: 'user', uuid: OTHER.uuid };
    for (const permission of [500, membershipOf(ACME, 'owner', OTHER.uuid)]) {
      const during = await run({
        secrets: LAST_KNOWN,
        user,
        script: { 'bitbucket user': another, 'bitbucket permission': permission },
      });
      expect(during.log).toMatchObject({
        code: 'bitbucket_misconfigured',
        cause: 'another account behind this identity',
      });
      expect(JSON.stringify(during.appMetadata)).not.toContain(OTHER.uuid);
      // What is known of the first stays, and decides nothing until a look names that account again.
      const refresh = { isRefresh: true, secrets: LAST_KNOWN, user: afterwards(during, 1) };
      const outage = await run({ ...refresh, script: { 'management user': 500 } });
      expect(outage.code).toBe('bitbucket_unavailable');
      const back = await run({ ...refresh, script: { 'bitbucket permission': 500 } });
      expect([back.code, back.log.source]).toEqual([undefined, 'live']);
    }
  });

  test('an expired sign-in or a wrong setting is no outage', async () => {
    const login = await run();
    const during = (script: Script) =>
      run({ secrets: LAST_KNOWN, user: afterwards(login, 1), script });
    expect((await during({ 'bitbucket user': 401 })).code).toBe('bitbucket_login_required');
    expect((await during({ 'management user': 403 })).code).toBe('bitbucket_misconfigured');
  });
});
