/** The secrets of an Action, and what a mistake in them says. */
import { describe, expect, test } from 'vitest';
import { parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import { CONSUMER, SECRETS } from '#test/support/action-run.ts';

describe('settings', () => {
  test('have defaults for what is optional', () => {
    expect(parseSettings(SECRETS)).toEqual({
      managementDomain: 'acme.eu.auth0.com',
      managementClientId: 'machine-client-id',
      managementClientSecret: 'machine-client-secret',
      claimNamespace: 'https://example.com/bitbucket',
      allowed: [{ kind: 'workspace', workspace: 'acme', permission: 'member' }],
      roles: [],
      groupNames: 'slug',
      requireVerifiedEmail: true,
      recheckAfterMinutes: 60,
      emailRecheckAfterDays: 30,
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
      ALLOWED_WORKSPACES: '*',
      ROLES: 'admin=acme:owner',
      GROUP_NAMES: ' uuid ',
      REQUIRE_VERIFIED_EMAIL: 'false',
      EMAIL_RECHECK_AFTER_DAYS: '365',
      RECHECK_AFTER_MINUTES: '0',
      ON_OUTAGE: 'last_known\n',
      LAST_KNOWN_MAX_AGE_HOURS: '168',
    });
    expect(settings).toMatchObject({
      managementDomain: 'localhost:8443',
      claimNamespace: 'http://example.com/a',
      allowed: 'any',
      roles: [
        { role: 'admin', rule: { kind: 'workspace', workspace: 'acme', permission: 'owner' } },
      ],
      groupNames: 'uuid',
      emailRecheckAfterDays: 365,
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
    ['ALLOWED_WORKSPACES', '', 'ALLOWED_WORKSPACES: missing'],
    ['ALLOWED_WORKSPACES', undefined, 'ALLOWED_WORKSPACES: missing'],
    [
      'ALLOWED_WORKSPACES',
      'acme,ac/',
      'ALLOWED_WORKSPACES: rule 2 names no repository after the slash',
    ],
    ['ROLES', 'acme', 'ROLES: role 1 has no =; write role=rule'],
    ['GROUP_NAMES', 'Slug', 'GROUP_NAMES: neither slug nor uuid'],
    ['RECHECK_AFTER_MINUTES', '525601', 'RECHECK_AFTER_MINUTES: more than a year (525600)'],
    ['EMAIL_RECHECK_AFTER_DAYS', '366', 'EMAIL_RECHECK_AFTER_DAYS: more than a year (365)'],
    ['EMAIL_RECHECK_AFTER_DAYS', '-1', 'EMAIL_RECHECK_AFTER_DAYS: not a whole number'],
    ['LAST_KNOWN_MAX_AGE_HOURS', '8761', 'LAST_KNOWN_MAX_AGE_HOURS: more than a year (8760)'],
    [
      'LAST_KNOWN_MAX_AGE_HOURS',
      '9'.repeat(400),
      'LAST_KNOWN_MAX_AGE_HOURS: more than a year (8760)',
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
