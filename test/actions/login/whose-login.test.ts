/** Which logins are this package's business, and whose. */
import { describe, expect, test } from 'vitest';
import {
  EMAIL,
  emailOf,
  IDENTITY,
  type RunOptions,
  run,
  USER_ID,
  USER_TOKEN,
} from '#test/support/action-run.ts';

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

  test('an event without a connection is one of the Bitbucket connection, if the first identity is', async () => {
    const { idToken } = await run();
    const bare = await run({ event: { connection: undefined as never } });
    expect([bare.code, bare.idToken]).toEqual([undefined, idToken]);
  });

  test.each<[string, readonly object[]]>([
    ['another provider’s', [{ connection: 'github', provider: 'github', user_id: 1 }, IDENTITY]],
    ['nobody’s', []],
  ])(
    'an event without a connection whose first identity is %s is left alone',
    async (_, identities) => {
      const event = { connection: undefined as never };
      const result = await run({ event, user: { identities } });
      expect([result.calls, result.writes, result.logLines]).toEqual([[], [], []]);
    },
  );
});

describe('a user whose first identity is another provider’s', () => {
  const google = { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '1' };
  const linked: RunOptions = {
    user: { identities: [google, IDENTITY], email: 'erik@gmail.com' },
    script: {
      'management user': {
        user_id: USER_ID,
        identities: [
          { ...google, access_token: 'google' },
          { ...IDENTITY, access_token: USER_TOKEN },
        ],
      },
    },
  };

  test('is let in by the Bitbucket identity, and its token alone is used', async () => {
    const result = await run(linked);
    expect(result.code).toBeUndefined();
    expect(JSON.stringify(result.calls)).not.toContain('Bearer google');
  });

  test('is told to add the address, where Bitbucket does not call it confirmed', async () => {
    const result = await run({ ...linked, spec: EMAIL });
    expect(result.reasons[0]).toMatch(/^bitbucket_email_unverified: .* Add it and confirm it/);
    expect(result.log.cause).toBe(
      'not among the confirmed addresses: it is that of another linked identity',
    );
  });

  test('is let in where Bitbucket calls that address confirmed', async () => {
    const emails = { values: [emailOf('erik@gmail.com')] };
    const script = { ...linked.script, 'bitbucket emails': emails };
    expect((await run({ ...linked, script, spec: EMAIL })).code).toBeUndefined();
  });
});

test('a user without an address is told so', async () => {
  const result = await run({ spec: EMAIL, user: { email: undefined } });
  expect(result.reasons[0]).toMatch(/^bitbucket_email_unverified: .* has no e-mail address/);
  expect(result.log.cause).toBe('Auth0 holds no address');
});

test('an event whose identity shows no id is a login like any other', async () => {
  const { user_id: _, ...identity } = IDENTITY;
  expect((await run({ user: { identities: [identity] } })).code).toBeUndefined();
});
