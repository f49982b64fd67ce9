/** Reading the tenant's log: by the queries of Auth0's documentation, by page, and by checkpoint. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import type { LogEntry } from '#scripts/local/tenant/log.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const RETENTION_DAYS = 60;
const INDEX_MS = 2_000;
/** Of the tenant, in the days of the documentation's examples; it goes on when it is told to. */
let nowMs = Date.parse('2019-01-02T00:00:00Z');
const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [],
  policy: {},
  pace: { now: () => nowMs, logRetentionDays: RETENTION_DAYS, indexMs: INDEX_MS },
});
const { tenant } = sandbox;
const { log } = tenant;
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

/** Events that can be read at once, in this order. */
function write(...entries: readonly LogEntry[]): readonly string[] {
  const ids = entries.map((entry) => log.append(entry).log_id);
  nowMs += INDEX_MS;
  return ids;
}
/** Forgets everything: the log keeps nothing for so long. */
const forget = () => {
  nowMs += RETENTION_DAYS * DAY_MS + INDEX_MS;
  tenant.faults.clear();
};

/** The `n` of the events that a query finds, in their order. */
async function find(q: string): Promise<readonly unknown[]> {
  const { data } = await api.get('logs', { params: { q, sort: 'log_id:1' } });
  return Array.isArray(data) ? data.map(({ n }) => n) : [data.message];
}

const at = (n: string, date: string) => ({ n, type: 's', date });

describe('dates', () => {
  write(
    at('nov 30', '2018-11-30T23:59:59.999Z'),
    at('dec 1', '2018-12-01T00:00:00.000Z'),
    at('dec 10', '2018-12-10T00:00:00.000Z'),
    at('dec 31', '2018-12-31T23:59:59.999Z'),
    at('1:00', '2019-01-01T01:00:00.000Z'),
    at('12:23:45', '2019-01-01T12:23:45.000Z'),
  );

  test.each([
    ['date:[2018-12 TO 2019-01-01}', ['dec 1', 'dec 10', 'dec 31']],
    ['date:[2018-12-10 TO *]', ['dec 10', 'dec 31', '1:00', '12:23:45']],
    ['date:[* TO 2018-12-10}', ['nov 30', 'dec 1']],
    ['date:[2018-12-10 TO 2018-12-31]', ['dec 10', 'dec 31']],
    ['date:[2019-01-01T01:00:00 TO 2019-01-01T12:23:45}', ['1:00']],
    ['date:{2018-12-10 TO 2019}', ['dec 31']],
    ['date:2018-12-10', ['dec 10']],
  ])('are searched as Auth0 documents it: %s finds %j', async (q, expected) => {
    expect(await find(`${q} AND type:s AND NOT client_id:*`)).toEqual(expected);
  });
});

describe('a query', () => {
  beforeEach(forget);

  test.each([
    ['user_name:*fred*', ['fred', 'alfred']],
    ['user_name:fre*', ['fred']],
    ['user_name:jane*smith', ['jane']],
    ['user_id:"123"', ['by id']],
    ['type:s*', ['jane', 'rule']],
    ['type:(f OR fsa)', ['fred', 'by id', 'alfred']],
    ['type:f AND NOT user_id:"123"', ['fred']],
    ['type:f -user_id:"123"', ['fred']],
    ['NOT type:f AND NOT type:s', ['alfred', 'rule']],
    ['client_name:App\\ One', ['jane']],
    ['description:*rule', ['rule']],
    ['description:rule', []],
    ['description:"Create a rule"', ['rule']],
    ['Fred', []],
    ['fred', ['fred']],
    ['_exists_:description', ['rule']],
  ])('finds what it says: %s is %j', async (q, expected) => {
    write(
      { n: 'jane', type: 's', user_name: 'jane.b.smith', client_name: 'App One' },
      { n: 'fred', type: 'f', user_name: 'fred' },
      { n: 'by id', type: 'f', user_id: '123' },
      { n: 'alfred', type: 'fsa', user_name: 'alfred@example.com' },
      { n: 'rule', type: 'ssa', description: 'Create a rule' },
    );
    expect(await find(q)).toEqual(expected);
  });

  test.each([
    ['user_email:"x"', 'unknown field "user_email"'],
    ['user_name:*ab', 'a literal beside a wildcard needs 3 characters or more'],
    ['user_name:jan?', 'unsupported syntax "jan?"'],
    ['type:(f OR', 'unexpected end'],
    ['date:[yesterday TO *]', '"yesterday" is not a date'],
    ['user_id:bitbucket|{uuid}', 'unexpected character at 18'],
  ])('that cannot be asked is refused: %s', async (q, reason) => {
    const { status, data } = await api.get('logs', { params: { q } });
    expect({ status, data }).toEqual({
      status: 400,
      data: {
        statusCode: 400,
        error: 'Bad Request',
        message: `The search query string has an error: ${reason}`,
        errorCode: 'invalid_query_string',
      },
    });
  });
});

describe('pages', () => {
  beforeEach(forget);
  const many = (count: number) =>
    write(...Array.from({ length: count }, (_, n) => ({ type: 'f', n, user_id: `u|${n % 2}` })));

  test('are the newest first, and their total is that of the page', async () => {
    many(30);
    const { data } = await api.get('logs?q=type:f&per_page=20&page=1&include_totals=true');
    const { logs, ...totals } = data;
    expect(totals).toEqual({ start: 20, limit: 20, length: 10, total: 10 });
    expect(logs.map(({ n }: { n: number }) => n)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('have 50 events where nothing is said, 100 at most, and the fields that are asked for', async () => {
    many(120);
    expect((await api.get('logs')).data).toHaveLength(50);
    expect((await api.get('logs?per_page=100&q=type:f')).data).toHaveLength(100);
    const { status, data } = await api.get('logs?per_page=101');
    expect([status, data.message]).toEqual([
      400,
      "Query validation error: 'Value 101 is greater than maximum 100' on property per_page.",
    ]);
    const { data: some } = await api.get('logs?q=type:f&per_page=1&fields=type,n&sort=date:1');
    expect(some).toEqual([{ type: 'f', n: 0 }]);
  });

  test('reach 1,000 events, and one beyond is refused', async () => {
    many(1_010);
    expect((await api.get('logs?per_page=100&page=9&q=type:f')).data).toHaveLength(100);
    const { status, data } = await api.get('logs?per_page=100&page=10&q=type:f');
    expect([status, data.errorCode]).toEqual([400, 'invalid_paging']);
  });

  test('are of one person below that person', async () => {
    many(5);
    const { data } = await api.get('users/u%7C1/logs');
    expect(data.map(({ n }: { n: number }) => n)).toEqual([3, 1]);
    expect((await api.get('users/nobody/logs')).data).toEqual([]);
  });
});

describe('a checkpoint', () => {
  beforeEach(forget);

  test('gives all that is newer, the oldest first, by the links it answers', async () => {
    const [first = '', ...others] = write(
      ...Array.from({ length: 250 }, (_, n) => ({ type: 'f', n })),
    );
    const read: string[] = [];
    let url = `${tenant.origin}/api/v2/logs?from=${first}&take=100&q=ignored:too`;
    for (let page = 0; page < 3; page += 1) {
      const { data, headers } = await api.get(url);
      read.push(...data.map(({ log_id }: { log_id: string }) => log_id));
      url = /^<(\S+)>; rel="next"$/.exec(String(headers.link))?.[1] ?? '';
    }
    expect(read).toEqual(others);
    const { data, headers } = await api.get(url);
    expect(data).toEqual([]);
    expect(headers.link).toBe(`<${url}>; rel="next"`);
  });
});

describe('an event', () => {
  beforeEach(forget);

  test('is read by its id, and one that is not there is 404', async () => {
    const [id] = write({ type: 'f', description: 'x' });
    expect((await api.get(`logs/${id}`)).data).toMatchObject({ log_id: id, type: 'f' });
    expect((await api.get(`logs/${'9'.repeat(56)}`)).status).toBe(404);
  });

  test('is there a while after it was written, and gone when the plan keeps it no longer', async () => {
    const { log_id: id } = log.append({ type: 'f' });
    const status = async () => (await api.get(`logs/${id}`)).status;
    expect(await status()).toBe(404);
    nowMs += INDEX_MS;
    expect(await status()).toBe(200);
    nowMs += RETENTION_DAYS * DAY_MS - INDEX_MS;
    expect(await status()).toBe(200);
    nowMs += 1;
    expect(await status()).toBe(404);
  });
});

test('the endpoint can be told to fail, and an id is none of its name', async () => {
  tenant.faults.set('GET /api/v2/logs/{id}', { reply: { status: 503 } }, 1);
  expect((await api.get(`logs/${'9'.repeat(56)}`)).status).toBe(503);
  tenant.faults.set('GET /api/v2/users/{id}/logs', { reply: { status: 503 } }, 1);
  expect((await api.get('users/u%7C1/logs')).status).toBe(503);
});
