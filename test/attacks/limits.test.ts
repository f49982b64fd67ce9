/** Limits of the contract: one look for both Actions, 60 calls, 3 kB, 4 kB, 256 characters. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  access,
  askedRepositories,
  askedWorkspace,
  asPerson,
  claim,
  createPerson,
  EMAIL,
  emails,
  listOf,
  membership,
  type Outcome,
  uuidOf,
  WORKSPACES,
} from './support.ts';

const isBitbucket = ({ origin }: Call) => origin.includes('bitbucket');
const reached = (slugs: readonly string[]) => ({
  'bitbucket workspaces': listOf(slugs),
  'bitbucket permission': ({ path }: Call) => membership(askedWorkspace(path) ?? ''),
});
const named = (count: number, name = 'team') =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

describe('the second Action of a flow makes no call', () => {
  test.each([20, 50, 80, 100])('with %i workspaces in the rules', async (count) => {
    const rules = named(count, 'some-workspace');
    const person = createPerson({ ALLOWED_WORKSPACES: rules.join() });
    const login = await person.login({ script: reached(rules.slice(0, 1)) });
    expect(login.code).toBeUndefined();
    expect(login.callsOf[1]).toBe(0);
  });

  test.each([10, 20, 30, 40])(
    'for somebody who is in %i workspaces of the rules',
    async (count) => {
      const rules = named(count, 'some-workspace');
      const person = createPerson({ ALLOWED_WORKSPACES: rules.join() });
      const login = await person.login({ script: reached(rules) });
      expect(login.code).toBeUndefined();
      expect(login.callsOf[1]).toBe(0);
    },
  );

  test('for somebody with 100 workspaces under *', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: '*' });
    const login = await person.login({ script: reached(named(100, 'a-long-name-of-a-workspace')) });
    expect(login.code).toBeUndefined();
    expect(login.callsOf[1]).toBe(0);
  });

  test('with 50 repositories in the rules', async () => {
    const person = createPerson({
      ALLOWED_WORKSPACES: named(50, 'acme/some-repository').join(),
    });
    const login = await person.login({
      script: {
        'bitbucket repositories': (call: Call) => ({
          values: askedRepositories(call).map((name) => access(name, 'write')),
        }),
      },
    });
    expect(login.code).toBeUndefined();
    expect(login.callsOf[1]).toBe(0);
  });
});

test('a login of both Actions makes at most 60 calls to Bitbucket', async () => {
  const rules = named(50);
  const person = createPerson({ ALLOWED_WORKSPACES: rules.join() });
  const login = await person.login({ script: reached(rules) });
  expect(login.calls.filter(isBitbucket).length).toBeLessThanOrEqual(60);
});

test('a login of both Actions takes at most 8 s', async () => {
  const rules = named(60);
  const person = createPerson({ ALLOWED_WORKSPACES: rules.join() });
  const login = await person.login({ script: reached(rules.slice(0, 1)), takesMs: 1_500 });
  expect(login.code).toBeUndefined();
  expect(login.ms).toBeLessThanOrEqual(8_000);
});

describe('claims', () => {
  const bytesOf = ({ claims }: Outcome) => Buffer.byteLength(JSON.stringify(claims));

  test('of both Actions have at most 3 kB under *, also with a long address and namespace', async () => {
    const address = `${'a'.repeat(180)}@${'b'.repeat(60)}.example.com`;
    const person = createPerson({
      ALLOWED_WORKSPACES: '*',
      CLAIM_NAMESPACE: `https://identity.example.com/${'claims/'.repeat(8)}`,
    });
    const login = await person.login({
      user: { email: address },
      script: { ...reached(named(100)), 'bitbucket emails': emails(true, address) },
    });
    expect(login.code).toBeUndefined();
    expect(bytesOf(login)).toBeLessThanOrEqual(3_072);
  });

  test('tell the repositories of the rules before the workspaces that a person makes himself', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: '*', ROLES: 'deployer=acme/infra:write' });
    const login = await person.login({
      script: {
        ...reached(named(100)),
        'bitbucket repositories': { values: [access('acme/infra', 'write')] },
      },
    });
    expect(claim(login, 'roles')).toEqual(['deployer']);
    expect(claim(login, 'repositories')).toEqual([
      { uuid: uuidOf('acme/infra'), full_name: 'acme/infra', permission: 'write' },
    ]);
  });
});

describe('what is kept', () => {
  test('is not written again for the same refusal a moment later, where nobody was asked', async () => {
    const person = createPerson({ ROLES: 'acme' });
    expect((await person.login()).wrote).toBe(true);
    const again = await person.login();
    expect(again.code).toBe('bitbucket_misconfigured');
    expect(again.wrote).toBe(false);
  });

  test('is not written again by single sign-on, minutes after a look', async () => {
    const person = createPerson();
    await person.login();
    const again = await person.login({ kind: 'single sign-on', minutesLater: 10 });
    expect(again).toMatchObject({ code: undefined, wrote: false, calls: [] });
  });

  test('with what another version left there has at most 4 kB', async () => {
    const person = createPerson({ ALLOWED_WORKSPACES: '*' });
    person.kept().bitbucket = {
      uuid: uuidOf('old'),
      email_verified: true,
      workspaces: named(90).map((slug) => ({ slug, uuid: uuidOf(slug), permission: 'owner' })),
      checked_at: '2026-01-01T00:00:00Z',
    };
    await person.login({ script: asPerson(503) });
    expect(Buffer.byteLength(JSON.stringify(person.kept()))).toBeLessThanOrEqual(4_096);
  });
});

describe('nothing is thrown, and nothing gets through', () => {
  test.each([EMAIL, WORKSPACES])('when the api fails in every way: $name', async (spec) => {
    const broken = () => {
      throw new Error('theirs erik@example.com');
    };
    const person = createPerson();
    const login = await person.login({
      actions: [spec],
      api: {
        idToken: { setCustomClaim: broken },
        cache: { get: broken, set: broken, delete: broken },
        transaction: { setMetadata: broken },
        user: { setAppMetadata: broken },
      },
    });
    expect(login.code).toBe('bitbucket_unavailable');
    expect(JSON.stringify(login.logs)).not.toContain('erik');
  });

  test('an event without an application is judged by the tenant’s policy', async () => {
    const person = createPerson();
    const login = await person.login({ event: { client: null } });
    expect(login.code).toBeUndefined();
  });

  test('a login whose first identity is Bitbucket’s, but says no connection, is not let through unseen', async () => {
    const person = createPerson();
    const login = await person.login({
      event: {
        connection: undefined,
        user: {
          user_id: 'bitbucket|470c',
          email: 'erik@example.com',
          identities: [{ provider: 'bitbucket', user_id: '470c' }],
        },
      },
    });
    expect(login.code).toBeDefined();
  });

  test.each(['bitbucket allowed workspaces', 'bitbucket_allowed workspaces'])(
    'an application’s key “%s” is a mistake, not the tenant’s policy',
    async (key) => {
      const person = createPerson();
      const login = await person.login({ metadata: { [key]: 'other' } });
      expect(login.code).toBe('bitbucket_misconfigured');
    },
  );
});
