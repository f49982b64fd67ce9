/** The requests themselves: where to, with which headers, how long they may take; and the causes. */
import { describe, expect, test } from 'vitest';
import { createCaller } from '#actions/lib/http/caller.ts';
import { type Call, HttpError, type Reply } from '#actions/lib/http/send.ts';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  CONSUMER_TOKEN,
  EMAIL,
  emailOf,
  MANAGEMENT_TOKEN,
  PERSON,
  type RunOptions,
  run,
  USER_ID,
  USER_TOKEN,
} from '#test/support/action-run.ts';

const json = { Accept: 'application/json' };
const asUser = { ...json, Authorization: `Bearer ${USER_TOKEN}` };
const api = { method: 'GET', origin: 'https://api.bitbucket.org' };
const sentBy = async (options: RunOptions) =>
  (await run(options)).calls.map(({ timeoutMs: _, ...call }) => call);

describe('the requests', () => {
  test('of a login', async () => {
    expect(await sentBy({ secrets: { ALLOWED_WORKSPACES: `acme,${ACME.uuid}` } })).toEqual([
      {
        endpoint: 'management token',
        method: 'POST',
        origin: 'https://acme.eu.auth0.com',
        path: '/oauth/token',
        headers: { ...json, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: 'machine-client-id',
          client_secret: 'machine-client-secret',
          audience: 'https://acme.eu.auth0.com/api/v2/',
        }),
      },
      {
        endpoint: 'management user',
        method: 'GET',
        origin: 'https://acme.eu.auth0.com',
        path: '/api/v2/users/bitbucket%7C470c176d?fields=user_id,identities&include_fields=true',
        headers: { ...json, Authorization: `Bearer ${MANAGEMENT_TOKEN}` },
      },
      { endpoint: 'bitbucket user', ...api, path: '/2.0/user', headers: asUser },
      {
        endpoint: 'bitbucket emails',
        ...api,
        path: '/2.0/user/emails?pagelen=100',
        headers: asUser,
      },
      {
        endpoint: 'bitbucket permission',
        ...api,
        path: '/2.0/user/workspaces/acme/permission',
        headers: asUser,
      },
      {
        endpoint: 'bitbucket permission',
        ...api,
        path: `/2.0/user/workspaces/${encodeURIComponent(ACME.uuid)}/permission`,
        headers: asUser,
      },
    ]);
  });

  test('for any workspace', async () => {
    const sent = await sentBy({ secrets: { ALLOWED_WORKSPACES: '*' } });
    expect(sent.at(-1)).toEqual({
      endpoint: 'bitbucket workspaces',
      ...api,
      path: '/2.0/user/workspaces?pagelen=100',
      headers: asUser,
    });
  });

  test('as the consumer', async () => {
    const login = await run();
    const sent = await sentBy({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 180),
      script: { 'bitbucket user': 401 },
    });
    expect(sent.slice(-2)).toEqual([
      {
        endpoint: 'bitbucket consumer token',
        method: 'POST',
        origin: 'https://bitbucket.org',
        path: '/site/oauth2/access_token',
        headers: {
          ...json,
          Authorization: `Basic ${btoa('consumer-key:consumer-secret')}`,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      },
      {
        endpoint: 'bitbucket member',
        ...api,
        path: `/2.0/workspaces/acme/members/${encodeURIComponent(PERSON)}`,
        headers: { ...json, Authorization: `Bearer ${CONSUMER_TOKEN}` },
      },
    ]);
  });

  test('are counted in the log, retries included', async () => {
    const { log, calls } = await run({ script: { 'bitbucket user': 503 } });
    expect(log.calls).toBe(6);
    expect(calls).toHaveLength(6);
  });
});

const page = (next: unknown) => ({ values: [emailOf('other@example.com')], next });
describe('the cause that is logged', () => {
  const identity = { connection: 'bitbucket', access_token: USER_TOKEN };
  const userWith = (identities: unknown, user_id = USER_ID) => ({
    'management user': { user_id, identities },
  });
  test.each<[string, RunOptions]>([
    ['management token: 401', { script: { 'management token': 401 } }],
    ['management token: 429', { script: { 'management token': 429 } }],
    ['management token: 408', { script: { 'management token': 408 } }],
    ['management token: unreadable', { script: { 'management token': { access_token: '' } } }],
    ['management user: 403', { script: { 'management user': 403 } }],
    ['management user: unreadable', { script: userWith({}) }],
    ['management user: unreadable', { script: userWith([identity], 'bitbucket|else') }],
    ['two identities of this connection are linked', { script: userWith([identity, identity]) }],
    ['no identity of this connection', { script: userWith([{ ...identity, connection: 'x' }]) }],
    [
      'no token in the identity: read:user_idp_tokens, or Token Vault is on',
      { script: userWith([{ connection: 'bitbucket', access_token: 1 }]) },
    ],
    ['bitbucket user: unreadable', { script: { 'bitbucket user': {} } }],
    [
      'bitbucket user: 403, a permission the consumer lacks?',
      { script: { 'bitbucket user': 403 } },
    ],
    ['bitbucket user: 410', { script: { 'bitbucket user': 410 } }],
    // A body that says so does not make it a 200.
    [
      'bitbucket user: 202',
      { script: { 'bitbucket user': { status: 202, text: `{"type":"user","uuid":"${PERSON}"}` } } },
    ],
    ['bitbucket user: timed_out', { script: { 'bitbucket user': 'timed_out' } }],
    [
      'bitbucket emails: unreadable',
      { spec: EMAIL, script: { 'bitbucket emails': { values: {} } } },
    ],
    [
      'bitbucket emails: unreadable',
      { spec: EMAIL, script: { 'bitbucket emails': { values: [emailOf('x@y'), {}] } } },
    ],
    [
      'bitbucket emails: more than 10 pages',
      {
        spec: EMAIL,
        script: { 'bitbucket emails': page('https://api.bitbucket.org/2.0/user/emails?page=2') },
      },
    ],
    [
      'bitbucket emails: next leads elsewhere',
      {
        spec: EMAIL,
        script: { 'bitbucket emails': page('https://bitbucket.org/2.0/user/emails?page=2') },
      },
    ],
    [
      'bitbucket emails: next leads elsewhere',
      {
        spec: EMAIL,
        script: { 'bitbucket emails': page('https://api.bitbucket.org/2.0/user?page=2') },
      },
    ],
    [
      'bitbucket emails: next leads elsewhere',
      { spec: EMAIL, script: { 'bitbucket emails': page('page 2') } },
    ],
    [
      'bitbucket emails: next leads elsewhere',
      {
        spec: EMAIL,
        script: { 'bitbucket emails': page(['https://api.bitbucket.org/2.0/user/emails?page=2']) },
      },
    ],
    [
      'bitbucket emails: next leads elsewhere',
      { spec: EMAIL, script: { 'bitbucket emails': page(null) } },
    ],
    [
      'bitbucket workspaces: unreadable',
      { secrets: { ALLOWED_WORKSPACES: '*' }, script: { 'bitbucket workspaces': { values: [1] } } },
    ],
    ['bitbucket permission: unreadable', { script: { 'bitbucket permission': {} } }],
    [
      'bitbucket permission: another workspace',
      {
        secrets: { ALLOWED_WORKSPACES: 'other' },
        script: {
          'bitbucket permission': { permission: 'owner', user: { uuid: PERSON }, workspace: ACME },
        },
      },
    ],
    [
      'bitbucket permission: another person',
      {
        script: {
          'bitbucket permission': {
            permission: 'owner',
            user: { uuid: ACME.uuid },
            workspace: ACME,
          },
        },
      },
    ],
    ['no rule is satisfied', { script: { 'bitbucket permission': 404 } }],
    [
      'not among the confirmed addresses',
      { spec: EMAIL, script: { 'bitbucket emails': { values: [] } } },
    ],
    [
      'ALLOWED_WORKSPACES: rule 1 is neither a slug nor a {uuid}',
      { secrets: { ALLOWED_WORKSPACES: '/' } },
    ],
    ['unexpected RangeError', { script: { 'bitbucket user': new RangeError(ADDRESS) } }],
  ])('%s', async (cause, options) => {
    expect((await run(options)).log.cause).toBe(cause);
  });

  test.each([
    ['of the consumer token', { 'bitbucket consumer token': {} }, 'bitbucket user: 401'],
    [
      'of a member that cannot be told',
      { 'bitbucket member': 403 },
      'bitbucket member: 403, a permission the consumer lacks?',
    ],
    [
      'of an answer about somebody else',
      { 'bitbucket member': { user: { uuid: ACME.uuid }, workspace: ACME } },
      'bitbucket member: another person',
    ],
    ['of an answer without anybody', { 'bitbucket member': {} }, 'bitbucket member: unreadable'],
  ])('%s', async (_, script, cause) => {
    const login = await run();
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 180),
      script: { 'bitbucket user': 401, ...script },
    });
    expect(refresh.log).toMatchObject({ code: 'bitbucket_login_required', cause });
  });

  test('ten pages are read, and an address on the last counts', async () => {
    const next = 'https://api.bitbucket.org/2.0/user/emails?page=2';
    const pages = [...Array.from({ length: 9 }, () => page(next)), { values: [emailOf(ADDRESS)] }];
    const { code, calls } = await run({ spec: EMAIL, script: { 'bitbucket emails': pages } });
    expect(code).toBeUndefined();
    expect(calls.filter(({ endpoint }) => endpoint === 'bitbucket emails')).toHaveLength(10);
  });

  test('a workspace that cannot be read does not hide the others', async () => {
    const { code, idToken } = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: { 'bitbucket workspaces': { values: [{}, { workspace: ACME }] } },
    });
    expect(code).toBeUndefined();
    expect(Object.values(idToken)).toContainEqual([ACME]);
  });

  test('an e-mail that cannot be read does not hide a confirmed one', async () => {
    const emails = { values: [{}, emailOf(ADDRESS)] };
    expect(
      (await run({ spec: EMAIL, script: { 'bitbucket emails': emails } })).code,
    ).toBeUndefined();
  });
});

describe('the time of a call', () => {
  const CALL = {
    endpoint: 'e',
    method: 'GET',
    origin: 'https://x.example',
    path: '/',
    headers: {},
  } as const;
  /** A caller on a clock of its own: every call takes `takesMs` and is answered by the next of `answers`. */
  const createClockwork = (takesMs: number, answers: readonly (Reply | HttpError)[]) => {
    let clock = 1_000;
    const sent: number[] = [];
    const slept: number[] = [];
    const caller = createCaller({
      now: () => clock,
      sleep: async (ms) => {
        slept.push(ms);
        clock += ms;
      },
      send: async (call: Call) => {
        sent.push(call.timeoutMs);
        clock += takesMs;
        const answer = answers[Math.min(sent.length, answers.length) - 1];
        if (answer === undefined || answer instanceof Error) throw answer;
        return answer;
      },
    });
    return { caller, sent, slept };
  };
  const ok: Reply = { status: 200, text: '' };
  const dropped = new HttpError('e', 'dropped');

  test('is 3 s, and what is left of 8 s towards the end', async () => {
    const { caller, sent } = createClockwork(2_500, [ok]);
    for (let time = 0; time < 4; time += 1) await caller.call(CALL);
    expect(sent).toEqual([3_000, 3_000, 3_000, 500]);
    await expect(caller.call(CALL)).rejects.toThrow('e: no_time_left');
    expect(caller.count()).toBe(4);
  });

  test('is not begun with less than 50 ms left', async () => {
    const { caller, sent } = createClockwork(7_950, [ok]);
    await caller.call(CALL);
    await caller.call(CALL);
    expect(sent).toEqual([3_000, 50]);
    const late = createClockwork(7_951, [ok]);
    await late.caller.call(CALL);
    await expect(late.caller.call(CALL)).rejects.toThrow('no_time_left');
  });

  test.each([
    ['a dropped connection', dropped, [100]],
    ['502', { status: 502, text: '' }, [100]],
    ['503 with Retry-After 2', { status: 503, text: '', retryAfterSeconds: 2 }, [2_000]],
    ['503 with Retry-After 0', { status: 503, text: '', retryAfterSeconds: 0 }, [100]],
    ['429 with Retry-After 2', { status: 429, text: '', retryAfterSeconds: 2 }, [2_000]],
    ['429 with Retry-After 0', { status: 429, text: '', retryAfterSeconds: 0 }, [0]],
    [
      '429 with a Retry-After that does not fit',
      { status: 429, text: '', retryAfterSeconds: 8 },
      [],
    ],
    [
      '503 with a Retry-After that does not fit',
      { status: 503, text: '', retryAfterSeconds: 8 },
      [],
    ],
    ['429', { status: 429, text: '' }, []],
    ['500', { status: 500, text: '' }, []],
    ['a time-out', new HttpError('e', 'timed_out'), []],
  ])('after %s: %o', async (_, answer, pauses) => {
    const { caller, slept } = createClockwork(10, [answer, ok]);
    const outcome = await caller.call(CALL).catch((error: unknown) => error);
    expect(slept).toEqual(pauses);
    expect(outcome).toBe(pauses.length > 0 ? ok : answer);
  });

  test('allows one retry and not a second', async () => {
    const { caller, sent } = createClockwork(10, [dropped]);
    await expect(caller.call(CALL)).rejects.toBe(dropped);
    expect(sent).toHaveLength(2);
  });

  test('that is over leaves no retry', async () => {
    const { caller, sent } = createClockwork(7_900, [dropped]);
    await expect(caller.call(CALL)).rejects.toBe(dropped);
    expect(sent).toHaveLength(1);
  });

  test('does not hide what nobody foresaw', async () => {
    const { caller } = createClockwork(10, [new TypeError('a mistake') as HttpError]);
    await expect(caller.call(CALL)).rejects.toThrow(TypeError);
  });
});
