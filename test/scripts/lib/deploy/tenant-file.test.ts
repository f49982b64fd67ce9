/** tenant.yaml: what is taken, what is refused and on which line, and how it is filled in. */
import { describe, expect, test } from 'vitest';
import { fillIn, fillInNames, findNeededNames } from '#scripts/lib/deploy/fill-in.ts';
import { parseTenantFile, readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import { findMachineName } from '#scripts/lib/tenant/machine-client.ts';

const VALUES = {
  AUTH0_DOMAIN: 'acme.eu.auth0.com',
  BITBUCKET_KEY: 'key',
  BITBUCKET_SECRET: 'secret',
  CLAIM_NAMESPACE: 'https://example.com/bitbucket',
  MANAGEMENT_CLIENT_ID: 'id',
  MANAGEMENT_CLIENT_SECRET: 'machine-secret',
};
const declared = await readTenantFile();
const faultOf = (text: string): Error => {
  try {
    parseTenantFile(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
};

const SOUND = `connections:
  - name: bitbucket
    strategy: bitbucket
    options:
      profile: true
clients:
  - name: Machine
clientGrants:
  - client_id: Machine
    audience: https://##AUTH0_DOMAIN##/api/v2/
    scope: [read:users]
actions:
  - name: own
    code: ./own.cjs
    runtime: node22
    deployed: true
    supported_triggers: [{ id: post-login, version: v3 }]
    secrets: [{ name: A, value: b }]
triggers:
  post-login:
    - { action_name: own, display_name: own }
`;

describe('tenant.yaml', () => {
  test('that is sound is taken', () => {
    expect(parseTenantFile(SOUND).actions).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['an unknown resource type', `${SOUND}roles: []\n`, 'line 22: roles is nothing that this'],
    [
      'another trigger',
      `${SOUND}  pre-user-registration: []\n`,
      'line 22: triggers.pre-user-registration is not a field',
    ],
    [
      'an Action for another trigger',
      SOUND.replace('id: post-login', 'id: post-change-password'),
      'line 17: actions[0].supported_triggers[0].id must be post-login',
    ],
    [
      'a misspelt field',
      SOUND.replace('    runtime:', '    runtimes:'),
      'line 15: actions[0].runtimes is not a field',
    ],
    [
      'a field of an application that nobody knows',
      SOUND.replace('  - name: Machine\n', '  - name: Machine\n    grant_type: []\n'),
      'line 8: clients[0].grant_type is not a field',
    ],
    [
      'a list in place of a mapping',
      SOUND.replace('    options:\n      profile: true', '    options: [profile]'),
      'line 4: connections[0].options must be a mapping',
    ],
    [
      'nothing in place of a list',
      SOUND.replace('  - name: Machine\n', ''),
      'line 6: clients must be a list',
    ],
    [
      'a number in place of a text',
      SOUND.replace('value: b', 'value: 60'),
      'line 18: actions[0].secrets[0].value must be a text',
    ],
    [
      'what is not deployed',
      SOUND.replace('deployed: true', 'deployed: false'),
      'line 16: actions[0].deployed must be true',
    ],
    [
      'a scope of the connection, which Auth0 makes',
      SOUND.replace('profile: true', 'scope: [email]'),
      'line 5: connections[0].options.scope is made by Auth0',
    ],
    [
      'a grant for an application of nobody',
      SOUND.replace('client_id: Machine', 'client_id: Machin'),
      'line 9: clientGrants[0].client_id is no application of this file: name one of Machine',
    ],
    [
      'a name twice',
      SOUND.replace(
        '    - { action_name: own',
        '    - { action_name: own, display_name: x }\n    - { action_name: own',
      ),
      'line 22: triggers.post-login[1].action_name says the same as entry 1',
    ],
  ])('with %s is refused, with its line', (_, text, reason) => {
    expect(faultOf(text).message).toContain(reason);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a comment', '# later\n'],
    ['a list', '- a\n- b\n'],
    ['a text', 'connections\n'],
    ['a number', '5'],
    ['null', 'null'],
    ['an open list', 'actions: ['],
    ['a key twice', `${SOUND}actions: []\n`],
    ['two documents', `${SOUND}---\n${SOUND}`],
    ['an alias of nothing', 'connections: *nothing\n'],
    ['an alias of itself', 'connections: &a [*a]\n'],
    ['a key that is a list', '? [a]\n: b\n'],
    ['the prototype', '__proto__: { connections: [] }\n'],
    ['a tag of another language', 'connections: !!python/object:os.system []\n'],
    ['a tag of bytes', '!!binary aGVsbG8=\n'],
    ['control characters', '\u0000\u0001'],
    ['a depth of 20,000', '['.repeat(20_000)],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`).join('\n')}`,
    ],
  ])('that is %s ends in a sentence', (_, text) => {
    const fault = faultOf(text);
    expect(fault.name).toBe('UserError');
    expect(fault.message).toMatch(/^tenant\.yaml (cannot be deployed|is not YAML)/);
    expect(fault.message.length).toBeLessThan(2_000);
  });

  test('may be written with aliases and merges', () => {
    const text = SOUND.replace(
      '  - name: Machine\n',
      '  - &one { name: Machine, app_type: spa }\n  - { <<: *one, name: Other }\n',
    );
    expect(parseTenantFile(text).clients[1]).toEqual({ name: 'Other', app_type: 'spa' });
  });
});

describe('filled in', () => {
  test('it leaves out the secrets whose value is not set, and no others', () => {
    const [action] = fillIn(declared, VALUES).actions;
    expect(action?.secrets.map((secret) => secret.name)).toEqual([
      'MANAGEMENT_DOMAIN',
      'MANAGEMENT_CLIENT_ID',
      'MANAGEMENT_CLIENT_SECRET',
      'CLAIM_NAMESPACE',
      'BITBUCKET_KEY',
      'BITBUCKET_SECRET',
    ]);
  });

  test.each([
    ['quotes', `"it's"`],
    ['a newline', 'one\ntwo: [three'],
    ['dollars', "$& $1 $$ $'"],
    ['markers', '@@PATH@@ #hash ##'],
    ['a marker of a value', '##BITBUCKET_KEY##'],
    ['letters beyond ASCII', 'grüße 漢字'],
  ])('it takes a value with %s as it is', (_, value) => {
    const filled = fillIn(declared, { ...VALUES, BITBUCKET_SECRET: value });
    expect(filled.connections[0]?.options.client_secret).toBe(value);
  });

  test('it names the value that is missing, and where', () => {
    expect(() => fillIn(declared, { ...VALUES, BITBUCKET_KEY: '' })).toThrow(
      'BITBUCKET_KEY is not set; tenant.yaml needs it at connections[0].options.client_id',
    );
  });

  test('its names are found in a tenant as they are deployed, and its secrets stay as written', () => {
    const file = parseTenantFile(SOUND.replace('name: bitbucket', 'name: bitbucket-##STAGE##'));
    const named = fillInNames(file, { ...VALUES, STAGE: 'dev' });
    expect(named.connections[0]?.name).toBe('bitbucket-dev');
    expect(named.clientGrants[0]?.audience).toBe('https://acme.eu.auth0.com/api/v2/');
    expect(fillInNames(declared, VALUES).actions).toEqual(declared.actions);
  });

  test('it knows what it cannot do without', () => {
    expect([...findNeededNames(declared)].sort()).toEqual([
      'AUTH0_DOMAIN',
      'BITBUCKET_KEY',
      'BITBUCKET_SECRET',
    ]);
  });

  test('it grants exactly what reading an upstream token takes', () => {
    expect(fillIn(declared, VALUES).clientGrants).toEqual([
      {
        client_id: declared.clients[0]?.name,
        audience: 'https://acme.eu.auth0.com/api/v2/',
        scope: ['read:users', 'read:user_idp_tokens'],
      },
    ]);
  });
});

describe('the machine-to-machine application', () => {
  const another = {
    client_id: 'Reports',
    audience: 'https://reports.example.com',
    scope: ['read'],
  };

  test('is found by the grant that reads tokens, wherever it stands', () => {
    const file = {
      ...declared,
      clients: [{ name: 'Reports' }, ...declared.clients],
      clientGrants: [another, ...declared.clientGrants],
    };
    expect(findMachineName(file)).toBe('Bitbucket login checks');
  });

  test('is not asked for where no secret needs it', () => {
    expect(findMachineName({ ...declared, actions: [] })).toBeUndefined();
  });

  test.each([
    ['no grant reads tokens', [another], 'there is none'],
    [
      'two do',
      [...declared.clientGrants, { ...declared.clientGrants[0], client_id: 'Twin' }],
      'there are Bitbucket login checks, Twin',
    ],
  ])('is refused where %s', (_, clientGrants, reason) => {
    const file = { ...declared, clientGrants: clientGrants as typeof declared.clientGrants };
    expect(() => findMachineName(file)).toThrow(reason);
  });
});
