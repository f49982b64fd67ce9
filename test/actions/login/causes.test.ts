/** The cause that an admin reads in the log, for what may go wrong. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  afterwards,
  CONSUMER,
  EMAIL,
  EXPIRED,
  emailOf,
  IDENTITY,
  lacking,
  OTHER,
  PERSON,
  type RunOptions,
  run,
  type Script,
  USER_ID,
  USER_TOKEN,
} from '#test/support/action-run.ts';

const page = (next: unknown) => ({ values: [emailOf('other@example.com')], next });
describe('the cause that is logged', () => {
  const identity = { ...IDENTITY, access_token: USER_TOKEN };
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
      { script: userWith([{ ...IDENTITY, access_token: 1 }]) },
    ],
    ['bitbucket user: unreadable', { script: { 'bitbucket user': {} } }],
    ['management user: 404', { script: { 'management user': 404 } }],
    [
      'management user: another identity than in the login',
      { script: userWith([{ ...identity, user_id: 'else' }]) },
    ],
    ['bitbucket user: 403', { script: { 'bitbucket user': 403 } }],
    [
      "bitbucket user: 403, not in Bitbucket's words",
      { script: { 'bitbucket user': { status: 403, text: '<html>' } } },
    ],
    [
      'bitbucket user: 403, the consumer lacks account',
      { script: { 'bitbucket user': lacking('account') } },
    ],
    [
      'the account is not active',
      { script: { 'bitbucket user': { type: 'user', uuid: PERSON, account_status: 'closed' } } },
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
    ['no rule is satisfied: 404', { script: { 'bitbucket permission': 404 } }],
    [
      'no rule is satisfied: 403, too little permission',
      { secrets: { ALLOWED_WORKSPACES: 'other,acme:owner' } },
    ],
    ['no rule is satisfied: another person', { secrets: { ALLOWED_WORKSPACES: `@${OTHER.uuid}` } }],
    [
      'not among the confirmed addresses',
      { spec: EMAIL, script: { 'bitbucket emails': { values: [] } } },
    ],
    [
      'ALLOWED_WORKSPACES: rule 1 names no workspace before the slash',
      { secrets: { ALLOWED_WORKSPACES: '/' } },
    ],
    ['unexpected RangeError', { script: { 'bitbucket user': new RangeError(ADDRESS) } }],
  ])('%s', async (cause, options) => {
    expect((await run(options)).log.cause).toBe(cause);
  });

  test.each<[string, Script, string]>([
    ['of its token', { 'bitbucket consumer token': {} }, 'bitbucket consumer token: unreadable'],
    ['of a member that cannot be told', { 'bitbucket member': 403 }, 'bitbucket member: 403'],
    [
      'of an answer about somebody else',
      { 'bitbucket member': { user: { uuid: ACME.uuid }, workspace: ACME } },
      'bitbucket member: another person',
    ],
    ['of an answer without anybody', { 'bitbucket member': {} }, 'bitbucket member: unreadable'],
    [
      'of a workspace that it cannot see',
      { 'bitbucket member': 404, 'bitbucket workspace': 404 },
      'bitbucket member: 404 of a workspace that the consumer cannot see',
    ],
  ])('of the consumer is that %s', async (_, script, cause) => {
    const login = await run();
    const refresh = await run({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 180),
      script: { ...EXPIRED, ...script },
    });
    expect(refresh.log.cause).toBe(cause);
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
