/** What is a difference, and what a server only writes in its own way; what is shown of it. */
import { describe, expect, test } from 'vitest';
import { planChanges } from '#scripts/lib/deploy/plan-changes.ts';
import { parseTenantFile, readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import type { TenantAssets } from '#scripts/lib/tenant/assets.ts';
import type { TenantState } from '#scripts/lib/tenant/tenant-state.ts';
import type { TenantGrant } from '#scripts/lib/tenant/tenant-types.ts';
import { deployedAction, EMPTY_TENANT, withConnection } from '#test/support/tenant-states.ts';

const declared = await readTenantFile();
const empty: TenantAssets = {
  ...{ connections: [], clients: [], clientGrants: [], actions: [] },
  triggers: { 'post-login': [] },
};
const plan = (assets: Partial<TenantAssets>, state: TenantState, hasSameSecrets = true) =>
  planChanges({
    assets: { ...empty, ...assets },
    state,
    code: new Map([['own', 'code']]),
    hasSameSecrets,
  });
/** What a plan shows of a connection with these options, or fields. */
const planConnection = (fields: object, actual: object) =>
  plan(
    { connections: [{ name: 'bitbucket', strategy: 'bitbucket', options: {}, ...fields }] },
    withConnection(actual),
  )[0]?.fields;

describe('no difference is', () => {
  test.each<[string, object, object]>([
    ['another order', { freeform_scopes: ['a', 'b'] }, { freeform_scopes: ['b', 'a'] }],
    ['a boolean that is false anyway', { profile: false }, {}],
    ['a list that is empty anyway', { non_persistent_attrs: [] }, {}],
    ['null for nothing', { upstream_params: null }, {}],
    [
      'other capitals',
      { set_user_root_attributes: 'on_each_login' },
      { set_user_root_attributes: 'On_Each_Login' },
    ],
    [
      'a field that the server adds',
      { profile: true },
      { profile: true, scope: ['x'], email: true },
    ],
    [
      'a field added inside another',
      { upstream_params: { a: { alias: 'x' } } },
      { upstream_params: { a: { alias: 'x', value: null }, b: {} } },
    ],
  ])('%s', (_, options, actual) => {
    expect(planConnection({ options }, { options: actual })).toEqual([]);
  });
});

describe('a difference is', () => {
  test.each<[string, object, object]>([
    ['an entry more', { freeform_scopes: ['a'] }, { freeform_scopes: ['a', 'b'] }],
    ['an entry less', { freeform_scopes: ['a', 'b'] }, { freeform_scopes: ['a'] }],
    ['true where nothing is', { profile: true }, {}],
    ['other capitals of what people write', { client_id: 'Key' }, { client_id: 'key' }],
    [
      'another value inside',
      { upstream_params: { a: { alias: 'x' } } },
      { upstream_params: { a: { alias: 'y' } } },
    ],
  ])('%s', (_, options, actual) => {
    expect(planConnection({ options }, { options: actual })).toHaveLength(1);
  });

  test('any declared field of a connection', () => {
    expect(planConnection({ display_name: 'Bitbucket' }, { display_name: 'Other' })).toEqual([
      { field: 'display_name', from: 'Other', to: 'Bitbucket' },
    ]);
  });

  test('a secret, which is not shown', () => {
    const fields = planConnection(
      { options: { client_secret: 'new', upstream_params: { api_secret: 'x' } } },
      { options: { client_secret: 'old', upstream_params: { api_secret: 'y' } } },
    );
    expect(JSON.stringify(fields)).not.toMatch(/new|old|"x"|"y"/);
    expect(fields).toHaveLength(2);
  });
});

describe('a grant', () => {
  const [asset] = declared.clientGrants;
  if (asset === undefined) throw new Error('tenant.yaml grants nothing');
  const compare = (...grants: readonly Partial<TenantGrant>[]) =>
    plan(
      { clientGrants: [asset] },
      {
        ...EMPTY_TENANT,
        applications: [{ client_id: 'm', name: asset.client_id }],
        grants: grants.map((grant) => ({
          ...{ id: 'cgr_1', client_id: 'm', audience: asset.audience },
          ...grant,
        })),
      },
    )[0];

  test('for all scopes has no scope, and is planned from all to the two', () => {
    expect(compare({ allow_all_scopes: true })).toMatchObject({
      change: 'update',
      fields: [{ field: 'scope', from: '(all)', to: 'read:users, read:user_idp_tokens' }],
    });
  });

  test('with the two in another order is as it should be', () => {
    expect(compare({ scope: ['read:user_idp_tokens', 'read:users'] })?.change).toBe('none');
  });

  test('with more is too much', () => {
    expect(compare({ scope: [...asset.scope, 'update:users'] })?.change).toBe('update');
  });

  test('that is to be made is shown with its scopes', () => {
    expect(compare()?.fields).toEqual([
      { field: 'scope', from: '(none)', to: 'read:users, read:user_idp_tokens' },
    ]);
  });
});

describe('an Action', () => {
  const own = {
    ...{ name: 'own', code: './own.cjs', runtime: 'node22' },
    secrets: [
      { name: 'B', value: 'hunter2' },
      { name: 'A', value: 'x' },
    ],
  };
  const version = { code: 'code', secrets: [{ name: 'A' }, { name: 'B' }] };
  const compare = (actual: Parameters<typeof deployedAction>[1], asset: object = {}) =>
    plan(
      { actions: [{ ...own, ...asset }] },
      { ...EMPTY_TENANT, actions: [deployedAction('own', actual)] },
    )[0]?.fields.map(({ field }) => field);

  test('as it should be is none, in whatever order its secrets are', () => {
    expect(compare(version)).toEqual([]);
  });

  test.each<[string, object, object]>([
    ['code', { code: 'other' }, {}],
    ['runtime', { runtime: 'node18-actions' }, {}],
    ['dependencies', {}, { dependencies: [{ name: 'lodash', version: '4.0.0' }] }],
    ['secrets', { secrets: [{ name: 'A' }] }, {}],
  ])('differs in %s', (field, actual, asset) => {
    expect(compare({ ...version, ...actual }, asset)).toEqual([field]);
  });

  test('has a runtime by two names', () => {
    expect(compare({ ...version, runtime: 'node18-actions' }, { runtime: 'node18' })).toEqual([]);
  });

  test('that is to be made is shown with the names of its secrets, and no value', () => {
    const [change] = plan({ actions: [own] }, EMPTY_TENANT);
    expect(change).toMatchObject({ change: 'create' });
    expect(change?.fields).toContainEqual({ field: 'secrets', from: '(none)', to: 'A, B' });
    expect(JSON.stringify(change)).not.toContain('hunter2');
  });
});

test('every entry of the file is planned in its own right', () => {
  const file = parseTenantFile(`connections:
  - { name: one, strategy: bitbucket, options: { profile: true } }
  - { name: two, strategy: github, options: { email: true }, enabled_clients: [app] }
clients: [{ name: M }, { name: N }]
clientGrants:
  - { client_id: M, audience: a, scope: [x] }
  - { client_id: N, audience: a, scope: [y] }
actions: []
triggers: { post-login: [] }
`);
  const state = withConnection({ name: 'one', options: { profile: true } });
  expect(plan(file, state).map(({ resource, change }) => `${resource}: ${change}`)).toEqual([
    'Connection one: none',
    'Connection two: create',
    'Application M: create',
    'Application N: create',
    'Grant of M for a: create',
    'Grant of N for a: create',
    'Login flow: none',
  ]);
});
