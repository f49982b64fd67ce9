/** Roles: given to somebody who is let in, never a reason to let in or to refuse. */
import { describe, expect, test } from 'vitest';
import {
  accessToRepository,
  afterwards,
  claimIn,
  EMAIL,
  endpointsOf,
  INFRA,
  LAST_KNOWN,
  lacking,
  OTHER,
  PERSON,
  run,
  type Script,
} from '#test/support/action-run.ts';

const ROLES = `staff=acme, admin=acme:owner\ndeployer=acme/infra:write,staff=@${PERSON}`;
const withRoles = (script: Script = {}, roles = ROLES, more = {}) =>
  run({
    ...more,
    secrets: { ROLES: roles, ...(more as { secrets?: object }).secrets },
    script: {
      'bitbucket repositories': { values: [accessToRepository(INFRA, 'write')] },
      ...script,
    },
  });

describe('roles', () => {
  test('are sorted and without repeats, asked in the same round trip', async () => {
    const result = await withRoles();
    expect(claimIn(result, 'roles')).toEqual(['deployer', 'staff']);
    expect(endpointsOf(result).slice(2).sort()).toEqual([
      ...['bitbucket emails', 'bitbucket permission', 'bitbucket repositories', 'bitbucket user'],
    ]);
    expect(result.log.roles_unknown).toBeUndefined();
  });

  test('are an empty list for somebody who has none, and absent where there are none', async () => {
    expect(claimIn(await withRoles({}, 'admin=acme:owner'), 'roles')).toEqual([]);
    expect(claimIn(await run(), 'roles')).toBeUndefined();
    expect(claimIn(await withRoles({}, ROLES, { spec: EMAIL }), 'roles')).toBeUndefined();
  });

  test('let nobody in', async () => {
    const result = await withRoles({}, ROLES, { secrets: { ALLOWED_WORKSPACES: 'other' } });
    expect(result.code).toBe('bitbucket_workspace_required');
    expect(result.idToken).toEqual({});
  });

  test.each<[string, Script[string]]>([
    ['an outage', 500],
    ['the person’s own limit', 429],
    ['a missing permission of the consumer', lacking('repository')],
    ['another repository', { values: [accessToRepository({ ...INFRA, fullName: 'a/b' })] }],
  ])('that cannot be told for %s are left out, and the log says so', async (_, repositories) => {
    const result = await withRoles({ 'bitbucket repositories': repositories });
    expect(result.code).toBeUndefined();
    expect(claimIn(result, 'roles')).toEqual(['staff']);
    expect(result.log.roles_unknown).toBe(1);
  });

  test('that are had by another rule are not unknown', async () => {
    const script = { 'bitbucket repositories': 500 };
    const result = await withRoles(script, 'staff=acme/infra,staff=acme');
    expect([claimIn(result, 'roles'), result.log.roles_unknown]).toEqual([['staff'], undefined]);
  });

  test('that are only known from before are given in an outage only with last_known', async () => {
    const user = afterwards(await withRoles(), 5);
    const script = { 'bitbucket repositories': 500 };
    const denied = await withRoles(script, ROLES, { user });
    expect(claimIn(denied, 'roles')).toEqual(['staff']);
    const known = await withRoles(script, ROLES, { user, secrets: LAST_KNOWN });
    expect(claimIn(known, 'roles')).toEqual(['deployer', 'staff']);
  });

  test('bring the workspaces that they name into the claims', async () => {
    const result = await withRoles(
      {
        'bitbucket permission': ({ path }: { path: string }) =>
          path.includes('other')
            ? {
                permission: 'owner',
                user: { type: 'user', uuid: PERSON },
                workspace: OTHER,
              }
            : 403,
      },
      'ops=other:owner',
      { secrets: { ALLOWED_WORKSPACES: `@${PERSON}` } },
    );
    expect(claimIn(result, 'groups')).toEqual(['other', 'other:owner']);
    expect(claimIn(result, 'roles')).toEqual(['ops']);
  });

  test('do not refuse anybody where the consumer lacks the permission for them', async () => {
    const script = { 'bitbucket permission': [lacking('account')] };
    const result = await withRoles(script, 'x=acme', {
      secrets: { ALLOWED_WORKSPACES: `@${PERSON}` },
    });
    expect(result.code).toBeUndefined();
    expect(result.log.roles_unknown).toBe(1);
  });
});
