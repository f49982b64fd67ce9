/** The local tenant's Management API says and refuses what Auth0's does. */
import axios, { type AxiosInstance } from 'axios';
import { afterAll, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  policy: {},
  pace: { actionBuildMs: 0 },
});
const { store, origin } = sandbox.tenant;
afterAll(() => sandbox.close());

const machine = store.clients.get('local-deployer');
const askForToken = (changes: Readonly<Record<string, unknown>> = {}, isForm = false) => {
  const body = {
    grant_type: 'client_credentials',
    client_id: machine?.client_id,
    client_secret: machine?.client_secret,
    audience: `${origin}/api/v2/`,
    ...changes,
  };
  const data = isForm ? new URLSearchParams(body as Record<string, string>) : body;
  return axios.post(`${origin}/oauth/token`, data, { validateStatus: () => true });
};

async function connect(scope?: string): Promise<AxiosInstance> {
  const { data } = await askForToken(scope === undefined ? {} : { scope });
  return axios.create({
    baseURL: `${origin}/api/v2/`,
    headers: { Authorization: `Bearer ${data.access_token}` },
    validateStatus: () => true,
  });
}
const api = await connect();

const ACTION = {
  name: 'one',
  supported_triggers: [{ id: 'post-login', version: 'v3' }],
  code: 'exports.onExecutePostLogin = async () => {};',
  runtime: 'node22',
  secrets: [{ name: 'PASSWORD', value: 'hunter2' }],
};

describe('a token for the Management API', () => {
  test.each([
    ['JSON', false],
    ['a form', true],
  ])('is given for %s, for a day, with every scope of the grant', async (_, isForm) => {
    const { status, data } = await askForToken({}, isForm);
    expect(status).toBe(200);
    expect(data).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    expect(data.scope).toContain('read:user_idp_tokens');
  });

  test.each([
    ['the secret is wrong', { client_secret: 'wrong' }, 401, 'Unauthorized'],
    ['the application does not exist', { client_id: 'nobody' }, 401, 'Unauthorized'],
    [
      'the API does not exist',
      { audience: 'https://elsewhere.example/' },
      403,
      'Service not enabled',
    ],
  ])('is refused when %s', async (_, changes, status, description) => {
    const response = await askForToken(changes);
    expect(response.status).toBe(status);
    expect(response.data).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringContaining(description),
    });
  });

  test('is refused to an application without a grant', async () => {
    const { data: created } = await api.post('clients', {
      name: 'No grant',
      grant_types: ['client_credentials'],
    });
    const { client_id, client_secret } = created;
    const { status, data } = await askForToken({ client_id, client_secret });
    expect([status, data.error]).toEqual([403, 'access_denied']);
  });
});

describe('a caller', () => {
  test('without a token is not let in', async () => {
    const { status, data } = await axios.get(`${origin}/api/v2/clients`, {
      validateStatus: () => true,
    });
    expect([status, data.error]).toEqual([401, 'Unauthorized']);
  });

  test('without the scope is told which one it takes', async () => {
    const limited = await connect('read:clients');
    expect((await limited.get('clients')).status).toBe(200);
    const { status, data } = await limited.post('clients', { name: 'X' });
    expect(status).toBe(403);
    expect(data.message).toBe('Insufficient scope, expected any of: create:clients');
  });

  test('that sends what is not known is told', async () => {
    const { status, data } = await api.post('clients', { name: 'X', colour: 'red' });
    expect(status).toBe(400);
    expect(data.message).toContain('Additional properties not allowed: colour');
  });

  test('that asks the Actions API for totals is refused', async () => {
    expect((await api.get('actions/actions?include_totals=true')).status).toBe(400);
  });
});

describe('secrets', () => {
  test('of an application are shown with read:client_keys alone', async () => {
    const limited = await connect('read:clients');
    expect((await limited.get('clients/app')).data).not.toHaveProperty('client_secret');
    expect((await api.get('clients/local-deployer')).data).toHaveProperty('client_secret');
  });

  test('of an Action are never shown', async () => {
    const created = await api.post('actions/actions', ACTION);
    const shown = await api.get(`actions/actions/${created.data.id}`);
    expect(shown.data.secrets).toEqual([{ name: 'PASSWORD', updated_at: expect.any(String) }]);
    expect(JSON.stringify([created.data, shown.data])).not.toContain('hunter2');
  });

  test.each([
    ['read:users read:user_idp_tokens', 'upstream'],
    ['read:users', undefined],
  ])('of an identity: with %s the token is %s', async (scope, token) => {
    store.users.set('bitbucket|1', {
      user_id: 'bitbucket|1',
      email_verified: true,
      identities: [
        { connection: 'b', provider: 'b', user_id: '1', isSocial: true, access_token: 'upstream' },
      ],
      app_metadata: {},
      user_metadata: {},
      logins_count: 1,
      created_at: '',
      updated_at: '',
    });
    const limited = await connect(scope);
    const path = `users/${encodeURIComponent('bitbucket|1')}?fields=identities&include_fields=true`;
    const { data } = await limited.get(path);
    expect(Object.keys(data)).toEqual(['identities']);
    expect(data.identities[0].access_token).toBe(token);
  });
});

describe('an Action', () => {
  test('is a draft until it is deployed, and a version then', async () => {
    const { data: action } = await api.post('actions/actions', { ...ACTION, name: 'draft' });
    expect(action).not.toHaveProperty('deployed_version');
    const bindings = { bindings: [{ ref: { type: 'action_name', value: 'draft' } }] };
    expect((await api.patch('actions/triggers/post-login/bindings', bindings)).status).toBe(400);

    expect((await api.post(`actions/actions/${action.id}/deploy`)).status).toBe(200);
    expect((await api.patch('actions/triggers/post-login/bindings', bindings)).status).toBe(200);
    await api.patch(`actions/actions/${action.id}`, { code: 'exports.onExecutePostLogin = 2;' });
    const { data } = await api.get(`actions/actions/${action.id}`);
    expect(data.all_changes_deployed).toBe(false);
    expect(data.deployed_version).toMatchObject({ number: 1, code: ACTION.code });
  });

  test('can go back to an earlier version, which is a new one then', async () => {
    const { data: action } = await api.post('actions/actions', {
      ...ACTION,
      name: 'two',
      deploy: true,
    });
    await api.patch(`actions/actions/${action.id}`, { code: 'exports.onExecutePostLogin = 2;' });
    await api.post(`actions/actions/${action.id}/deploy`);
    const { data: before } = await api.get(`actions/actions/${action.id}/versions`);
    expect(before.versions.map(({ number }: { number: number }) => number)).toEqual([2, 1]);

    const first = before.versions[1].id;
    await api.post(`actions/actions/${action.id}/versions/${first}/deploy`);
    const { data } = await api.get(`actions/actions/${action.id}`);
    expect(data.deployed_version).toMatchObject({ number: 3, code: ACTION.code });
  });

  test('keeps a secret whose value is not sent, and refuses one that it never had', async () => {
    const { data: action } = await api.post('actions/actions', { ...ACTION, name: 'three' });
    const path = `actions/actions/${action.id}`;
    expect((await api.patch(path, { secrets: [{ name: 'PASSWORD' }] })).status).toBe(200);
    expect((await api.patch(path, { secrets: [{ name: 'OTHER' }] })).status).toBe(400);
  });

  test.each([
    ['more than 100 kB of code', { code: 'x'.repeat(100_001) }],
    [
      'more than 30 secrets',
      { secrets: Array.from({ length: 31 }, (_, n) => ({ name: `S${n}`, value: 'v' })) },
    ],
    ['a secret over 4,096 characters', { secrets: [{ name: 'S', value: 'v'.repeat(4_097) }] }],
  ])('with %s is refused', async (_, change) => {
    const { status } = await api.post('actions/actions', { ...ACTION, name: 'big', ...change });
    expect(status).toBe(400);
  });

  test('of the same name is a conflict', async () => {
    await api.post('actions/actions', { ...ACTION, name: 'twin' });
    expect((await api.post('actions/actions', { ...ACTION, name: 'twin' })).status).toBe(409);
  });

  test('is found on the page where it is', async () => {
    for (const name of ['a', 'b', 'c']) addAction(store, `paged-${name}`, { isBound: false });
    const { data } = await api.get('actions/actions?page=1&per_page=2');
    expect(data.actions).toHaveLength(2);
    expect(data.total).toBe(store.actions.size);
  });
});

describe('a connection', () => {
  test('that is updated has its options replaced, and the rest kept', async () => {
    addConnection(store, 'replaced', 'bitbucket', ['app'], { a: 1, b: 2 });
    const { data: found } = await api.get('connections?name=replaced');
    await api.patch(`connections/${found[0].id}`, { options: { b: 3 } });
    const { data } = await api.get(`connections/${found[0].id}`);
    expect(data.options).toEqual({ b: 3, profile: true, scope: ['profile'] });
    const { data: enabled } = await api.get(`connections/${found[0].id}/clients`);
    expect(enabled.clients).toEqual([{ client_id: 'app' }]);
  });

  test('is enabled and disabled for one application at a time', async () => {
    addConnection(store, 'toggled', 'bitbucket', []);
    const { data: found } = await api.get('connections?name=toggled');
    const path = `connections/${found[0].id}/clients`;
    expect((await api.patch(path, [{ client_id: 'app', status: true }])).status).toBe(204);
    expect((await api.get(path)).data.clients).toHaveLength(1);
    await api.patch(path, [{ client_id: 'app', status: false }]);
    expect((await api.get(path)).data.clients).toHaveLength(0);
    expect((await api.patch(path, [{ client_id: 'nobody', status: true }])).status).toBe(404);
  });

  test('of the same name is a conflict', async () => {
    const body = { name: 'once', strategy: 'bitbucket' };
    expect((await api.post('connections', body)).status).toBe(201);
    expect((await api.post('connections', body)).status).toBe(409);
  });
});

describe('a grant', () => {
  test('for scopes that the API does not have is refused, and so is a second one', async () => {
    const audience = `${origin}/api/v2/`;
    const body = { client_id: 'app', audience, scope: ['read:users'] };
    expect((await api.post('client-grants', { ...body, scope: ['read:minds'] })).status).toBe(400);
    expect((await api.post('client-grants', body)).status).toBe(201);
    expect((await api.post('client-grants', body)).status).toBe(409);
    const { data } = await api.get('client-grants?client_id=app&take=1');
    expect(data.client_grants).toHaveLength(1);
  });
});
