/** What of a tenant one may see, change and delete, and what goes with it. */
import axios from 'axios';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const API = 'https://api.example.com';
const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  apis: [{ identifier: API }],
  policy: {},
  pace: { actionBuildMs: 0 },
});
const { tenant } = sandbox;
const { store } = tenant;
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

const OPTIONS = { client_id: 'key', client_secret: 'hidden', upstream_params: { theirs: true } };
const BINDINGS = 'actions/triggers/post-login/bindings';
const connectionId = () => [...store.connections.keys()][0] ?? '';

beforeEach(() => {
  for (const entries of [store.actions, store.connections, store.enabledClients]) entries.clear();
  store.bindings = [];
  for (const { id, audience } of store.grants.values()) {
    if (audience === API) store.grants.delete(id);
  }
  store.resourceServers.set(API, { identifier: API, name: API, scopes: ['read', 'write'] });
});

describe('the options of a connection', () => {
  const connections = 'read:connections create:connections update:connections';
  beforeEach(() => addConnection(store, 'theirs', 'bitbucket', ['app'], OPTIONS));

  test('come with the secret in clear, and not at all without the scope of their own', async () => {
    const limited = await connectAsDeployer(tenant, connections);
    const paths = ['connections', `connections/${connectionId()}`];
    for (const path of [...paths, 'connections?take=10', 'connections?fields=options,name']) {
      const [shown, hidden] = await Promise.all([api.get(path), limited.get(path)]);
      expect(JSON.stringify(shown.data)).toContain('hidden');
      expect(JSON.stringify(hidden.data)).not.toContain('options');
      expect(JSON.stringify(hidden.data)).toContain('theirs');
    }
  });

  test('cannot be updated without the scope of their own, and the rest can', async () => {
    const limited = await connectAsDeployer(tenant, `${connections} read:connections_options`);
    const path = `connections/${connectionId()}`;
    const refused = await limited.patch(path, { options: {}, display_name: 'New' });
    expect([refused.status, refused.data]).toEqual([
      403,
      {
        statusCode: 403,
        error: 'Forbidden',
        message: 'Insufficient scope, expected any of: update:connections_options',
        errorCode: 'insufficient_scope',
      },
    ]);
    const blind = await connectAsDeployer(tenant, 'update:connections');
    const updated = await blind.patch(path, { display_name: 'New' });
    expect([updated.status, 'options' in updated.data]).toEqual([200, false]);
    const { data } = await api.get(path);
    expect(data).toMatchObject({ display_name: 'New', options: OPTIONS });
  });

  test('are lost to who writes what could not be read', async () => {
    const blind = await connectAsDeployer(tenant, `${connections} update:connections_options`);
    const path = `connections/${connectionId()}`;
    const { data } = await blind.get(path);
    await blind.patch(path, { options: { ...data.options, profile: true } });
    expect((await api.get(path)).data.options).not.toHaveProperty('upstream_params');
  });

  test('can be set with a new connection without any scope but that of creating', async () => {
    const limited = await connectAsDeployer(tenant, 'create:connections');
    const body = { name: 'new', strategy: 'bitbucket', options: OPTIONS };
    const { status, data } = await limited.post('connections', body);
    expect(status).toBe(201);
    expect(data.options).toMatchObject(OPTIONS);
    expect((await api.get(`connections/${data.id}`)).data.options).toMatchObject(OPTIONS);
  });

  test('have a scope that is not the one that was sent', async () => {
    const options = { ...OPTIONS, scope: ['account', 'email'] };
    const body = { name: 'scoped', strategy: 'bitbucket', options };
    const { data } = await api.post('connections', body);
    expect(data.options.scope).toEqual(['profile']);
    await api.patch(`connections/${data.id}`, { options });
    expect((await api.get(`connections/${data.id}`)).data.options.scope).toEqual(['profile']);
  });
});

describe('a list of connections', () => {
  test('ends at 1,000 by number, and has them all by checkpoint', async () => {
    for (let n = 0; n < 1_001; n += 1) addConnection(store, `c${n}`, 'github', []);
    const { data } = await api.get('connections?page=10&per_page=100');
    expect(data).toEqual([]);
    const names: string[] = [];
    let query = 'take=100';
    do {
      const page = (await api.get(`connections?${query}`)).data;
      names.push(...page.connections.map(({ name }: { name: string }) => name));
      query = page.next === undefined ? '' : `take=100&from=${page.next}`;
    } while (query !== '');
    expect(new Set(names).size).toBe(1_001);
  });
});

test('a deployer can be given fewer scopes than there are', async () => {
  const limited = await startSandbox({
    world,
    consumerWorkspace: addWorkspace(world, 'limited'),
    applications: [],
    policy: {},
    deployerScopes: ['read:clients'],
  });
  try {
    const client = await connectAsDeployer(limited.tenant);
    expect((await client.get('clients')).status).toBe(200);
    expect((await client.get('connections')).status).toBe(403);
  } finally {
    await limited.close();
  }
});

describe('a grant', () => {
  const MACHINE = { client_id: 'local-deployer', audience: API };
  const create = async (changes: object) =>
    (await api.post('client-grants', { ...MACHINE, ...changes })).data;

  test('for users stands beside the one for the machine, which is not matched by it', async () => {
    const ofUsers = await create({ scope: ['read'], subject_type: 'user' });
    const ofMachine = await create({ scope: ['write'] });
    expect([ofUsers.subject_type, ofMachine.subject_type]).toEqual(['user', 'client']);
    expect((await api.post('client-grants', { ...MACHINE, scope: [] })).status).toBe(409);
    const query = `audience=${API}&subject_type=user`;
    expect((await api.get(`client-grants?${query}`)).data).toEqual([ofUsers]);
    expect(
      (await api.patch(`client-grants/${ofUsers.id}`, { subject_type: 'client' })).status,
    ).toBe(400);
  });

  test('for users can have of the Management API what is about that user, and no more', async () => {
    const audience = `${tenant.origin}/api/v2/`;
    const ask = (scope: string) =>
      api.post('client-grants', {
        client_id: 'app',
        audience,
        scope: [scope],
        subject_type: 'user',
      });
    expect((await ask('read:users')).status).toBe(400);
    const { status, data } = await ask('read:current_user');
    expect(status).toBe(201);
    await api.delete(`client-grants/${data.id}`);
  });

  test('that is older than subject types is the machine’s own', async () => {
    store.grants.set('cgr_old', { id: 'cgr_old', ...MACHINE, scope: ['read'] });
    const { data } = await api.get(`client-grants?audience=${API}&subject_type=client`);
    expect(data).toEqual([{ id: 'cgr_old', ...MACHINE, scope: ['read'] }]);
  });

  test('for all scopes has no list, and is exact again only when told both', async () => {
    const { id, ...created } = await create({ allow_all_scopes: true });
    expect(created).toEqual({ ...MACHINE, subject_type: 'client', allow_all_scopes: true });
    const path = `client-grants/${id}`;
    expect((await api.patch(path, { scope: ['read'] })).status).toBe(400);
    expect((await api.patch(path, { organization_usage: 'deny' })).data).not.toHaveProperty(
      'scope',
    );
    const { data } = await api.patch(path, { allow_all_scopes: false, scope: ['read'] });
    expect(data).toMatchObject({ allow_all_scopes: false, scope: ['read'] });
  });

  test.each([
    ['all of the API for all scopes', { allow_all_scopes: true }, 'read write'],
    ['its list', { scope: ['write'] }, 'write'],
    ['nothing at all for users', { scope: ['read'], subject_type: 'user' }, undefined],
  ])('gives a machine %s', async (_, grant, expected) => {
    const { data: client } = await api.post('clients', { name: 'Machine' });
    await api.post('client-grants', { client_id: client.client_id, audience: API, ...grant });
    const { client_id, client_secret } = client;
    const body = { grant_type: 'client_credentials', client_id, client_secret, audience: API };
    const { data } = await axios.post(`${tenant.origin}/oauth/token`, body, {
      validateStatus: () => true,
    });
    expect(data.scope).toBe(expected);
  });
});

describe('deleting', () => {
  test('an Action that is bound is refused, but for force, which unbinds it', async () => {
    addAction(store, 'bound', { isBound: true });
    addAction(store, 'theirs', { isBound: true });
    const [id] = store.actions.keys();
    const refused = await api.delete(`actions/actions/${id}`);
    expect([refused.status, refused.data.message]).toEqual([
      409,
      'Unable to delete an action bound to a trigger.',
    ]);
    expect((await api.delete(`actions/actions/${id}?force=true`)).status).toBe(204);
    const { data } = await api.get(BINDINGS);
    expect(data.bindings.map(({ display_name }: { display_name: string }) => display_name)).toEqual(
      ['theirs'],
    );
    expect((await api.delete(`actions/actions/${id}`)).status).toBe(404);
  });

  test('an application takes its grants with it, and its place at connections', async () => {
    const { data: client } = await api.post('clients', { name: 'Gone' });
    const { client_id } = client;
    await api.post('client-grants', { client_id, audience: API, scope: [] });
    addConnection(store, 'theirs', 'bitbucket', ['app', client_id]);
    expect((await api.delete(`clients/${client_id}`)).status).toBe(204);
    expect((await api.get(`client-grants?client_id=${client_id}`)).data).toEqual([]);
    const { data } = await api.get(`connections/${connectionId()}`);
    expect(data.enabled_clients).toEqual(['app']);
    expect((await api.delete(`clients/${client_id}`)).status).toBe(404);
  });

  test('a grant leaves the application without the API', async () => {
    const body = { client_id: 'app', audience: API, scope: ['read'] };
    const { data } = await api.post('client-grants', body);
    expect((await api.delete(`client-grants/${data.id}`)).status).toBe(204);
    expect((await api.get(`client-grants/${data.id}`)).status).toBe(404);
  });

  test('a connection is under way when it is answered', async () => {
    addConnection(store, 'theirs', 'bitbucket', ['app']);
    const { status, data } = await api.delete(`connections/${connectionId()}`);
    expect([status, Object.keys(data)]).toEqual([202, ['deleted_at']]);
    expect(store.connections.size).toBe(0);
  });
});

describe('the keys of an application', () => {
  test('are updated only with a scope of their own', async () => {
    const limited = await connectAsDeployer(tenant, 'read:clients update:clients');
    const { status, data } = await limited.patch('clients/app', { client_secret: 'mine' });
    expect([status, data.message]).toEqual([
      403,
      'Insufficient scope, expected any of: update:client_keys',
    ]);
    const renamed = await limited.patch('clients/app', { name: 'App' });
    expect(renamed.data).not.toHaveProperty('client_secret');
    expect(renamed.data).not.toHaveProperty('signing_keys');
  });
});
