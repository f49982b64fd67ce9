/** The policy of one login: the tenant's settings, and an application's own wishes over them. */
import { describe, expect, test } from 'vitest';
import { findNearMisses, readPolicy, rulesOf } from '#actions/lib/policy/policy.ts';
import { workspacesOf } from '#actions/lib/policy/rules.ts';
import { SettingsError } from '#actions/lib/policy/settings.ts';
import { SECRETS } from '#test/support/action-run.ts';

const policyOf = (metadata: unknown, secrets = {}) =>
  readPolicy({ ...SECRETS, ...secrets }, metadata);

describe('the policy of an application', () => {
  test.each<[unknown, readonly string[] | 'any', boolean]>([
    [{}, ['acme'], true],
    [undefined, ['acme'], true],
    [null, ['acme'], true],
    [{ bitbucket_allowed_workspaces: ' * ' }, 'any', true],
    [{ bitbucket_allowed_workspaces: 'a,b:owner' }, ['a', 'b'], true],
    [{ bitbucket_require_verified_email: ' false ' }, ['acme'], false],
    [{ bitbucket: 'x', other_allowed_workspaces: 'y' }, ['acme'], true],
  ])('%o', (metadata, workspaces, requireVerifiedEmail) => {
    const { allowed, ...policy } = policyOf(metadata);
    expect(allowed === 'any' ? 'any' : workspacesOf(allowed)).toEqual(workspaces);
    expect(policy.requireVerifiedEmail).toBe(requireVerifiedEmail);
  });

  test.each([
    [
      { bitbucket_allowed_workspaces: '' },
      'bitbucket_allowed_workspaces: empty; * means anybody in any workspace',
    ],
    [
      { bitbucket_allowed_workspaces: 'a,*' },
      'bitbucket_allowed_workspaces: rule 2 is *, which stands alone or not at all',
    ],
    [
      { bitbucket_allowed_workspaces: 'a b' },
      'bitbucket_allowed_workspaces: rule 1 has a space in it; rules are separated by commas or line breaks',
    ],
    [
      { bitbucket_allowed_workspaces: 1 },
      'client metadata bitbucket_allowed_workspaces: not a string',
    ],
    [
      { bitbucket_require_verified_email: 'no' },
      'bitbucket_require_verified_email: neither true nor false',
    ],
    [
      { bitbucket_require_verified_email: '' },
      'bitbucket_require_verified_email: neither true nor false',
    ],
    [
      { bitbucket_require_verified_email: true },
      'client metadata bitbucket_require_verified_email: not a string',
    ],
  ])('%o is a mistake', (metadata, message) => {
    expect(() => policyOf(metadata)).toThrow(new SettingsError(message));
  });

  test.each([
    ['Bitbucket_Allowed_Workspaces', 'bitbucket_allowed_workspaces'],
    ['bitbucket-allowed-workspaces', 'bitbucket_allowed_workspaces'],
    [' bitbucket_allowed_workspaces', 'bitbucket_allowed_workspaces'],
    ['bitbucket_allowed_ workspaces\t', 'bitbucket_allowed_workspaces'],
    ['BITBUCKET-REQUIRE_VERIFIED-EMAIL', 'bitbucket_require_verified_email'],
  ])('the key %o is a mistake: somebody believes that it acts', (key, meant) => {
    const metadata = { [key]: 'acme' };
    expect(findNearMisses(metadata)).toEqual([{ key, meant }]);
    expect(() => policyOf(metadata)).toThrow(`client metadata: a key that is nearly ${meant}`);
    // Also beside the right one.
    expect(() => policyOf({ ...metadata, [meant]: 'true' })).toThrow('nearly');
  });

  test.each([
    'bitbucket_allowed_workspace',
    'bitbucketallowedworkspaces',
    'allowed_workspaces',
    'bitbucket_allowed_workspaces',
  ])('the key %o is not nearly one of ours', (key) => {
    expect(findNearMisses({ [key]: 'acme' })).toEqual([]);
  });

  test('does not hide a mistake in the tenant’s settings, which are read whole', () => {
    const metadata = { bitbucket_allowed_workspaces: 'a' };
    expect(() => policyOf(metadata, { ALLOWED_WORKSPACES: 'a,,b' })).toThrow('rule 2 is empty');
    expect(() => policyOf(metadata, { ROLES: '=a' })).toThrow('ROLES: role 1');
  });
});

test('what is asked about: the rules that let in first, then those of roles', () => {
  const names = (policy: ReturnType<typeof policyOf>) => workspacesOf(rulesOf(policy));
  const secrets = { ALLOWED_WORKSPACES: 'b,a', ROLES: 'x=c,y=a:owner' };
  expect(names(policyOf({}, secrets))).toEqual(['b', 'a', 'c']);
  expect(names(policyOf({ bitbucket_allowed_workspaces: '*' }, secrets))).toEqual(['c', 'a']);
});
