/** Facts belong to one linked account, of one connection: nobody else is let in by them. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  accessOf,
  afterwards,
  CONSUMER,
  claimIn,
  EMAIL,
  EXPIRED,
  emailOf,
  endpointsOf,
  IDENTITY,
  LAST_KNOWN,
  type RunOptions,
  run,
  type Script,
  USER_ID,
  USER_TOKEN,
} from '#test/support/action-run.ts';

const identity = (user_id: string, connection = 'bitbucket') => ({
  ...IDENTITY,
  connection,
  user_id,
});
const linked = (...ids: readonly string[]) => ({ identities: ids.map((id) => identity(id)) });

/** The Management API shows the same identity as the event. */
const tokenOf = (id: string): Script => ({
  'management user': {
    user_id: USER_ID,
    identities: [{ ...identity(id), access_token: USER_TOKEN }],
  },
});

describe('what is known is of one account of one connection', () => {
  const refreshAs = async (
    user: Readonly<Record<string, unknown>>,
    event: RunOptions['event'] = {},
  ) => {
    const login = await run({ user: linked('x'), script: tokenOf('x') });
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
    const login = await run({ user: linked('x'), script: tokenOf('x') });
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: { ...afterwards(login, 180), ...linked('y') },
      script: { ...tokenOf('y'), ...EXPIRED },
    });
    expect(refresh.code).toBe('bitbucket_login_required');
    expect(endpointsOf(refresh)).not.toContain('bitbucket member');
  });

  test('the last known of another account lets nobody in', async () => {
    const login = await run({ user: linked('x'), script: tokenOf('x') });
    const user = { ...afterwards(login, 1), ...linked('y') };
    const { code } = await run({ secrets: LAST_KNOWN, user, script: { 'management user': 500 } });
    expect(code).toBe('bitbucket_unavailable');
  });
});

describe('a yes that names nobody, while nobody tells whose account it is', () => {
  const nobody = { 'bitbucket user': 500 };

  test('is not kept: neither an address nor a list', async () => {
    const script = { ...nobody, 'bitbucket workspaces': { values: [accessOf(ACME)] } };
    const result = await run({ secrets: { ALLOWED_WORKSPACES: '*' }, script });
    expect(result.code).toBe('bitbucket_unavailable');
    expect(Object.keys(result.appMetadata)).toEqual(['bitbucket_look']);
    expect(result.appMetadata.bitbucket_look).not.toHaveProperty('address');
    expect(result.appMetadata.bitbucket_look).not.toHaveProperty('reachable');
  });

  test('makes nobody an owner, though the list says administrator', async () => {
    const secrets = { ...LAST_KNOWN, ALLOWED_WORKSPACES: '*', ROLES: 'admin=acme:owner' };
    const member = { 'bitbucket workspaces': { values: [accessOf(ACME)] } };
    const login = await run({ secrets, script: member });
    const during = await run({
      secrets,
      user: afterwards(login, 1),
      script: {
        ...nobody,
        'bitbucket workspaces': { values: [accessOf(ACME, true)] },
        'bitbucket permission': 500,
      },
    });
    expect(claimIn(during, 'roles')).toEqual([]);
    expect(claimIn(during, 'groups')).toEqual([ACME.uuid, `${ACME.uuid}:member`]);
  });

  test('is not joined to the account that the consumer proves', async () => {
    const login = await run({ spec: EMAIL });
    const emails = { values: [emailOf(ADDRESS)] };
    const refresh = await run({
      spec: EMAIL,
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 40 * 24 * 60),
      script: { ...EXPIRED, 'bitbucket emails': emails },
    });
    expect(refresh.code).toBe('bitbucket_login_required');
  });
});
