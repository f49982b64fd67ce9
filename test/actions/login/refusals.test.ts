/** The table of refusals: one admissible case, one change, and the reason. It is the policy. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  ADDRESS,
  EMAIL,
  emailOf,
  IDENTITY,
  lacking,
  membershipOf,
  OTHER,
  PERSON,
  type RunOptions,
  run,
  USER_ID,
  USER_TOKEN,
  WORKSPACES,
} from '#test/support/action-run.ts';

const identity = { ...IDENTITY, access_token: USER_TOKEN };

type Row = readonly [change: string, options: RunOptions, code: string | undefined];

const EMAIL_TABLE: readonly Row[] = [
  ['nothing', {}, undefined],
  ['the letters of the address differ in case', { user: { email: 'ERIK@Example.com' } }, undefined],
  [
    'a second address is not confirmed',
    {
      script: {
        'bitbucket emails': { values: [emailOf(ADDRESS), emailOf('b@x.org', false, false)] },
      },
    },
    undefined,
  ],
  [
    'the address is not confirmed',
    { script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } } },
    'bitbucket_email_unverified',
  ],
  [
    'only another address is confirmed',
    {
      script: {
        'bitbucket emails': { values: [emailOf('b@x.org'), emailOf(ADDRESS, false, false)] },
      },
    },
    'bitbucket_email_unverified',
  ],
  [
    'the person has no address at Bitbucket',
    { script: { 'bitbucket emails': { values: [] } } },
    'bitbucket_email_unverified',
  ],
  ['Auth0 holds no address', { user: { email: undefined } }, 'bitbucket_email_unverified'],
  [
    'the confirmed address is another one that looks alike (the Kelvin sign)',
    { script: { 'bitbucket emails': { values: [emailOf('eri\u212a@example.com')] } } },
    'bitbucket_email_unverified',
  ],
  [
    'is_confirmed is a string',
    { script: { 'bitbucket emails': { values: [{ ...emailOf(ADDRESS), is_confirmed: 'true' }] } } },
    'bitbucket_unavailable',
  ],
  [
    'nobody has to have a confirmed address',
    {
      secrets: { REQUIRE_VERIFIED_EMAIL: 'false' },
      script: { 'bitbucket emails': { values: [emailOf(ADDRESS, false)] } },
    },
    undefined,
  ],
  ['the e-mail endpoint fails', { script: { 'bitbucket emails': 500 } }, 'bitbucket_unavailable'],
  [
    'the consumer lacks the e-mail permission',
    { script: { 'bitbucket emails': lacking('email') } },
    'bitbucket_misconfigured',
  ],
  [
    'the e-mail endpoint refuses in words that name no permission',
    { script: { 'bitbucket emails': 403 } },
    'bitbucket_unavailable',
  ],
  ['the workspaces cannot be looked up', { script: { 'bitbucket permission': 500 } }, undefined],
];

const WORKSPACE_TABLE: readonly Row[] = [
  ['nothing', {}, undefined],
  ['the rule names the uuid', { secrets: { ALLOWED_WORKSPACES: ACME.uuid } }, undefined],
  ['the rule is written in capitals', { secrets: { ALLOWED_WORKSPACES: 'ACME' } }, undefined],
  [
    'the first of two rules is not satisfied',
    { secrets: { ALLOWED_WORKSPACES: 'other,acme' } },
    undefined,
  ],
  [
    'the rules are separated by commas',
    { secrets: { ALLOWED_WORKSPACES: 'other,acme' } },
    undefined,
  ],
  [
    'another workspace is allowed',
    { secrets: { ALLOWED_WORKSPACES: 'other' } },
    'bitbucket_workspace_required',
  ],
  [
    'Bitbucket says 403',
    { script: { 'bitbucket permission': 403 } },
    'bitbucket_workspace_required',
  ],
  [
    'Bitbucket says 404',
    { script: { 'bitbucket permission': 404 } },
    'bitbucket_workspace_required',
  ],
  [
    'a proxy says 403',
    { script: { 'bitbucket permission': { status: 403, text: '<html>' } } },
    'bitbucket_unavailable',
  ],
  [
    'something says 404 in JSON of its own',
    { script: { 'bitbucket permission': { status: 404, text: '{"error":"not found"}' } } },
    'bitbucket_unavailable',
  ],
  [
    'the consumer lacks a permission that the workspaces need',
    { script: { 'bitbucket permission': lacking('account') } },
    'bitbucket_misconfigured',
  ],
  ['the rule names the person', { secrets: { ALLOWED_WORKSPACES: `@${PERSON}` } }, undefined],
  [
    'the rule names another person',
    { secrets: { ALLOWED_WORKSPACES: `@${OTHER.uuid}` } },
    'bitbucket_workspace_required',
  ],
  [
    'the permission is a word that nobody knows',
    { script: { 'bitbucket permission': membershipOf(ACME, 'superuser') } },
    'bitbucket_workspace_required',
  ],
  [
    'an owner is wanted, and it is a member',
    { secrets: { ALLOWED_WORKSPACES: 'acme:owner' } },
    'bitbucket_workspace_required',
  ],
  [
    'an owner is wanted, and it is one',
    {
      secrets: { ALLOWED_WORKSPACES: 'acme:owner' },
      script: { 'bitbucket permission': membershipOf(ACME, 'owner') },
    },
    undefined,
  ],
  [
    'a collaborator is wanted, and it may create projects',
    {
      secrets: { ALLOWED_WORKSPACES: 'acme:collaborator' },
      script: { 'bitbucket permission': membershipOf(ACME, 'create-project') },
    },
    undefined,
  ],
  [
    'a project creator is wanted, and it is a collaborator',
    {
      secrets: { ALLOWED_WORKSPACES: 'acme:create-project' },
      script: { 'bitbucket permission': membershipOf(ACME, 'collaborator') },
    },
    'bitbucket_workspace_required',
  ],
  [
    'the answer is about another workspace',
    { script: { 'bitbucket permission': membershipOf(OTHER, 'owner') } },
    'bitbucket_unavailable',
  ],
  [
    'the answer is about another person',
    { script: { 'bitbucket permission': membershipOf(ACME, 'owner', OTHER.uuid) } },
    'bitbucket_unavailable',
  ],
  [
    'the answer says no permission',
    { script: { 'bitbucket permission': { ...membershipOf(ACME), permission: undefined } } },
    'bitbucket_unavailable',
  ],
  ['Bitbucket fails', { script: { 'bitbucket permission': 500 } }, 'bitbucket_unavailable'],
  [
    'Bitbucket has removed the endpoint',
    { script: { 'bitbucket permission': 410 } },
    'bitbucket_unavailable',
  ],
  [
    'Bitbucket sends HTML',
    { script: { 'bitbucket permission': '<html>' } },
    'bitbucket_unavailable',
  ],
  [
    'one rule is satisfied and the other could not be looked up',
    {
      secrets: { ALLOWED_WORKSPACES: 'other,acme' },
      script: { 'bitbucket permission': [500, membershipOf(ACME)] },
    },
    undefined,
  ],
  [
    'one rule is not satisfied and the other could not be looked up',
    {
      secrets: { ALLOWED_WORKSPACES: 'other,acme' },
      script: { 'bitbucket permission': [403, 500] },
    },
    'bitbucket_unavailable',
  ],
  ['any workspace will do', { secrets: { ALLOWED_WORKSPACES: '*' } }, undefined],
  [
    'any workspace will do, and the person is in none',
    { secrets: { ALLOWED_WORKSPACES: '*' }, script: { 'bitbucket workspaces': { values: [] } } },
    'bitbucket_workspace_required',
  ],
  [
    'any workspace will do, and none of them can be read',
    {
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: { 'bitbucket workspaces': { values: [{ workspace: 1 }] } },
    },
    'bitbucket_unavailable',
  ],
  ['the e-mail endpoint fails', { script: { 'bitbucket emails': 500 } }, undefined],
];

const BOTH_TABLE: readonly Row[] = [
  [
    'the stored Bitbucket sign-in has expired',
    { script: { 'bitbucket user': 401 } },
    'bitbucket_login_required',
  ],
  [
    'the consumer lacks the account permission',
    { script: { 'bitbucket user': lacking('account') } },
    'bitbucket_misconfigured',
  ],
  [
    'Bitbucket refuses the account in words that name no permission',
    { script: { 'bitbucket user': 403 } },
    'bitbucket_unavailable',
  ],
  [
    'the person’s own rate limit is used up',
    { script: { 'bitbucket user': 429 } },
    'bitbucket_unavailable',
  ],
  [
    'the account is not active',
    {
      script: {
        'bitbucket user': { type: 'user', uuid: PERSON, account_status: 'inactive' },
      },
    },
    'bitbucket_workspace_required',
  ],
  [
    'Bitbucket does not say whether the account is active',
    { script: { 'bitbucket user': { type: 'user', uuid: PERSON } } },
    undefined,
  ],
  [
    'whether the account is active cannot be read',
    { script: { 'bitbucket user': { type: 'user', uuid: PERSON, account_status: true } } },
    'bitbucket_unavailable',
  ],
  [
    'the Management API does not find the user, just after accounts were linked',
    { script: { 'management user': 404 } },
    'bitbucket_unavailable',
  ],
  [
    'the Management API shows another identity of the connection than the login',
    {
      script: {
        'management user': { user_id: USER_ID, identities: [{ ...identity, user_id: 'else' }] },
      },
    },
    'bitbucket_unavailable',
  ],
  [
    'Bitbucket does not answer',
    { script: { 'bitbucket user': 'timed_out' } },
    'bitbucket_unavailable',
  ],
  [
    'the connection to Bitbucket drops twice',
    { script: { 'bitbucket user': 'dropped' } },
    'bitbucket_unavailable',
  ],
  [
    'the connection to Bitbucket drops once',
    {
      script: {
        'bitbucket user': [
          'dropped',
          { type: 'user', uuid: '{470c176d-3574-44ea-bb41-89e8638bcca4}' },
        ],
      },
    },
    undefined,
  ],
  [
    'the account is an app, not a person',
    { script: { 'bitbucket user': { type: 'app_user', uuid: ACME.uuid } } },
    'bitbucket_unavailable',
  ],
  [
    'the account has no uuid',
    { script: { 'bitbucket user': { type: 'user', uuid: 'erik' } } },
    'bitbucket_unavailable',
  ],
  [
    'the Management API refuses the secret',
    { script: { 'management token': 401 } },
    'bitbucket_misconfigured',
  ],
  [
    'the Management API refuses the grant',
    { script: { 'management token': 403 } },
    'bitbucket_misconfigured',
  ],
  [
    'the Management API is rate limited',
    { script: { 'management token': 429 } },
    'bitbucket_unavailable',
  ],
  ['the Management API fails', { script: { 'management user': 500 } }, 'bitbucket_unavailable'],
  [
    'the Management API refuses the scope',
    { script: { 'management user': 403 } },
    'bitbucket_misconfigured',
  ],
  [
    'the Management API refuses a new token',
    { script: { 'management user': 401 } },
    'bitbucket_misconfigured',
  ],
  [
    'the Management API answers about another user',
    { script: { 'management user': { user_id: 'bitbucket|somebody', identities: [identity] } } },
    'bitbucket_unavailable',
  ],
  [
    'the identity holds no token',
    {
      script: {
        'management user': { user_id: USER_ID, identities: [IDENTITY] },
      },
    },
    'bitbucket_misconfigured',
  ],
  [
    'the only identity is of another connection',
    {
      script: {
        'management user': {
          user_id: USER_ID,
          identities: [{ ...identity, connection: 'bitbucket-2' }],
        },
      },
    },
    'bitbucket_misconfigured',
  ],
  [
    'two identities of this connection are linked',
    { script: { 'management user': { user_id: USER_ID, identities: [identity, identity] } } },
    'bitbucket_misconfigured',
  ],
  [
    'an identity of another connection is linked',
    {
      script: {
        'management user': {
          user_id: USER_ID,
          identities: [{ ...identity, connection: 'github', access_token: 'x' }, identity],
        },
      },
    },
    undefined,
  ],
  [
    'a secret is missing',
    { secrets: { MANAGEMENT_CLIENT_ID: undefined } },
    'bitbucket_misconfigured',
  ],
  [
    'the namespace is no URL',
    { secrets: { CLAIM_NAMESPACE: 'example' } },
    'bitbucket_misconfigured',
  ],
  [
    'a rule can never match',
    { secrets: { ALLOWED_WORKSPACES: 'acme,,x' } },
    'bitbucket_misconfigured',
  ],
  [
    'the application allows another workspace in a way that cannot be read',
    { clientMetadata: { bitbucket_allowed_workspaces: '' } },
    'bitbucket_misconfigured',
  ],
  [
    'something fails that nobody foresaw',
    { script: { 'bitbucket user': new RangeError('secret inside') } },
    'bitbucket_unavailable',
  ],
];

const tables = [
  ['bitbucket-email-verification', EMAIL, [...EMAIL_TABLE, ...BOTH_TABLE]],
  ['bitbucket-workspace-membership', WORKSPACES, [...WORKSPACE_TABLE, ...BOTH_TABLE]],
] as const;

describe.each(tables)('%s', (_, spec, table) => {
  test.each(table)('when %s', async (_change, options, code) => {
    const result = await run({ ...options, spec });

    expect(result.code).toBe(code);
    expect(result.reasons).toHaveLength(code === undefined ? 0 : 1);
    expect(result.log.outcome).toBe(code === undefined ? 'allowed' : 'denied');
    expect(result.log.code).toBe(code);
    expect(result.logLines).toHaveLength(1);
    if (code === undefined) {
      expect(Object.keys(result.idToken).length).toBeGreaterThan(0);
      expect(result.accessToken).toEqual(result.idToken);
    } else {
      expect(result.idToken).toEqual({});
      expect(result.accessToken).toEqual({});
      expect(result.writes.at(-1)).toBe('deny');
    }
  });
});
