/** Facts belong to one linked account, of one connection: nobody else is let in by them. */
import { describe, expect, test } from 'vitest';
import {
  afterwards,
  CONSUMER,
  EXPIRED,
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
