/** tenant.yaml merged with what the tenant has: nothing of others is lost, each entry has its own. */
import { describe, expect, test } from 'vitest';
import { chooseApplications } from '#scripts/lib/deploy/applications.ts';
import { mergeIntoTenant } from '#scripts/lib/deploy/merge.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import type { TenantAssets } from '#scripts/lib/tenant/assets.ts';
import type { TenantGrant } from '#scripts/lib/tenant/tenant-types.ts';
import { EMPTY_TENANT, withBindings, withConnection } from '#test/support/tenant-states.ts';

const declared = await readTenantFile();
const [email, membership] = declared.actions.map((action) => action.name) as [string, string];
const nobody = new Map<string, readonly string[]>();
const binding = (name: string) => ({ action_name: name, display_name: name });

describe('the login flow', () => {
  const flow = (ours: readonly string[], ...bound: readonly string[]) =>
    mergeIntoTenant(
      { ...declared, triggers: { 'post-login': ours.map(binding) } },
      withBindings(...bound),
      nobody,
    ).triggers['post-login'].map(({ action_name: name }) => name);
  const ours = [email, membership];

  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['ours go first', ours, ['a', 'b'], [email, membership, 'a', 'b']],
    [
      'ours stay where an admin moved them',
      ours,
      ['a', membership, email],
      ['a', membership, email],
    ],
    ['one of ours goes behind the other', ours, ['a', email, 'b'], ['a', email, membership, 'b']],
    ['one of ours goes before the other', ours, ['a', membership], ['a', email, membership]],
    [
      'a third goes where the file puts it',
      [email, 'own', membership],
      ['a', email, membership],
      ['a', email, 'own', membership],
    ],
    ['a third goes to the end of ours', [...ours, 'own'], ['a'], [email, membership, 'own', 'a']],
    ['a third goes before ours', ['own', ...ours], ['a', ...ours], ['a', 'own', ...ours]],
    ['others stay where nothing is ours', [], ['a', 'b'], ['a', 'b']],
  ])('%s', (_, file, bound, expected) => {
    expect(flow(file, ...bound)).toEqual(expected);
  });

  test('keeps the names that an admin gave', () => {
    const state = {
      ...EMPTY_TENANT,
      bindings: [{ display_name: 'Check the address', action: { id: '1', name: email } }],
    };
    const [first] = mergeIntoTenant(declared, state, nobody).triggers['post-login'];
    expect(first).toEqual({ action_name: email, display_name: 'Check the address' });
  });
});

describe('connections', () => {
  test('keep the options that tenant.yaml does not speak of', () => {
    const state = withConnection({
      options: { upstream_params: { screen: { value: 'x' } }, client_id: 'old' },
    });
    const [merged] = mergeIntoTenant(declared, state, nobody).connections;
    expect(merged?.options).toEqual({
      ...declared.connections[0]?.options,
      upstream_params: { screen: { value: 'x' } },
    });
  });

  test('keep what stands beside a declared value, inside an option and in the metadata', () => {
    const [asset] = declared.connections;
    if (asset === undefined) throw new Error('tenant.yaml declares no connection');
    const own = {
      ...asset,
      options: { upstream_params: { prompt: { value: 'login' } } },
      metadata: { team: 'ours' },
    };
    const state = withConnection({
      options: { upstream_params: { screen_name: { alias: 'login_hint' } } },
      metadata: { team: 'x', cost: '1' },
    });
    const [merged] = mergeIntoTenant(
      { ...declared, connections: [own] },
      state,
      nobody,
    ).connections;
    expect(merged).toMatchObject({
      options: {
        upstream_params: { screen_name: { alias: 'login_hint' }, prompt: { value: 'login' } },
      },
      metadata: { team: 'ours', cost: '1' },
    });
  });

  test('have each its own options and applications', () => {
    const second = { name: 'second', strategy: 'bitbucket', options: { profile: true } };
    const file = { ...declared, connections: [...declared.connections, second] };
    const state = withConnection({ options: { secret_of_the_first: 'x' } }, ['a']);
    const merged = mergeIntoTenant(
      file,
      state,
      new Map([
        ['bitbucket', ['b']],
        ['second', ['c']],
      ]),
    ).connections;
    expect(merged[0]?.enabled_clients).toEqual(['a', 'b']);
    expect(merged[1]).toEqual({ ...second, enabled_clients: ['c'] });
  });

  test('speak of no application where none is named', () => {
    const [merged] = mergeIntoTenant(declared, withConnection({}, ['a']), nobody).connections;
    expect(merged).not.toHaveProperty('enabled_clients');
  });
});

describe('the grant', () => {
  const filled = {
    ...declared,
    clientGrants: declared.clientGrants.map((grant) => ({
      ...grant,
      audience: 'https://acme.eu.auth0.com/api/v2/',
    })),
  };
  const client = { client_id: 'm', name: declared.clients[0]?.name ?? '' };
  const merge = (...grants: readonly Partial<TenantGrant>[]) =>
    mergeIntoTenant(
      filled,
      {
        ...EMPTY_TENANT,
        applications: [client],
        grants: grants.map((grant) => ({
          ...{ id: 'cgr_1', client_id: 'm', audience: filled.clientGrants[0]?.audience ?? '' },
          ...grant,
        })),
      },
      nobody,
    ).clientGrants[0];

  test('that is made says for whom it is', () => {
    expect(merge()).toMatchObject({ subject_type: 'client' });
  });

  test('that is there is named by its id, and no more is said of it', () => {
    expect(merge({ scope: ['read:users'] })).toEqual({ ...filled.clientGrants[0], id: 'cgr_1' });
  });

  test('for all scopes is told that it is no longer', () => {
    expect(merge({ allow_all_scopes: true })).toMatchObject({
      id: 'cgr_1',
      allow_all_scopes: false,
    });
  });

  test('of another application or API is not taken for it', () => {
    expect(merge({ client_id: 'other' })).not.toHaveProperty('id');
    expect(merge({ audience: 'https://api.example.com' })).not.toHaveProperty('id');
  });
});

describe('the applications that are named', () => {
  const clients = ['One', 'Two', 'Three'].map((name) => ({ client_id: name.toLowerCase(), name }));
  const state = { ...EMPTY_TENANT, clients };
  const file = (...connections: readonly object[]) =>
    ({ ...declared, connections: connections as TenantAssets['connections'] }) as TenantAssets;
  const bitbucket = { name: 'bitbucket', strategy: 'bitbucket', options: {} };
  const listed = { AUTH0_ENABLED_CLIENTS: 'One' };

  test('are for every Bitbucket connection without a list of its own', () => {
    const chosen = chooseApplications(
      file(
        bitbucket,
        { ...bitbucket, name: 'second' },
        { ...bitbucket, name: 'third', enabled_clients: ['Two', 'three'] },
        { ...bitbucket, name: 'github', strategy: 'github' },
      ),
      state,
      listed,
    );
    expect(Object.fromEntries(chosen)).toEqual({
      bitbucket: ['one'],
      second: ['one'],
      third: ['two', 'three'],
      github: [],
    });
  });

  test('are refused where no connection takes them', () => {
    const own = file({ ...bitbucket, enabled_clients: ['Two'] });
    expect(() => chooseApplications(own, state, listed)).toThrow(
      'has no Bitbucket connection without',
    );
  });

  test('of the file are refused by name where the tenant has none', () => {
    const own = file({ ...bitbucket, enabled_clients: ['Nobody'] });
    expect(() => chooseApplications(own, state, {})).toThrow(
      /enabled_clients of bitbucket cannot be followed.*\n.*“Nobody”/,
    );
  });
});
