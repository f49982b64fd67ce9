/** tenant.yaml, filled in and merged with what the tenant has. */
import { describe, expect, test } from 'vitest';
import { mergeIntoTenant } from '#scripts/lib/deploy/merge.ts';
import { fillIn, parseTenantFile, readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import type { TenantState } from '#scripts/lib/tenant/tenant-state.ts';

const VALUES = {
  AUTH0_DOMAIN: 'acme.eu.auth0.com',
  BITBUCKET_KEY: 'key',
  BITBUCKET_SECRET: 'secret',
  CLAIM_NAMESPACE: 'https://example.com/bitbucket',
  MANAGEMENT_CLIENT_ID: 'id',
  MANAGEMENT_CLIENT_SECRET: 'machine-secret',
};
const EMPTY: TenantState = {
  ...{ clients: [], grants: [], enabledClients: [], actions: [], bindings: [] },
  ...{ connection: undefined, machineClient: undefined },
};
const boundTo = (name: string) => ({ display_name: name, action: { id: name, name } });
const declared = await readTenantFile();

describe('tenant.yaml', () => {
  test('leaves out the secrets whose value is not set, and no others', () => {
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
  ])('takes a value with %s as it is', (_, value) => {
    const filled = fillIn(declared, { ...VALUES, BITBUCKET_SECRET: value });
    expect(filled.connections[0]?.options.client_secret).toBe(value);
  });

  test('names the value that is missing, and where', () => {
    expect(() => fillIn(declared, { ...VALUES, BITBUCKET_KEY: '' })).toThrow(
      'BITBUCKET_KEY is not set; tenant.yaml needs it at connections[0].options.client_id',
    );
  });

  test('grants exactly what reading an upstream token takes', () => {
    expect(fillIn(declared, VALUES).clientGrants).toEqual([
      {
        client_id: declared.clients[0]?.name,
        audience: 'https://acme.eu.auth0.com/api/v2/',
        scope: ['read:users', 'read:user_idp_tokens'],
      },
    ]);
  });

  test.each([
    ['is not YAML', 'actions: [', /tenant\.yaml: .*line 1/s],
    ['lacks a resource type', 'actions: []', /lacks connections, clients, clientGrants, triggers/],
    [
      'declares what this package does not deploy',
      'connections: []\nclients: []\nclientGrants: []\nactions: []\ntriggers: {}\nroles: []',
      /declares roles/,
    ],
  ])('that %s is refused', (_, text, reason) => {
    expect(() => parseTenantFile(text)).toThrow(reason);
  });
});

describe('merged into a tenant', () => {
  const bindingsAfter = (...names: string[]) =>
    mergeIntoTenant(declared, { ...EMPTY, bindings: names.map(boundTo) }, []).triggers[
      'post-login'
    ].map((binding) => binding.action_name);
  const [email, membership] = declared.actions.map((action) => action.name) as [string, string];

  test('our Actions go first, and the others stay bound in their order', () => {
    expect(bindingsAfter('first', 'second')).toEqual([email, membership, 'first', 'second']);
  });

  test('our Actions stay where an admin moved them', () => {
    expect(bindingsAfter('first', membership, email)).toEqual(['first', membership, email]);
  });

  test('options that tenant.yaml does not speak of are kept', () => {
    const connection = {
      id: 'con_1',
      name: 'bitbucket',
      strategy: 'bitbucket',
      options: { non_persistent_attrs: ['nickname'], client_id: 'old' },
    };
    const [merged] = mergeIntoTenant(declared, { ...EMPTY, connection }, []).connections;
    expect(merged?.options).toEqual({
      ...declared.connections[0]?.options,
      non_persistent_attrs: ['nickname'],
    });
  });

  test('no application is spoken of where none is named', () => {
    const [merged] = mergeIntoTenant(declared, { ...EMPTY, enabledClients: ['a'] }, []).connections;
    expect(merged).not.toHaveProperty('enabled_clients');
  });

  test('applications that are enabled stay so beside those that are added', () => {
    const state = { ...EMPTY, enabledClients: ['a', 'b'] };
    const [merged] = mergeIntoTenant(declared, state, ['b', 'c']).connections;
    expect(merged?.enabled_clients).toEqual(['a', 'b', 'c']);
  });

  test('a connection of the same name and another strategy is refused', () => {
    const connection = { id: 'con_1', name: 'bitbucket', strategy: 'oauth2' };
    expect(() => mergeIntoTenant(declared, { ...EMPTY, connection }, [])).toThrow(
      /strategy oauth2, not bitbucket; nothing was changed/,
    );
  });
});
