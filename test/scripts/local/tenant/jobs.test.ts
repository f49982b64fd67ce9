/** Exports of users: a job that takes a while, and a file at an address that is good for a minute. */
import { gunzipSync } from 'node:zlib';
import axios from 'axios';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection, addTenantUser } from '#scripts/local/stage/tenant-contents.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const JOB_MS = 100_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Of the tenant; it goes on when it is told to. */
let nowMs = Date.now();
const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [],
  policy: {},
  pace: { now: () => nowMs, jobMs: JOB_MS },
});
const { tenant } = sandbox;
const { users, connections } = tenant.store;
addConnection(tenant.store, 'bitbucket', 'bitbucket', []);
const connection_id = [...connections.keys()][0] ?? '';
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

beforeEach(() => {
  users.clear();
  tenant.faults.clear();
});

const CREATED_AT = '2024-01-01T00:00:00.000Z';
/** Somebody who has an identity at a database, and one that was linked to it. */
function add(id: string, app_metadata: Record<string, unknown> = {}, connection = 'bitbucket') {
  addTenantUser(tenant.store, 'db', id, {
    user_id: id,
    email: `${id}@example.com`,
    name: id,
    identities: [
      { connection: 'db', provider: 'auth0', user_id: id, isSocial: false },
      { connection, provider: connection, user_id: id, isSocial: true, access_token: 'upstream' },
    ],
    app_metadata,
    created_at: CREATED_AT,
  });
}

const open = { validateStatus: () => true, responseType: 'arraybuffer' } as const;
/** Starts an export, waits for it, and gives what is in its file. */
async function exportUsers(body: object): Promise<string> {
  const { data: job } = await api.post('jobs/users-exports', body);
  nowMs += JOB_MS;
  const { data } = await api.get(`jobs/${job.id}`);
  const file = await axios.get(data.location, open);
  return gunzipSync(file.data).toString('utf8');
}
const readLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a job', () => {
  const asked = {
    connection_id,
    format: 'csv',
    limit: 5,
    fields: [{ name: 'email' }, { name: 'identities[0].connection', export_as: 'provider' }],
  };

  test('is pending, then processing, then completed with an address', async () => {
    const { status, data: job } = await api.post('jobs/users-exports', asked);
    expect([status, job]).toEqual([
      200,
      {
        type: 'users_export',
        status: 'pending',
        ...asked,
        connection: 'bitbucket',
        created_at: new Date(nowMs).toISOString(),
        id: expect.stringMatching(/^job_\w{16}$/),
      },
    ]);
    const read = async () => (await api.get(`jobs/${job.id}`)).data;
    expect(await read()).toEqual(job);
    nowMs += JOB_MS / 2;
    expect(await read()).toEqual({
      ...job,
      status: 'processing',
      percentage_done: 50,
      time_left_seconds: 50,
    });
    nowMs += JOB_MS / 2;
    expect(await read()).toEqual({
      ...job,
      status: 'completed',
      percentage_done: 100,
      time_left_seconds: 0,
      location: expect.stringMatching(/^https:/),
    });
  });

  test('is gone after 24 hours', async () => {
    const { data: job } = await api.post('jobs/users-exports', {});
    nowMs += DAY_MS - 1;
    expect((await api.get(`jobs/${job.id}`)).data.status).toBe('completed');
    nowMs += 1;
    expect((await api.get(`jobs/${job.id}`)).status).toBe(404);
  });

  test.each([
    [{ connection_id: 'con_0000000000000000' }, 404],
    [{ format: 'xml' }, 400],
    [{ limit: 0 }, 400],
    [{ fields: 'email' }, 400],
    [{ fields: [{ title: 'email' }] }, 400],
    [{ fields: [{ name: 'x'.repeat(101) }] }, 400],
    [{ format: 'csv', fields: Array.from({ length: 31 }, (_, n) => ({ name: `f${n}` })) }, 400],
    [{ format: 'csv', fields: [{ name: 'app_metadata' }] }, 400],
    [{ columns: [] }, 400],
  ])('that cannot be done is refused: %j', async (body, status) => {
    expect((await api.post('jobs/users-exports', body)).status).toBe(status);
  });
});

describe('the address of a file', () => {
  test('is good for 60 seconds, and the job gives a new one', async () => {
    add('one');
    const { data: job } = await api.post('jobs/users-exports', { fields: [{ name: 'user_id' }] });
    nowMs += JOB_MS;
    const { location } = (await api.get(`jobs/${job.id}`)).data;
    nowMs += 59_999;
    expect((await axios.get(location, open)).status).toBe(200);
    nowMs += 1;
    expect((await axios.get(location, open)).status).toBe(403);
    const { location: renewed } = (await api.get(`jobs/${job.id}`)).data;
    expect(renewed).not.toBe(location);
    const file = await axios.get(renewed, open);
    expect(gunzipSync(file.data).toString('utf8')).toBe('{"user_id":"one"}\n');
  });

  test('is no place for the token of the Management API', async () => {
    const { data: job } = await api.post('jobs/users-exports', {});
    nowMs += JOB_MS;
    const { location } = (await api.get(`jobs/${job.id}`)).data;
    const { status, data } = await api.get(location);
    expect([status, String(data)]).toEqual([400, expect.stringContaining('InvalidArgument')]);
    const invented = location.replace(/exports\/\w+/, `exports/${'x'.repeat(32)}`);
    expect((await axios.get(invented, open)).status).toBe(403);
  });

  test('can be told to fail', async () => {
    const { data: job } = await api.post('jobs/users-exports', {});
    nowMs += JOB_MS;
    const { location } = (await api.get(`jobs/${job.id}`)).data;
    tenant.faults.set('GET /exports/{id}/local.json.gz', { reply: { status: 503 } }, 1);
    expect((await axios.get(location, open)).status).toBe(503);
    expect((await axios.get(location, open)).status).toBe(200);
  });
});

describe('a file', () => {
  test('has the users of the connection, whichever of their identities it is', async () => {
    add('one');
    add('other', {}, 'google-oauth2');
    add('two');
    const fields = [{ name: 'user_id' }];
    expect(readLines(await exportUsers({ connection_id, fields }))).toEqual([
      { user_id: 'one' },
      { user_id: 'two' },
    ]);
    expect(readLines(await exportUsers({ fields }))).toHaveLength(3);
    expect(readLines(await exportUsers({ fields, limit: 1 }))).toHaveLength(1);
  });

  test('of JSON has whole objects that are asked for by name, and never a token', async () => {
    add('one', { plan: { name: 'gold' } });
    const [line] = readLines(
      await exportUsers({
        fields: [
          { name: 'app_metadata' },
          { name: 'identities' },
          { name: 'app_metadata.plan.name', export_as: 'plan' },
          { name: 'identities[1].connection', export_as: 'second' },
          { name: 'picture' },
        ],
      }),
    );
    expect(line).toEqual({
      app_metadata: { plan: { name: 'gold' } },
      identities: [
        { connection: 'db', provider: 'auth0', user_id: 'one', isSocial: false },
        { connection: 'bitbucket', provider: 'bitbucket', user_id: 'one', isSocial: true },
      ],
      plan: 'gold',
      second: 'bitbucket',
    });
  });

  test('that names no fields has the normalized profile, without metadata and identities', async () => {
    add('one', { plan: 'gold' });
    expect(readLines(await exportUsers({}))).toEqual([
      { user_id: 'one', email: 'one@example.com', email_verified: true, name: 'one' },
    ]);
  });

  test('of CSV has strings that no spreadsheet takes for a formula', async () => {
    add('=1+"1"', { count: 3 });
    expect(
      await exportUsers({
        format: 'csv',
        fields: [
          { name: 'user_id' },
          { name: 'created_at' },
          { name: 'app_metadata.count', export_as: 'count' },
          { name: 'picture' },
        ],
      }),
    ).toBe(`"user_id","created_at","count","picture"\n"'=1+""1""","${CREATED_AT}",3,\n`);
  });
});
