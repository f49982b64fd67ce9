/** What the scripts take from the environment: completely, by its right name, and filled in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeCustomDomain, parseTenantDomain } from '#scripts/lib/cli/domain.ts';
import {
  assertConfigured,
  readApplicationList,
  readDeployer,
} from '#scripts/lib/cli/environment.ts';
import { findPlaceholders } from '#scripts/lib/cli/placeholders.ts';
import { VARIABLES } from '#scripts/lib/cli/variables.ts';
import { ROOT } from '#scripts/lib/root.ts';

const NAMES = VARIABLES.map(({ name }) => name);
const DEPLOYER = {
  AUTH0_DOMAIN: 'my-team.eu.auth0.com',
  AUTH0_CLIENT_ID: 'id',
  AUTH0_CLIENT_SECRET: 'secret',
};

describe('.env.example', () => {
  test('names every variable once, and no other', async () => {
    const text = await readFile(join(ROOT, '.env.example'), 'utf8');
    const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual([...NAMES].sort());
  });

  test('copied and left as it is, is refused by the name of what is not filled in', async () => {
    const text = await readFile(join(ROOT, '.env.example'), 'utf8');
    const domain = /^AUTH0_DOMAIN=(.*)$/m.exec(text)?.[1];
    expect(findPlaceholders({ AUTH0_DOMAIN: domain })).toEqual(['AUTH0_DOMAIN']);
  });
});

describe('a placeholder', () => {
  test.each(NAMES)('is seen in %s', (name) => {
    for (const value of [
      '$X',
      `$${name}`,
      `$${name.toLowerCase()}`,
      `\${${name}}`,
      '$' + '{X:-}',
    ]) {
      expect(findPlaceholders({ [name]: value })).toEqual([name]);
    }
    for (const value of [
      '$' + '{{ secrets.X }}',
      '##X##',
      '@@X@@',
      '<your-secret>',
      ' $X\n',
      '...',
    ]) {
      expect(findPlaceholders({ [name]: value })).toEqual([name]);
    }
  });

  test.each([
    ['CLAIM_NAMESPACE', 'https://$' + '{HOST}/bitbucket'],
    ['ALLOWED_WORKSPACES', 'acme,$TEAM'],
    ['AUTH0_DOMAIN', 'your-tenant.eu.auth0.com'],
    ['AUTH0_CLIENT_SECRET', 'changeme'],
    ['AUTH0_CLIENT_SECRET', '***'],
    ['BITBUCKET_SECRET', 'undefined'],
  ])('is seen in %s=%s', (name, value) => {
    expect(findPlaceholders({ [name]: value })).toEqual([name]);
  });

  test.each([
    ['BITBUCKET_SECRET', `x"'$&#@@PATH@@##PATH##\n: ü`],
    ['BITBUCKET_SECRET', '$2b$10$N9qo8uLOickgx2ZMRZoMye'],
    [
      'ALLOWED_WORKSPACES',
      '{470c176d-3574-44ea-bb41-89e8638bcca4}, @{470c176d-3574-44ea-bb41-89e8638bcca4}',
    ],
    ['ALLOWED_WORKSPACES', 'your-voice, *'],
    ['ALLOWED_WORKSPACES', '*'],
    ['AUTH0_ENABLED_CLIENTS', 'My {{App}}, Your App'],
    ['CLAIM_NAMESPACE', 'https://example.com/bitbucket'],
    ['ROLES', ''],
    ['SOMEBODY_ELSES', '$X'],
  ])('is not seen in %s=%s', (name, value) => {
    expect(findPlaceholders({ [name]: value })).toEqual([]);
  });

  test('is refused by the deployer and by the plan, and its value is not repeated', () => {
    const env = { ...DEPLOYER, BITBUCKET_SECRET: '$BITBUCKET_SECRET_2' };
    for (const read of [() => readDeployer(env), () => assertConfigured(env, [])]) {
      expect(read).toThrow(/nothing was changed\.\n {2}- BITBUCKET_SECRET is a placeholder/);
      expect(read).not.toThrow(/SECRET_2/);
    }
  });
});

describe('AUTH0_DOMAIN', () => {
  test.each([
    ['My-Team.EU.auth0.com', 'my-team.eu.auth0.com'],
    [' localhost:8443\n', 'localhost:8443'],
  ])('“%s” is %s', (text, domain) => {
    expect(parseTenantDomain(text)).toEqual({ ok: true, domain });
    expect(readDeployer({ ...DEPLOYER, AUTH0_DOMAIN: text }).domain).toBe(domain);
  });

  test.each([
    ['https://My-Team.eu.auth0.com', 'write my-team.eu.auth0.com'],
    ['http://my-team.eu.auth0.com/', 'write my-team.eu.auth0.com'],
    ['my-team.eu.auth0.com/', 'write my-team.eu.auth0.com'],
    ['my-team.eu.auth0.com/api/v2/', 'write my-team.eu.auth0.com'],
    ['my team', 'without https:// and without a path'],
    ['a@b', 'without https:// and without a path'],
    ['', 'AUTH0_DOMAIN is not set'],
  ])('“%s” is refused, with what to write', (text, advice) => {
    const parsed = parseTenantDomain(text);
    expect(parsed.ok ? '' : parsed.fault).toContain(advice);
    expect(() => readDeployer({ ...DEPLOYER, AUTH0_DOMAIN: text })).toThrow(advice);
  });

  test.each([
    ['login.example.com', true],
    ['auth0.com.example.com', true],
    ['my-team.eu.auth0.com', false],
    ['my-team.auth0.com', false],
    ['localhost:8443', false],
    ['localhost', false],
  ])('%s is perhaps a custom domain: %s', (domain, isCustom) => {
    expect(describeCustomDomain(domain) !== undefined).toBe(isCustom);
  });
});

describe('the deployer', () => {
  const KEY = { ...DEPLOYER, AUTH0_CLIENT_SECRET: '', AUTH0_CLIENT_SIGNING_KEY_PATH: './key.pem' };

  test.each([
    [undefined, 'RS256'],
    ['', 'RS256'],
    ['RS384', 'RS384'],
    [' PS256 ', 'PS256'],
  ])('with a key and the algorithm %s signs with %s', (text, algorithm) => {
    const { credential } = readDeployer({ ...KEY, AUTH0_CLIENT_SIGNING_ALGORITHM: text });
    expect(credential).toEqual({ kind: 'signing_key', path: './key.pem', algorithm });
  });

  test.each(['ES256', 'RS512', 'HS256', 'rs256'])('does not sign with %s', (algorithm) => {
    expect(() => readDeployer({ ...KEY, AUTH0_CLIENT_SIGNING_ALGORITHM: algorithm })).toThrow(
      'complete; nothing was changed.\n  - AUTH0_CLIENT_SIGNING_ALGORITHM is none of RS256, RS384, PS256\n',
    );
  });

  test('is told everything that is missing at once', () => {
    expect(() => readDeployer({})).toThrow(/AUTH0_DOMAIN is not set[\s\S]*no credential/);
    expect(() => readDeployer({ ...DEPLOYER, AUTH0_CLIENT_ID: ' ' })).toThrow(
      'AUTH0_CLIENT_ID is not set',
    );
  });

  test('may have a line break behind its secret, as files have', () => {
    const { credential } = readDeployer({ ...DEPLOYER, AUTH0_CLIENT_SECRET: 'secret\n' });
    expect(credential).toEqual({ kind: 'secret', secret: 'secret' });
  });
});

describe('the configuration of a plan', () => {
  test('names what is missing, what is nearly ours, and a secret with a line break behind it', () => {
    const env = { ALLOWED_WORKSPACE: 'acme', BITBUCKET_SECRET: 'x\n' };
    expect(() => assertConfigured(env, ['BITBUCKET_KEY', 'BITBUCKET_SECRET'])).toThrow(
      [
        '  - ALLOWED_WORKSPACE is not a name of ours: is ALLOWED_WORKSPACES meant? Rename or remove it',
        '  - BITBUCKET_SECRET begins or ends with white space',
        '  - BITBUCKET_KEY is not set',
      ].join('\n'),
    );
  });
});

test('a list of applications is lines, and in each the parts between its commas', () => {
  const list = 'App, Other\r\n\nAcme, Inc. Portal\n , \nlast';
  expect(readApplicationList({ LIST: list }, 'LIST')).toEqual([
    { line: 'App, Other', parts: ['App', 'Other'] },
    { line: 'Acme, Inc. Portal', parts: ['Acme', 'Inc. Portal'] },
    { line: 'last', parts: ['last'] },
  ]);
  expect(readApplicationList({}, 'LIST')).toEqual([]);
});
