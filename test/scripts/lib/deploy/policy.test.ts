/** The policy before a deploy: read by the Actions' own reader, and shown as it was understood. */
import { describe, expect, test } from 'vitest';
import { readPolicy } from '#scripts/lib/deploy/policy.ts';
import { assertSecretsFit } from '#scripts/lib/deploy/preconditions.ts';
import { renderPolicy } from '#scripts/lib/deploy/show-policy.ts';
import type { ActionAsset } from '#scripts/lib/tenant/assets.ts';

const SECRETS = {
  MANAGEMENT_DOMAIN: 'acme.eu.auth0.com',
  MANAGEMENT_CLIENT_ID: 'x',
  MANAGEMENT_CLIENT_SECRET: 'x',
  CLAIM_NAMESPACE: 'https://example.com/bitbucket',
  ALLOWED_WORKSPACES: 'acme',
};
const action = (change: Readonly<Record<string, string>> = {}, name = 'one'): ActionAsset => ({
  ...{ name, code: './x.cjs', runtime: 'node22' },
  secrets: Object.entries({ ...SECRETS, ...change }).map(([secret, value]) => ({
    name: secret,
    value,
  })),
});
const shown = (change: Readonly<Record<string, string>>) =>
  renderPolicy(readPolicy([action(change)]));

describe('a policy that the Actions could not read is refused', () => {
  test.each([
    ['ON_OUTAGE', 'allow'],
    ['ALLOWED_WORKSPACES', 'acme:king'],
    ['ALLOWED_WORKSPACES', 'Acme Corp'],
    ['ALLOWED_WORKSPACES', 'acme, *'],
    ['CLAIM_NAMESPACE', 'bitbucket'],
    ['RECHECK_AFTER_MINUTES', 'soon'],
    ['REQUIRE_VERIFIED_EMAIL', 'yes'],
  ])('%s=%s, by the name of the setting', (name, value) => {
    expect(() => readPolicy([action({ [name]: value })])).toThrow(
      new RegExp(`every login would be refused\\. Nothing was changed\\.\\n {2}- ${name}: `),
    );
  });

  test('and so is a secret that they do not know, which they would read past', () => {
    expect(() => readPolicy([action({ REQUIRE_VERIFED_EMAIL: 'false' })])).toThrow(
      'REQUIRE_VERIFED_EMAIL is no secret of these Actions',
    );
  });

  test('and so are two Actions of two minds', () => {
    const actions = [action(), action({ ALLOWED_WORKSPACES: 'other' }, 'two')];
    expect(() => readPolicy(actions)).toThrow('of one and two differ in ALLOWED_WORKSPACES');
  });
});

describe('a policy is shown', () => {
  test('with each rule and what it means', () => {
    const text = shown({
      ALLOWED_WORKSPACES: 'acme, {0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f}:owner',
    });
    expect(text).toContain(
      'acme                                          whoever is in the workspace acme',
    );
    expect(text).toContain('owners of the workspace {0a1b2c3d');
    expect(text).toContain('only people whose address is confirmed');
    expect(text).toContain('nobody whom it would have to be asked about');
  });

  test('as a door for anybody', () => {
    expect(shown({ ALLOWED_WORKSPACES: '*' })).toContain('anybody in any workspace');
  });

  test('with what is not asked, and what an outage does', () => {
    const text = shown({ REQUIRE_VERIFIED_EMAIL: 'false', ON_OUTAGE: 'last_known' });
    expect(text).toContain('whether their address is confirmed at Bitbucket or not');
    expect(text).toContain('by what was known in the last 24 h');
  });

  test('to programs as an object', () => {
    expect(readPolicy([action()])).toMatchObject({
      rules: [{ rule: 'acme', meaning: 'whoever is in the workspace acme' }],
      isForAnyWorkspace: false,
      requireVerifiedEmail: true,
      onOutage: 'deny',
    });
  });

  test('as none where no Action of this package is declared', () => {
    expect(renderPolicy(readPolicy([]))).toMatch(/^Policy: none/);
  });
});

describe('secrets that Auth0 would not take are refused', () => {
  const fitting = (asset: ActionAsset) => () =>
    assertSecretsFit({
      ...{ connections: [], clients: [], clientGrants: [], actions: [asset] },
      triggers: { 'post-login': [] },
    });
  test.each<[string, ActionAsset, string]>([
    [
      'a value',
      action({ ALLOWED_WORKSPACES: 'a'.repeat(4_097) }),
      'has 4097 characters; Auth0 takes 4096',
    ],
    ['a name', action({ ['N'.repeat(129)]: 'x' }), 'longer than 128 characters'],
    [
      'one too many',
      action(Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`S${index}`, 'x']))),
      'has 31 secrets; Auth0 takes 30',
    ],
  ])('%s', (_, asset, reason) => {
    expect(fitting(asset)).toThrow(reason);
  });
  test('but not at the limit', () => {
    expect(fitting(action({ ALLOWED_WORKSPACES: 'a'.repeat(4_096) }))).not.toThrow();
  });
});
