/** What somebody who is let in gets in the tokens. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#actions/lib/http/send.ts';
import {
  ACME,
  ADDRESS,
  accessOf,
  accessToRepository,
  claimIn,
  EMAIL,
  emailOf,
  endpointsOf,
  membershipOf,
  NAMESPACE,
  numbered,
  OTHER,
  PERSON,
  run,
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

  test('what could not be told of the address is left out, where nobody needs it', async () => {
    const { code, idToken } = await run({
      spec: EMAIL,
      secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
      script: { 'bitbucket emails': 500 },
    });
    expect([code, idToken]).toEqual([undefined, {}]);
  });

  test('groups name workspaces by uuids, where that is wanted', async () => {
    const result = await run({ secrets: { GROUP_NAMES: 'uuid' } });
    expect(claimIn(result, 'groups')).toEqual([ACME.uuid, `${ACME.uuid}:member`]);
    expect(claimIn(result, 'workspaces')).toEqual([{ ...ACME, permission: 'member' }]);
  });

  test('a person let in by name alone is in no workspace that anybody asked about', async () => {
    const result = await run({ secrets: { ALLOWED_WORKSPACES: `@${PERSON}` } });
    expect(result.idToken).toEqual({
      [claim('uuid')]: PERSON,
      [claim('workspaces')]: [],
      [claim('groups')]: [],
    });
    expect(endpointsOf(result).slice(2)).toEqual(['bitbucket user', 'bitbucket emails']);
  });
});

describe('claims of a long list', () => {
  test('fit 3 kB, those that the rules name first', async () => {
    const workspaces = numbered(10, (index) => `${'a-rather-long-slug-'.repeat(4)}${index}`);
    const repositories = Array.from({ length: 50 }, (_, index) => ({
      uuid: `{11111111-0000-4000-8000-${String(index).padStart(12, '0')}}`,
      fullName: `acme/repository-${index}`,
    }));
    const result = await run({
      secrets: {
        ALLOWED_WORKSPACES: [
          ...workspaces.map(({ slug }) => slug),
          ...repositories.map(({ fullName }) => fullName),
        ].join(),
      },
      script: {
        'bitbucket permission': ({ path }: Call) => {
          const workspace = workspaces.find(({ slug }) => path.includes(`/${slug}/`));
          return workspace === undefined ? 403 : membershipOf(workspace, 'create-project');
        },
        'bitbucket repositories': {
          values: repositories.map((repository) => accessToRepository(repository)),
        },
      },
    });
    expect(result.code).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(result.idToken))).toBeLessThanOrEqual(3_000);
    const told = claimIn(result, 'workspaces') as readonly { readonly slug: string }[];
    expect(told.map(({ slug }) => slug)).toEqual(
      workspaces.slice(0, told.length).map(({ slug }) => slug),
    );
    expect(told.length).toBeGreaterThan(4);
  });
});

describe('claims of anybody in any workspace (*)', () => {
  const any = { secrets: { ALLOWED_WORKSPACES: '*' } };
  const listed = (count: number, nameOf?: (index: number) => string) =>
    numbered(count, nameOf).map((workspace) => accessOf(workspace));
  const bytesOf = (claims: object) => Buffer.byteLength(JSON.stringify(claims));

  test('name groups by uuids: people choose their own slugs', async () => {
    for (const GROUP_NAMES of ['slug', 'uuid']) {
      const result = await run({ secrets: { ...any.secrets, GROUP_NAMES } });
      expect(claimIn(result, 'groups')).toEqual([ACME.uuid]);
      expect(claimIn(result, 'workspaces')).toEqual([ACME]);
    }
  });

  test('an administrator is an owner', async () => {
    const script = { 'bitbucket workspaces': { values: [accessOf(ACME, true), accessOf(OTHER)] } };
    const result = await run({ ...any, script });
    expect(claimIn(result, 'workspaces')).toEqual([{ ...ACME, permission: 'owner' }, OTHER]);
    expect(claimIn(result, 'groups')).toEqual([ACME.uuid, `${ACME.uuid}:owner`, OTHER.uuid]);
  });

  test('a few are all told', async () => {
    const script = { 'bitbucket workspaces': { values: listed(10) } };
    const result = await run({ ...any, script });
    expect(claimIn(result, 'workspaces')).toHaveLength(10);
    expect(claimIn(result, 'workspaces_truncated')).toBeUndefined();
  });

  test('more than fit 3 kB are cut off, and that is told', async () => {
    for (const nameOf of [
      (index: number) => `w${index}`,
      (index: number) => `${'a-rather-long-slug-'.repeat(4)}${index}`,
    ]) {
      const script = { 'bitbucket workspaces': { values: listed(100, nameOf) } };
      const [one, two] = [
        await run({ ...any, script }),
        await run({ ...any, script, spec: EMAIL }),
      ];
      expect(claimIn(one, 'workspaces_truncated')).toBe(true);
      expect((claimIn(one, 'workspaces') as unknown[]).length).toBeGreaterThan(5);
      expect(bytesOf({ ...one.idToken, ...two.idToken })).toBeLessThanOrEqual(3_000);
    }
  });

  test('no more than 100 are read, and that there are others is told', async () => {
    const next = 'https://api.bitbucket.org/2.0/user/workspaces?page=2';
    const short = numbered(100).map((workspace) => accessOf(workspace));
    const script = { 'bitbucket workspaces': { values: short, next } };
    const result = await run({ ...any, script });
    expect(claimIn(result, 'workspaces_truncated')).toBe(true);
    expect(endpointsOf(result).filter((name) => name === 'bitbucket workspaces')).toHaveLength(1);
  });

  test('short pages are followed until there are enough', async () => {
    const next = 'https://api.bitbucket.org/2.0/user/workspaces?page=2';
    const { idToken, calls } = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: {
        'bitbucket workspaces': [{ values: listed(5), next }, { values: listed(11).slice(5) }],
      },
    });
    expect(idToken[claim('workspaces')]).toHaveLength(11);
    expect(calls.map((call) => call.path)).toContain('/2.0/user/workspaces?page=2');
  });
});
