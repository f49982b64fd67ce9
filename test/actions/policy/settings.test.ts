/** The secrets, the rules in them, and what a mistake in them says. */
import { describe, expect, test } from 'vitest';
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { readPolicy } from '#actions/lib/policy/policy.ts';
import { parseRules, workspacesOf } from '#actions/lib/policy/rules.ts';
import { parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import { CONSUMER, SECRETS } from '#test/support/action-run.ts';

const UUID = '{a15fb181-db1f-48f7-b41f-e1eff06929d6}';

describe('settings', () => {
  test('have defaults for what is optional', () => {
    const { ALLOWED_WORKSPACES: _, ...required } = SECRETS;
    expect(parseSettings(required)).toEqual({
      managementDomain: 'acme.eu.auth0.com',
      managementClientId: 'machine-client-id',
      managementClientSecret: 'machine-client-secret',
      claimNamespace: 'https://example.com/bitbucket',
      allowedWorkspaces: [],
      requireVerifiedEmail: true,
      recheckAfterMinutes: 60,
      onOutage: 'deny',
      lastKnownMaxAgeHours: 24,
    });
  });

  test('take what is given, without the white space around it', () => {
    const settings = parseSettings({
      ...SECRETS,
      ...CONSUMER,
      MANAGEMENT_DOMAIN: ' localhost:8443 ',
      CLAIM_NAMESPACE: 'http://example.com/a/',
      REQUIRE_VERIFIED_EMAIL: 'false',
      RECHECK_AFTER_MINUTES: '0',
      ON_OUTAGE: 'last_known\n',
      LAST_KNOWN_MAX_AGE_HOURS: '168',
    });
    expect(settings).toMatchObject({
      managementDomain: 'localhost:8443',
      claimNamespace: 'http://example.com/a',
      allowedWorkspaces: [{ workspace: 'acme', permission: 'member' }],
      requireVerifiedEmail: false,
      recheckAfterMinutes: 0,
      onOutage: 'last_known',
      lastKnownMaxAgeHours: 168,
      consumer: { key: 'consumer-key', secret: 'consumer-secret' },
    });
  });

  test.each<[string, unknown, string]>([
    ['MANAGEMENT_DOMAIN', '', 'MANAGEMENT_DOMAIN: missing'],
    ['MANAGEMENT_DOMAIN', 'https://acme.eu.auth0.com', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', 'acme.eu.auth0.com/', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', 'user@acme.eu.auth0.com', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', '-acme.com', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', 'acme.com:', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', `${'a'.repeat(254)}`, 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', 'acme.com:99999', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_DOMAIN', '999.1.1.1', 'MANAGEMENT_DOMAIN: not a bare host name'],
    ['MANAGEMENT_CLIENT_ID', '   ', 'MANAGEMENT_CLIENT_ID: missing'],
    ['MANAGEMENT_CLIENT_SECRET', undefined, 'MANAGEMENT_CLIENT_SECRET: missing'],
    ['MANAGEMENT_CLIENT_SECRET', null, 'MANAGEMENT_CLIENT_SECRET: missing'],
    ['MANAGEMENT_CLIENT_SECRET', 7, 'MANAGEMENT_CLIENT_SECRET: not a string'],
    ['CLAIM_NAMESPACE', '', 'CLAIM_NAMESPACE: missing'],
    ['CLAIM_NAMESPACE', 'example.com', 'CLAIM_NAMESPACE: not an http(s) URL'],
    ['CLAIM_NAMESPACE', 'ftp://example.com', 'CLAIM_NAMESPACE: not an http(s) URL'],
    ['CLAIM_NAMESPACE', 'https:example.com', 'CLAIM_NAMESPACE: not an http(s) URL'],
    [
      'CLAIM_NAMESPACE',
      'https://example.com/?a',
      'CLAIM_NAMESPACE: has more than a host and a path',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://example.com/#a',
      'CLAIM_NAMESPACE: has more than a host and a path',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://example.com/a b',
      'CLAIM_NAMESPACE: has more than a host and a path',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://u@example.com',
      'CLAIM_NAMESPACE: has more than a host and a path',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://:p@example.com',
      'CLAIM_NAMESPACE: has more than a host and a path',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://x.auth0.com',
      'CLAIM_NAMESPACE: Auth0 drops claims under a domain of its own',
    ],
    [
      'CLAIM_NAMESPACE',
      'https://webtask.io/a',
      'CLAIM_NAMESPACE: Auth0 drops claims under a domain of its own',
    ],
    [
      'ALLOWED_WORKSPACES',
      'acme,ac/me',
      'ALLOWED_WORKSPACES: rule 2 is neither a slug nor a {uuid}',
    ],
    ['REQUIRE_VERIFIED_EMAIL', 'TRUE', 'REQUIRE_VERIFIED_EMAIL: neither true nor false'],
    ['RECHECK_AFTER_MINUTES', '-1', 'RECHECK_AFTER_MINUTES: not a whole number'],
    ['RECHECK_AFTER_MINUTES', '1.5', 'RECHECK_AFTER_MINUTES: not a whole number'],
    ['RECHECK_AFTER_MINUTES', '1h', 'RECHECK_AFTER_MINUTES: not a whole number'],
    ['LAST_KNOWN_MAX_AGE_HOURS', '1e3', 'LAST_KNOWN_MAX_AGE_HOURS: not a whole number'],
    ['ON_OUTAGE', 'allow', 'ON_OUTAGE: neither deny nor last_known'],
    ['BITBUCKET_KEY', 'key', 'BITBUCKET_SECRET: missing beside BITBUCKET_KEY'],
    ['BITBUCKET_SECRET', 'secret', 'BITBUCKET_KEY: missing beside BITBUCKET_SECRET'],
  ])('%s = %o is a mistake', (name, value, message) => {
    expect(() => parseSettings({ ...SECRETS, [name]: value })).toThrow(new SettingsError(message));
  });

  test.each([
    ['Acme.EU.auth0.com', 'acme.eu.auth0.com'],
    ['acme.eu.auth0.com:443', 'acme.eu.auth0.com'],
    ['localhost:08443', 'localhost:8443'],
    ['a', 'a'],
  ])('the domain %s is %s', (text, domain) => {
    expect(parseSettings({ ...SECRETS, MANAGEMENT_DOMAIN: text }).managementDomain).toBe(domain);
  });

  test.each(['https://auth0.com.example.com', 'https://myauth0.com', 'https://example.com:8443/a'])(
    'the namespace %s is nobody else’s',
    (namespace) => {
      expect(parseSettings({ ...SECRETS, CLAIM_NAMESPACE: namespace }).claimNamespace).toBe(
        namespace,
      );
    },
  );

  test.each([undefined, null, 'secrets', []])('no secrets at all (%o) are a mistake', (secrets) => {
    expect(() => parseSettings(secrets)).toThrow('MANAGEMENT_DOMAIN: missing');
  });
});

describe('rules', () => {
  test.each([
    ['', []],
    [' \n ', []],
    ['acme', [['acme', 'member']]],
    ['Acme_1.x-y', [['acme_1.x-y', 'member']]],
    [
      'a,b',
      [
        ['a', 'member'],
        ['b', 'member'],
      ],
    ],
    [
      'a , b\n\tc',
      [
        ['a', 'member'],
        ['b', 'member'],
        ['c', 'member'],
      ],
    ],
    [
      'a:owner b:create-project',
      [
        ['a', 'owner'],
        ['b', 'create-project'],
      ],
    ],
    [
      'a:collaborator,a:member',
      [
        ['a', 'collaborator'],
        ['a', 'member'],
      ],
    ],
    [`${UUID.toUpperCase()}:owner`, [[UUID, 'owner']]],
  ])('%o is read', (text, rules) => {
    const expected = rules.map(([workspace, permission]) => ({ workspace, permission }));
    expect(parseRules(text)).toEqual({ ok: true, rules: expected });
  });

  test.each([
    [',', 'rule 1 is empty'],
    ['a,,b', 'rule 2 is empty'],
    ['a b,', 'rule 3 is empty'],
    [':owner', 'rule 1 is empty'],
    ['a:owner:x', 'rule 1 has more than one colon'],
    ['a:', 'rule 1 has an unknown permission'],
    ['a b:Owner', 'rule 2 has an unknown permission'],
    ['a:admin', 'rule 1 has an unknown permission'],
    ['*', 'rule 1 is neither a slug nor a {uuid}'],
    ['..', 'rule 1 is neither a slug nor a {uuid}'],
    ['-a', 'rule 1 is neither a slug nor a {uuid}'],
    ['a/b', 'rule 1 is neither a slug nor a {uuid}'],
    ['ünïcode', 'rule 1 is neither a slug nor a {uuid}'],
    ['x'.repeat(101), 'rule 1 is neither a slug nor a {uuid}'],
    ['{a15fb181}', 'rule 1 is neither a slug nor a {uuid}'],
    [UUID.slice(1, -1), 'rule 1 is a uuid without its braces'],
    [`${UUID}x`, 'rule 1 is neither a slug nor a {uuid}'],
    [`x${UUID}`, 'rule 1 is neither a slug nor a {uuid}'],
  ])('%o is a mistake', (text, mistake) => {
    expect(parseRules(text)).toEqual({ ok: false, mistake });
  });

  test('name at most 100 workspaces, each counted once', () => {
    const names = Array.from({ length: 101 }, (_, index) => `w${index}`);
    expect(parseRules(names.join(' '))).toEqual({ ok: false, mistake: 'more than 100 workspaces' });
    expect(parseRules([...names.slice(1), 'w5:owner'].join(' '))).toMatchObject({ ok: true });
  });

  test('name each workspace once, in their order', () => {
    const parsed = parseRules('b a b:owner');
    expect(parsed.ok && workspacesOf(parsed.rules)).toEqual(['b', 'a']);
  });
});

describe('the policy of an application', () => {
  const policyOf = (metadata: unknown) =>
    readPolicy({ client: { metadata }, secrets: SECRETS } as unknown as PostLoginEvent);

  test.each([
    [{}, ['acme'], true],
    [undefined, ['acme'], true],
    [{ bitbucket_allowed_workspaces: ' * ' }, [], true],
    [{ bitbucket_allowed_workspaces: 'a b:owner' }, ['a', 'b'], true],
    [{ bitbucket_require_verified_email: ' false ' }, ['acme'], false],
  ])('%o', (metadata, workspaces, requireVerifiedEmail) => {
    const policy = policyOf(metadata);
    expect(workspacesOf(policy.allowedWorkspaces)).toEqual(workspaces);
    expect(policy.requireVerifiedEmail).toBe(requireVerifiedEmail);
  });

  test.each([
    [{ bitbucket_allowed_workspaces: '' }, 'bitbucket_allowed_workspaces: empty; * means any'],
    [
      { bitbucket_allowed_workspaces: 'a,*' },
      'bitbucket_allowed_workspaces: rule 2 is neither a slug nor a {uuid}',
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
      { bitbucket_require_verified_email: true },
      'client metadata bitbucket_require_verified_email: not a string',
    ],
  ])('%o is a mistake', (metadata, message) => {
    expect(() => policyOf(metadata)).toThrow(new SettingsError(message));
  });
});
