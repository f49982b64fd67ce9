/** What takes its time at a tenant, what it has a limit for, and how it is told to fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const world = createWorld();
const start = (pace: object) =>
  startSandbox({
    world,
    consumerWorkspace: addWorkspace(world, `acme-${Math.random()}`),
    applications: [],
    policy: {},
    pace,
  });
const BIND_MS = 400;
const sandbox = await start({ actionBuildMs: 150, actionBindMs: BIND_MS });
const { tenant } = sandbox;
const { store, faults } = tenant;
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());
beforeEach(() => {
  faults.clear();
  tenant.clearCalls();
  store.actions.clear();
  store.bindings = [];
});

const ACTION = {
  name: 'x',
  supported_triggers: [{ id: 'post-login', version: 'v3' }],
  code: 'exports.onExecutePostLogin = async () => {};',
  runtime: 'node22',
  dependencies: [],
  secrets: [{ name: 'A', value: 'one' }],
};
const BINDINGS = 'actions/triggers/post-login/bindings';
const bind = () =>
  api.patch(BINDINGS, { bindings: [{ ref: { type: 'action_name', value: 'x' } }] });
const waitUntilBuilt = async (id: string): Promise<void> => {
  while ((await api.get(`actions/actions/${id}`)).data.status !== 'built') await sleep(20);
};

describe('a draft', () => {
  test('is pending, then building, then built, and only then deployed', async () => {
    const { data: created } = await api.post('actions/actions', ACTION);
    const path = `actions/actions/${created.id}`;
    const { data: read } = await api.get(path);
    expect([created.status, read.status]).toEqual(['pending', 'building']);
    const { status, data: refused } = await api.post(`${path}/deploy`);
    expect([status, refused]).toEqual([
      400,
      {
        statusCode: 400,
        error: 'Bad Request',
        message: "A draft must be in the 'built' state before it can be deployed.",
      },
    ]);
    await waitUntilBuilt(created.id);
    expect((await api.post(`${path}/deploy`)).status).toBe(200);
    expect((await api.patch(path, { code: '// new' })).data.status).toBe('pending');
    expect((await api.post(`${path}/deploy`)).status).toBe(400);
  });

  test('cannot be bound just after its first deploy, and can a while later', async () => {
    const { data } = await api.post('actions/actions', ACTION);
    await waitUntilBuilt(data.id);
    await api.post(`actions/actions/${data.id}/deploy`);
    const refused = await bind();
    expect([refused.status, refused.data.message]).toEqual([
      400,
      'Trying to create a binding for an action that has not been deployed yet.',
    ]);
    await sleep(BIND_MS);
    expect((await bind()).status).toBe(200);
  });

  test('that is saved as it is deployed has no changes; a secret that is sent again is one', async () => {
    const { secrets: _, ...rest } = ACTION;
    const { data } = await api.post('actions/actions', ACTION);
    await waitUntilBuilt(data.id);
    const path = `actions/actions/${data.id}`;
    await api.post(`${path}/deploy`);
    expect((await api.patch(path, rest)).data.all_changes_deployed).toBe(true);
    expect((await api.patch(path, ACTION)).data.all_changes_deployed).toBe(false);
  });
});

test('bindings are new ones after each update, and never say that all is deployed', async () => {
  addAction(store, 'x', { isBound: true });
  const before = (await api.get(BINDINGS)).data.bindings;
  await bind();
  const after = (await api.get(BINDINGS)).data.bindings;
  expect(after[0].id).not.toBe(before[0].id);
  expect(after[0].action.id).toBe(before[0].action.id);
  expect(after[0].action).toMatchObject({
    all_changes_deployed: false,
    deployed_version: { deployed: true },
  });
  const { data } = await api.get(`actions/actions/${after[0].action.id}`);
  expect(data.all_changes_deployed).toBe(true);
});

test('a tenant takes 100 Actions', async () => {
  for (let n = 0; n < 99; n += 1) addAction(store, `theirs-${n}`, { isBound: false });
  expect((await api.post('actions/actions', ACTION)).status).toBe(201);
  expect((await api.post('actions/actions', { ...ACTION, name: 'y' })).status).toBe(403);
  expect(store.actions.size).toBe(100);
});

test('a tenant without Actions leaves out what is 0 in the list', async () => {
  expect((await api.get('actions/actions?page=0&per_page=10')).data).toEqual({
    actions: [],
    per_page: 10,
  });
});

test('a call over the limit is refused, and told when the limit is reset', async () => {
  const limited = await start({ rateLimit: { calls: 2, windowMs: 1_000 } });
  try {
    const client = await connectAsDeployer(limited.tenant);
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await client.get('clients'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.data).toEqual({
      statusCode: 429,
      error: 'Too Many Requests',
      message: 'Global limit has been reached',
      errorCode: 'too_many_requests',
    });
    const { headers } = answers[2] ?? {};
    expect([headers?.['x-ratelimit-limit'], headers?.['x-ratelimit-remaining']]).toEqual([
      '2',
      '0',
    ]);
    const resetMs = Number(headers?.['x-ratelimit-reset']) * 1_000;
    await sleep(resetMs - Date.now() + 10);
    expect((await client.get('clients')).status).toBe(200);
  } finally {
    await limited.close();
  }
});

describe('a tenant that is told to fail', () => {
  const create = (name: string) => api.post('actions/actions', { ...ACTION, name });
  const names = () => [...store.actions.values()].map(({ name }) => name);

  test('refuses the nth write and no other, and reads are none', async () => {
    faults.set('write', { reply: { status: 403 } }, { after: 1, times: 1 });
    await api.get('clients');
    const statuses = [];
    for (const name of ['a', 'b', 'c']) statuses.push((await create(name)).status);
    expect(statuses).toEqual([201, 403, 201]);
    expect(names()).toEqual(['a', 'c']);
    expect(tenant.writes.map(({ status }) => status)).toEqual([201, 403, 201]);
  });

  test('fails for a while, counted from the first failure', async () => {
    faults.set('GET /api/v2/clients', { reply: { status: 500 } }, { forMs: 200 });
    await sleep(210);
    expect((await api.get('clients')).status).toBe(500);
    await sleep(210);
    expect((await api.get('clients')).status).toBe(200);
  });

  test('closes the connection before it has done anything', async () => {
    faults.set('POST /api/v2/actions/actions', { drop: 'at_once' }, 1);
    await expect(create('a')).rejects.toThrow();
    expect(names()).toEqual([]);
    expect(tenant.writes).toEqual([{ method: 'POST', path: '/api/v2/actions/actions' }]);
  });

  test('closes it after it has done everything, so that only the answer is lost', async () => {
    faults.set('write', { drop: 'at_once', isDone: true }, 1);
    await expect(create('a')).rejects.toThrow();
    expect(names()).toEqual(['a']);
  });
});
