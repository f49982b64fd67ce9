/** The log as Auth0 writes it, and what is told of it. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeRefusal } from '#actions/lib/policy/refusal.ts';
import { parseLog, readLastLogins, readLogsOf } from '#scripts/lib/people/read-logs.ts';
import { newestByUser } from '#scripts/lib/people/refusals.ts';
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

test('the last logins end where a search does, or the list', async () => {
  const full = Array.from({ length: 100 }, (_, index) => entry({ log_id: `9${index}` }));
  const { api, asked } = await stubTenant({ 'GET /api/v2/logs': () => ({ logs: full }) });
  expect(await readLastLogins(api, [{ name: 'bitbucket' }])).toHaveLength(1_000);
  expect(asked).toHaveLength(10);
  const q = new URL(`https://x${asked[0]?.slice(4)}`).searchParams.get('q') ?? '';
  expect(q).toContain('connection:"bitbucket"');
  expect(q).toContain('type:"fertft"');
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
  expect(newest.get('bitbucket|1')).toMatchObject({ isRefused: false });
  expect(newest.get('bitbucket|2')).toMatchObject({ code: 'bitbucket_workspace_required' });
});
