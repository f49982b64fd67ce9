/** The rules of the local tenant's Management API that a caller meets by doing something wrong. */
import { Agent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { type LocalTenant, startLocalTenant } from '#scripts/local/tenant/tenant.ts';

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
const { store, origin } = tenant;
const MANAGEMENT = `${origin}/api/v2/`;
const deployer = store.clients.get('local-deployer');
const open = { validateStatus: () => true };

const askForToken = (body: object, headers = {}) =>
  axios.post(`${origin}/oauth/token`, body, { ...open, headers });
const credentials = (changes: object = {}) => ({
  grant_type: 'client_credentials',
  client_id: deployer?.client_id,
  client_secret: deployer?.client_secret,
  audience: MANAGEMENT,
  ...changes,
});
const connectWith = (token: string): AxiosInstance =>
  axios.create({ ...open, baseURL: MANAGEMENT, headers: { Authorization: `Bearer ${token}` } });
const connect = async (scope?: string) => {
  const { data } = await askForToken(credentials(scope === undefined ? {} : { scope }));
  return connectWith(data.access_token);
};
const api = await connect();
/** For a scope that no route of these asks for. */
const powerless = await connect('read:user_idp_tokens');

const POST_LOGIN = [{ id: 'post-login', version: 'v3' }];
const ACTION = { supported_triggers: POST_LOGIN, code: '// nothing', runtime: 'node22' };
const BINDINGS = 'actions/triggers/post-login/bindings';
const bind = (...names: readonly string[]) =>
  api.patch(BINDINGS, {
    bindings: names.map((value) => ({ ref: { type: 'action_name', value } })),
  });
const boundNames = async () => {
  const { data } = await api.get(BINDINGS);
  return data.bindings.map(({ action }: { action: { name: string } }) => action.name);
};

beforeEach(() => {
  store.actions.clear();
  store.bindings = [];
  tenant.faults.clear();
});
afterAll(() => sandbox.close());

describe('a machine', () => {
  test('that authenticates with HTTP Basic has every scope of its grant too', async () => {
    const basic = Buffer.from(`${deployer?.client_id}:${deployer?.client_secret}`);
    const { data } = await askForToken(
      { grant_type: 'client_credentials', audience: MANAGEMENT },
      { Authorization: `Basic ${basic.toString('base64')}` },
    );
    expect(data.scope).toBe((await askForToken(credentials())).data.scope);
  });

  test.each([
    [
      'asks for a scope that it was not granted',
      { scope: 'read:users read:minds' },
      {
        error: 'access_denied',
        error_description: 'Client has not been granted scopes: read:minds',
      },
    ],
    [
      'names no API',
      { audience: undefined },
      {
        error: 'access_denied',
        error_description: 'Non-global clients are not allowed access to APIv1',
      },
    ],
    [
      'is an application without that grant type',
      { client_id: 'app', client_secret: undefined },
      {
        error: 'unauthorized_client',
        error_description: "Grant type 'client_credentials' not allowed for the client.",
      },
    ],
  ])('that %s is refused in the words of Auth0', async (_, changes, body) => {
    const { status, data } = await askForToken(credentials(changes));
    expect({ status, data }).toEqual({ status: 403, data: body });
  });

  test('that was created with nothing but a name gets tokens once it has a grant', async () => {
    const { data: client } = await api.post('clients', { name: 'Bare' });
    const { client_id, client_secret } = client;
    const body = credentials({ client_id, client_secret });
    expect((await askForToken(body)).status).toBe(403);
    await api.post('client-grants', { client_id, audience: MANAGEMENT, scope: ['read:users'] });
    expect((await askForToken(body)).data.scope).toBe('read:users');
  });

  test('cannot use a token for another API, nor one that somebody else signed', async () => {
    const body = { client_id: 'local-deployer', audience: API, scope: [] };
    await api.post('client-grants', body);
    const { data } = await askForToken(credentials({ audience: API }));
    const answers = await Promise.all(
      [data.access_token, `${data.access_token}x`, 'no.token.atall'].map((token) =>
        connectWith(token).get('clients'),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});

test.each([
  ['GET', 'clients', 'read:clients,read:client_keys'],
  ['POST', 'clients', 'create:clients'],
  ['PATCH', 'clients/app', 'update:clients'],
  ['DELETE', 'clients/app', 'delete:clients'],
  ['GET', 'client-grants', 'read:client_grants'],
  ['GET', 'client-grants/x', 'read:client_grants'],
  ['DELETE', 'client-grants/x', 'delete:client_grants'],
  ['POST', 'client-grants', 'create:client_grants'],
  ['PATCH', 'client-grants/x', 'update:client_grants'],
  ['GET', 'connections', 'read:connections'],
  ['POST', 'connections', 'create:connections'],
  ['GET', 'connections/x', 'read:connections'],
  ['PATCH', 'connections/x', 'update:connections'],
  ['DELETE', 'connections/x', 'delete:connections'],
  ['GET', 'connections/x/clients', 'read:connections'],
  ['PATCH', 'connections/x/clients', 'update:connections'],
  ['GET', 'connections-directory-provisionings', 'read:directory_provisionings'],
  ['GET', 'actions/actions', 'read:actions'],
  ['POST', 'actions/actions', 'create:actions'],
  ['GET', 'actions/actions/x', 'read:actions'],
  ['PATCH', 'actions/actions/x', 'update:actions'],
  ['DELETE', 'actions/actions/x', 'delete:actions'],
  ['POST', 'actions/actions/x/deploy', 'update:actions'],
  ['GET', 'actions/actions/x/versions', 'read:actions'],
  ['POST', 'actions/actions/x/versions/y/deploy', 'update:actions'],
  ['GET', 'actions/actions/x/versions/y', 'read:actions'],
  ['GET', 'actions/modules', 'read:actions'],
  ['GET', 'actions/triggers', 'read:actions'],
  ['GET', BINDINGS, 'read:actions'],
  ['PATCH', BINDINGS, 'update:actions'],
  ['GET', 'resource-servers', 'read:resource_servers'],
  ['GET', 'resource-servers/x', 'read:resource_servers'],
  ['GET', 'users/x', 'read:users'],
  ['GET', 'users', 'read:users'],
  ['GET', 'users-by-email', 'read:users'],
  ['GET', 'users/x/logs', 'read:logs,read:logs_users'],
  ['GET', 'logs', 'read:logs,read:logs_users'],
  ['GET', 'logs/x', 'read:logs,read:logs_users'],
  ['POST', 'jobs/users-exports', 'read:users'],
  ['GET', 'jobs/x', 'create:users,read:users'],
])('%s %s takes %s, and does nothing without it', async (method, url, scope) => {
  const { status, data } = await powerless.request({ method, url, data: { name: 'X' } });
  expect({ status, data }).toEqual({
    status: 403,
    data: {
      statusCode: 403,
      error: 'Forbidden',
      message: `Insufficient scope, expected any of: ${scope}`,
      errorCode: 'insufficient_scope',
    },
  });
});

describe('a body that is not as it should be', () => {
  test.each([
    ['POST', 'actions/actions', { ...ACTION, name: 'x', secrets: [null] }],
    ['POST', 'actions/actions', { ...ACTION, name: 'x', secrets: [{ name: 'A', value: 1 }] }],
    ['POST', 'actions/actions', { ...ACTION, name: 'x', supported_triggers: ['post-login'] }],
    ['PATCH', BINDINGS, { bindings: [null] }],
    ['PATCH', BINDINGS, { bindings: [{ ref: { type: 'nothing', value: 'x' } }] }],
    ['POST', 'connections', { name: 'm', strategy: 'bitbucket', metadata: null }],
    ['POST', 'connections', { name: 'm', strategy: 'bitbucket', metadata: { a: 1 } }],
    ['POST', 'connections', { name: 'm', strategy: 'bitbucket', options: 'all' }],
    ['POST', 'clients', { name: 'x', callbacks: 'https://app.example.com' }],
    ['POST', 'clients', { name: 'x', token_endpoint_auth_method: 'trust_me' }],
    ['PATCH', 'clients/app', { name: 3 }],
    ['PATCH', 'clients/app', { client_metadata: { key: 'v'.repeat(256) } }],
  ])('is refused: %s %s %j', async (method, url, data) => {
    const answer = await api.request({ method, url, data });
    expect(answer.status).toBe(400);
    expect(answer.data.message).toMatch(/^Payload validation error: /);
  });

  test('is refused or taken, and never breaks the tenant, whatever it is', async () => {
    addAction(store, 'target', { isBound: false });
    const [id] = store.actions.keys();
    addConnection(store, 'fuzzed', 'bitbucket', []);
    const connectionId = [...store.connections.values()].find(({ name }) => name === 'fuzzed')?.id;
    const routes = [
      ['POST', 'clients'],
      ['PATCH', 'clients/app'],
      ['POST', 'client-grants'],
      ['POST', 'connections'],
      ['PATCH', `connections/${connectionId}`],
      ['PATCH', `connections/${connectionId}/clients`],
      ['POST', 'actions/actions'],
      ['PATCH', `actions/actions/${id}`],
      ['PATCH', BINDINGS],
    ] as const;
    const keys = ['name', 'callbacks', 'client_metadata', 'metadata', 'options', 'secrets', 'code'];
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(...keys, 'supported_triggers', 'bindings', 'scope', 'strategy', 'realms'),
        fc.oneof(
          fc.jsonValue(),
          fc.array(fc.dictionary(fc.constantFrom('name', 'ref'), fc.jsonValue())),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), body, async ([method, url], value) => {
        const headers = { 'Content-Type': 'application/json' };
        const answer = await api.request({ method, url, data: JSON.stringify(value), headers });
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });

  test('in the path is refused too', async () => {
    expect((await api.get('users/%E0%A4%A')).status).toBe(400);
  });
});

describe('the bindings', () => {
  test('are in the order that was sent, and replaced as a whole', async () => {
    for (const name of ['a', 'b', 'c']) addAction(store, name, { isBound: true });
    await bind('c', 'a');
    expect(await boundNames()).toEqual(['c', 'a']);
  });

  test.each([
    ['an Action that does not exist', 'nobody', 404],
    ['an Action that was never deployed', 'draft', 400],
    ['an Action for another trigger', 'other', 400],
  ])('with %s stay as they were', async (_, name, expected) => {
    addAction(store, 'a', { isBound: true });
    await api.post('actions/actions', { ...ACTION, name: 'draft' });
    const supported_triggers = [{ id: 'pre-user-registration', version: 'v2' }];
    await api.post('actions/actions', {
      ...ACTION,
      supported_triggers,
      name: 'other',
      deploy: true,
    });
    expect((await bind('a', name)).status).toBe(expected);
    expect(await boundNames()).toEqual(['a']);
  });

  test('are 20 at most', async () => {
    addAction(store, 'a', { isBound: false });
    expect((await bind(...Array<string>(21).fill('a'))).status).toBe(400);
    expect((await bind(...Array<string>(20).fill('a'))).status).toBe(200);
  });

  test('can be named by their own id and by that of the Action', async () => {
    for (const name of ['a', 'b']) addAction(store, name, { isBound: true });
    const { data } = await api.get(BINDINGS);
    const [a, b] = data.bindings;
    const bindings = [
      { ref: { type: 'action_id', value: b.action.id } },
      { ref: { type: 'binding_id', value: a.id } },
    ];
    expect((await api.patch(BINDINGS, { bindings })).status).toBe(200);
    expect(await boundNames()).toEqual(['b', 'a']);
  });
});

describe('an Action', () => {
  const create = async (changes: object = {}) =>
    (await api.post('actions/actions', { ...ACTION, name: 'x', ...changes })).data;

  test('keeps its newest 50 versions, which are shown from the newest on', async () => {
    const { id } = await create();
    for (let n = 0; n < 52; n += 1) await api.post(`actions/actions/${id}/deploy`);
    const { data } = await api.get(`actions/actions/${id}/versions?page=1&per_page=20`);
    const numbers = data.versions.map(({ number }: { number: number }) => number);
    expect([data.total, numbers[0], numbers.length]).toEqual([50, 32, 20]);
  });

  test('keeps the secrets that an update does not mention, and loses them to an empty list', async () => {
    const secrets = [{ name: 'A', value: 'one' }];
    const { id, secrets: before } = await create({ secrets });
    const path = `actions/actions/${id}`;
    expect((await api.patch(path, { code: '// new' })).data.secrets).toEqual(before);
    expect((await api.patch(path, { secrets: [{ name: 'A' }] })).data.secrets).toEqual(before);
    expect(store.actions.get(id)?.draft.secrets[0]?.value).toBe('one');
    expect((await api.patch(path, { secrets: [] })).data.secrets).toEqual([]);
  });

  test('cannot take the name of another', async () => {
    await create({ name: 'taken' });
    const { id } = await create();
    expect((await api.patch(`actions/actions/${id}`, { name: 'taken' })).status).toBe(409);
    expect((await api.patch(`actions/actions/${id}`, { name: 'x' })).status).toBe(200);
  });

  test('is found by its trigger, its name and whether it is deployed', async () => {
    await create({ name: 'draft' });
    await create({ name: 'deployed', deploy: true });
    await create({ name: 'other', supported_triggers: [{ id: 'post-change-password' }] });
    const names = async (query: string) => {
      const { data } = await api.get(`actions/actions?${query}`);
      return data.actions.map(({ name }: { name: string }) => name);
    };
    expect(await names('triggerId=post-login')).toEqual(['draft', 'deployed']);
    expect(await names('deployed=true')).toEqual(['deployed']);
    expect(await names('deployed=false')).toEqual(['draft', 'other']);
    expect(await names('actionName=other')).toEqual(['other']);
  });

  test('that is still being built cannot be deployed', async () => {
    let nowMs = Date.now();
    const certificate = await createServerCertificate(['localhost']);
    const agent = new Agent({ ca: certificate.cert });
    const slow = await startLocalTenant({
      certificate,
      bitbucket: sandbox.bitbucket,
      seed: { deployer: { clientId: 'd', clientSecret: 's' }, applications: [] },
      actionBuildMs: 60_000,
      now: () => nowMs,
    });
    try {
      const [id, deploy] = await deployOnce({ tenant: slow, agent });
      expect([deploy.status, deploy.body.message]).toEqual([
        400,
        "A draft must be in the 'built' state before it can be deployed.",
      ]);
      nowMs += 60_000;
      expect((await deployOnce({ tenant: slow, agent }, id))[1].status).toBe(200);
    } finally {
      await slow.close();
    }
  });
});

/** Deploys an Action of the slow tenant, which is made first where it is not `known`. */
async function deployOnce(
  slow: { readonly tenant: LocalTenant; readonly agent: Agent },
  known?: string,
): Promise<[string, { status: number; body: { message?: string } }]> {
  const client = axios.create({ ...open, httpsAgent: slow.agent, baseURL: slow.tenant.origin });
  const { data: token } = await client.post('/oauth/token', {
    grant_type: 'client_credentials',
    client_id: 'd',
    client_secret: 's',
    audience: `${slow.tenant.origin}/api/v2/`,
  });
  const headers = { Authorization: `Bearer ${token.access_token}` };
  const body = { ...ACTION, name: 'slow' };
  const id = known ?? (await client.post('/api/v2/actions/actions', body, { headers })).data.id;
  const answer = await client.post(`/api/v2/actions/actions/${id}/deploy`, {}, { headers });
  return [id, { status: answer.status, body: answer.data }];
}

describe('an application', () => {
  test('has its metadata merged, one key at a time, and null removes a key', async () => {
    const { data: client } = await api.post('clients', {
      name: 'Meta',
      client_metadata: { kept: '1', gone: '2' },
    });
    const path = `clients/${client.client_id}`;
    const changes = { client_metadata: { gone: null, added: '3' } };
    expect((await api.patch(path, changes)).data.client_metadata).toEqual({
      kept: '1',
      added: '3',
    });
    expect((await api.patch(path, { description: 'd' })).data.client_metadata).toEqual({
      kept: '1',
      added: '3',
    });
  });

  test('has every connection switched on for it, where the tenant is set so', async () => {
    addConnection(store, 'eager', 'bitbucket', []);
    const id = [...store.connections.values()].find(({ name }) => name === 'eager')?.id;
    store.flags.set('enable_client_connections', true);
    const { data } = await api.post('clients', { name: 'New' });
    store.flags.clear();
    await api.post('clients', { name: 'Newer' });
    const enabled = await api.get(`connections/${id}/clients`);
    expect(enabled.data.clients).toEqual([{ client_id: data.client_id }]);
  });

  test('is found by its type', async () => {
    const { data } = await api.get('clients?app_type=non_interactive&fields=client_id');
    expect(data).toContainEqual({ client_id: 'local-deployer' });
    expect(data).not.toContainEqual({ client_id: 'app' });
  });

  test('is not enabled for a connection by a list that is refused', async () => {
    addConnection(store, 'atomic', 'bitbucket', []);
    const id = [...store.connections.values()].find(({ name }) => name === 'atomic')?.id;
    const path = `connections/${id}/clients`;
    const list = ['app', 'nobody'].map((client_id) => ({ client_id, status: true }));
    expect((await api.patch(path, list)).status).toBe(404);
    expect((await api.get(path)).data.clients).toEqual([]);
  });
});

test('the Management API is listed among the APIs, as the one that is the system’s', async () => {
  const { data } = await api.get(`resource-servers?identifiers=${encodeURIComponent(MANAGEMENT)}`);
  expect(data).toMatchObject([{ identifier: MANAGEMENT, is_system: true }]);
  const one = await api.get(`resource-servers/${encodeURIComponent(API)}`);
  expect(one.data).toMatchObject({ identifier: API, is_system: false });
});

describe('the server', () => {
  test('records what it answered, without a query and without ids', async () => {
    const { data } = await api.post('actions/actions', { ...ACTION, name: 'recorded' });
    tenant.clearCalls();
    await api.get(`actions/actions/${data.id}`);
    await powerless.get('clients?name=secret');
    expect(tenant.calls).toEqual([
      { method: 'GET', path: '/api/v2/actions/actions/{id}', status: 200 },
      { method: 'GET', path: '/api/v2/clients', status: 403 },
    ]);
  });

  test('fails one method of an endpoint when told to, so often and no more', async () => {
    tenant.faults.set('POST /api/v2/clients', { reply: { status: 429 } }, 1);
    expect((await api.get('clients')).status).toBe(200);
    expect((await api.post('clients', { name: 'X' })).status).toBe(429);
    expect((await api.post('clients', { name: 'X' })).status).toBe(201);
  });

  test('outlives a path that is no address', async () => {
    const answer = await axios.get(`${origin}//`, open);
    expect(answer.status).toBe(400);
    expect((await api.get('clients')).status).toBe(200);
  });
});
