/** The log as Auth0 writes it, and what is told of it. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeRefusal } from '#actions/lib/policy/refusal.ts';
import { judgePerson } from '#scripts/lib/people/person.ts';
import { parseLog, readLastLogins, readLogsOf } from '#scripts/lib/people/read-logs.ts';
import { newestByUser, tellRefusals } from '#scripts/lib/people/refusals.ts';
import { createPerson, doorOf, gateOf, NOW } from './people.ts';
import { stubTenant } from './stub-tenant.ts';

afterEach(() => vi.unstubAllGlobals());

const DENIED = describeRefusal({ code: 'bitbucket_workspace_required', cause: '' });
/** The shape of recorded entries (auth0/node-auth0, auth0-samples). */
const entry = (over: object) => ({
  date: '2026-11-25T12:00:00.000Z',
  type: 'f',
  description: DENIED,
  connection: 'bitbucket',
  client_id: 'app',
  client_name: 'App',
  ip: '203.0.113.7',
  details: {},
  user_id: 'bitbucket|1',
  user_name: 'nora@example.com',
  log_id: '90020261125120000000000000000000000000000000000000000000',
  ...over,
});

describe('an entry', () => {
  test.each<[string, object, object]>([
    ['in its description', {}, { kind: 'login', isRefused: true }],
    [
      'in the details of its error',
      { description: 'Access denied', details: { error: { message: DENIED } } },
      { kind: 'login', description: DENIED },
    ],
    ['of a refresh', { type: 'fertft' }, { kind: 'refresh', isRefused: true }],
  ])('tells the code %s', (_, over, expected) => {
    expect(parseLog(entry(over))).toMatchObject({
      code: 'bitbucket_workspace_required',
      ...expected,
    });
  });

  test.each<[string, object, object]>([
    ['a success is none', { type: 's', description: DENIED }, { isRefused: false }],
    ['another Action’s', { description: 'Only on weekdays' }, { isRefused: true }],
    ['no session', { type: 'fsa', description: 'Login required' }, { isRefused: false }],
    ['not our code', { description: `xbitbucket_workspace_required: x` }, { isRefused: true }],
    ['no login', { type: 'sapi' }, { isRefused: false }],
  ])('has no code: %s', (_, over, expected) => {
    expect(parseLog(entry(over))).toMatchObject({ code: undefined, ...expected });
  });

  test('without an id or a time is none, and a token in it is not told', () => {
    expect(parseLog(entry({ log_id: undefined }))).toBeUndefined();
    expect(parseLog(entry({ date: 'yesterday' }))).toBeUndefined();
    const token = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.c`;
    expect(parseLog(entry({ description: `x ${token}` }))?.description).toBe('x (token)');
  });
});

test('a user’s log comes newest first, as a bare list too', async () => {
  const { api, asked } = await stubTenant({
    // `include_totals` is deprecated: without it there is no object around the list.
    'GET /api/v2/users/bitbucket|1/logs': () => [entry({})],
  });
  expect(await readLogsOf(api, 'bitbucket|1')).toHaveLength(1);
  expect(asked[0]).toContain('sort=date%3A-1');
});

test('a user’s log is read as far back as it takes to find refusals', async () => {
  // An application that refreshes every few minutes fills the newest hundred in hours.
  const pages = [
    Array.from({ length: 100 }, (_, index) => entry({ type: 'sertft', log_id: `8${index}` })),
    Array.from({ length: 100 }, (_, index) => entry({ type: 'sertft', log_id: `7${index}` })),
    [entry({ log_id: '6' })],
  ];
  const { api, asked } = await stubTenant({
    'GET /api/v2/users/bitbucket|1/logs': (url) => ({
      logs: pages[Number(url.searchParams.get('page'))] ?? [],
    }),
  });
  const logs = await readLogsOf(api, 'bitbucket|1');
  expect(logs.filter(({ isRefused }) => isRefused).map(({ logId }) => logId)).toEqual(['6']);
  expect(asked).toHaveLength(3);
});

test('no further than five refusals, or a search goes', async () => {
  const full = (type: string) =>
    Array.from({ length: 100 }, (_, index) => entry({ type, log_id: `${index}` }));
  for (const [type, calls] of [
    ['f', 1],
    ['s', 10],
  ] as const) {
    const { api, asked } = await stubTenant({
      'GET /api/v2/users/bitbucket|1/logs': () => ({ logs: full(type) }),
    });
    await readLogsOf(api, 'bitbucket|1');
    expect(asked).toHaveLength(calls);
  }
});

test('the last logins end where a search does, or the list', async () => {
  let page = 0;
  const full = () => {
    page += 1;
    return Array.from({ length: 100 }, (_, index) => entry({ log_id: `9${page}-${index}` }));
  };
  const { api, asked } = await stubTenant({ 'GET /api/v2/logs': () => ({ logs: full() }) });
  expect(await readLastLogins(api, [{ name: 'bitbucket' }])).toHaveLength(2_000);
  expect(asked).toHaveLength(20);
});

test('the last logins are those of the connection, and those that name none', async () => {
  // Nobody is at a connection at an exchange or single sign-on, and Auth0 need not name one:
  // https://github.com/auth0/auth0-log-schemas ("when available").
  const signIn = entry({ log_id: '1', type: 's' });
  const exchange = entry({ log_id: '2', type: 'fertft', connection: undefined, connection_id: '' });
  const { api, asked } = await stubTenant({
    'GET /api/v2/logs': (url) => {
      const q = url.searchParams.get('q') ?? '';
      return { logs: /connection/.test(q) ? [signIn] : [exchange, signIn] };
    },
  });
  const logs = await readLastLogins(api, [{ name: 'bitbucket' }]);
  expect(logs.map(({ logId }) => logId).sort()).toEqual(['1', '2']);
  const queries = asked.map((what) => new URL(`https://x${what.slice(4)}`).searchParams.get('q'));
  expect(queries[0]).toContain('connection:"bitbucket"');
  expect(queries[1]).toContain('type:"fertft"');
  expect(queries[1]).not.toContain('type:"s"');
});

test('of each user the newest login counts, and what another Action refused does not', () => {
  const at = (minute: number, over: object) =>
    parseLog(entry({ date: `2026-11-25T12:0${minute}:00.000Z`, ...over }));
  const logs = [
    at(1, {}),
    at(3, { type: 's', description: undefined }),
    at(5, { description: 'Only on weekdays' }),
    at(4, { type: 'slo' }),
    at(2, { user_id: 'bitbucket|2' }),
  ].filter((one) => one !== undefined);
  const newest = newestByUser(logs);
  expect(newest.get('bitbucket|1')).toMatchObject([{ isRefused: false }]);
  expect(newest.get('bitbucket|2')).toMatchObject([{ code: 'bitbucket_workspace_required' }]);
});

describe('the cause that the Action kept', () => {
  const SECOND = 1_000;
  const kept = {
    ...{ at: NOW - 60 * SECOND, code: 'bitbucket_workspace_required', cause: 'why' },
    clientId: 'app',
  };
  const causesOf = (...entries: readonly object[]) => {
    const person = judgePerson(
      createPerson({ refusal: kept }),
      { doors: [doorOf()], gate: gateOf() },
      NOW,
    );
    const logs = entries.map((over) => parseLog(entry(over))).filter((one) => one !== undefined);
    return tellRefusals(person, logs, []).map(({ logId, cause }) => [logId, cause]);
  };
  const at = (seconds: number) => new Date(kept.at + seconds * SECOND).toISOString();

  test('is that of its own entry, which is written when the flow has ended', () => {
    expect(causesOf({ log_id: '1', date: at(8) })).toEqual([['1', 'why']]);
  });

  test('is not that of another application’s, nor of one before it', () => {
    expect(
      causesOf(
        { log_id: '3', date: at(5), client_id: 'other' },
        { log_id: '2', date: at(1) },
        { log_id: '1', date: at(-30) },
      ),
    ).toEqual([
      ['3', undefined],
      ['2', 'why'],
      ['1', undefined],
    ]);
  });

  test('is that of the same refusal again, which is not kept anew so soon', () => {
    expect(causesOf({ log_id: '2', date: at(50) }, { log_id: '1', date: at(1) })).toEqual([
      ['2', 'why'],
      ['1', 'why'],
    ]);
  });
});
