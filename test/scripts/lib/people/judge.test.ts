/** In, out or unknown: each case is one change to somebody whom the policy lets in. */
import { describe, expect, test } from 'vitest';
import { decideEmail, decideWorkspaces } from '#actions/lib/policy/decide.ts';
import { tellFacts, tellRule } from '#scripts/lib/people/known.ts';
import { judgePerson, summarize } from '#scripts/lib/people/person.ts';
import { createRow } from '#scripts/lib/people/rows.ts';
import {
  ACME,
  APP,
  createPerson,
  DAY,
  doorOf,
  gateOf,
  HOUR,
  NOW,
  type PersonOptions,
  UUID,
} from './people.ts';

type Settings = Readonly<Record<string, string>>;
const rowOf = (person: PersonOptions, settings: Settings = {}, metadata: object = {}) => {
  const door = doorOf({ applications: [{ ...APP, metadata }] });
  const { status, columns } = createRow(
    createPerson(person),
    { doors: [door], gate: gateOf(settings) },
    NOW,
  );
  return [status, columns.reason];
};
const look = (v: object) => ({ over: { app_metadata: { bitbucket_look: v } } });

describe('one verdict', () => {
  test.each<[string, PersonOptions, Settings, object, readonly [string, string]]>([
    ['a member, seen within the hour', {}, {}, {}, ['in', 'acme']],
    ['seen longer ago', { ageMs: 2 * HOUR }, {}, {}, ['unknown', 'too old; last seen acme']],
    ['exactly so long ago', { ageMs: HOUR }, {}, {}, ['unknown', 'too old; last seen acme']],
    [
      'with a longer recheck',
      { ageMs: 2 * HOUR },
      { RECHECK_AFTER_MINUTES: '180' },
      {},
      ['in', 'acme'],
    ],
    [
      'with none',
      { ageMs: 0 },
      { RECHECK_AFTER_MINUTES: '0' },
      {},
      ['unknown', 'too old; last seen acme'],
    ],
    [
      'no member',
      { find: (of) => of.noMember('acme', '404') },
      {},
      {},
      ['out', 'bitbucket_workspace_required'],
    ],
    [
      'no member, longer ago',
      { ageMs: 2 * HOUR, find: (of) => of.noMember('acme', '404') },
      {},
      {},
      ['unknown', 'too old; last seen bitbucket_workspace_required'],
    ],
    [
      'a rule that nobody has asked about',
      {},
      { ALLOWED_WORKSPACES: 'beta' },
      {},
      ['unknown', 'a fact is missing'],
    ],
    ['one rule of two', {}, { ALLOWED_WORKSPACES: 'beta,acme' }, {}, ['in', 'acme']],
    [
      'too little permission',
      {},
      { ALLOWED_WORKSPACES: 'acme:owner' },
      {},
      ['out', 'bitbucket_workspace_required'],
    ],
    ['by name', {}, { ALLOWED_WORKSPACES: `@${UUID}` }, {}, ['in', `@${UUID}`]],
    ['anybody', {}, { ALLOWED_WORKSPACES: '*' }, {}, ['in', '*']],
    [
      'anybody, in no workspace',
      { find: (of) => of.reachable([], false) },
      { ALLOWED_WORKSPACES: '*' },
      {},
      ['out', 'bitbucket_workspace_required'],
    ],
    [
      'anybody, in no workspace, longer ago',
      { ageMs: 2 * HOUR, find: (of) => of.reachable([], false) },
      { ALLOWED_WORKSPACES: '*' },
      {},
      ['unknown', 'too old; last seen bitbucket_workspace_required'],
    ],
    [
      'another address since',
      { over: { email: 'new@example.com' } },
      {},
      {},
      ['unknown', 'a fact is missing'],
    ],
    [
      'another address since, and none required',
      { over: { email: 'new@example.com' } },
      { REQUIRE_VERIFIED_EMAIL: 'false' },
      {},
      ['in', 'acme'],
    ],
    [
      'the application’s own policy',
      {},
      {},
      { bitbucket_allowed_workspaces: 'acme:owner' },
      ['out', 'bitbucket_workspace_required'],
    ],
    [
      'an application’s policy that cannot be read',
      {},
      {},
      { bitbucket_allowed_workspaces: 'Acme Corp' },
      ['out', 'bitbucket_misconfigured'],
    ],
    [
      'a key that is nearly ours',
      {},
      {},
      { 'bitbucket-allowed-workspaces': 'acme' },
      ['out', 'bitbucket_misconfigured'],
    ],
    [
      'two linked accounts of one connection',
      {
        identities: ['1', '2'].map((id) => ({
          ...{ connection: 'bitbucket', provider: 'bitbucket', user_id: id },
        })),
      },
      {},
      {},
      ['out', 'bitbucket_misconfigured'],
    ],
    [
      'another account behind the identity',
      { find: (of) => of.anotherAccount() },
      {},
      {},
      ['unknown', 'not certain whose facts these are'],
    ],
    [
      'facts of another linked account',
      { identities: [{ connection: 'bitbucket', provider: 'bitbucket', user_id: '7' }] },
      {},
      {},
      ['unknown', 'facts of another linked account'],
    ],
    ['nothing kept', { over: { app_metadata: undefined } }, {}, {}, ['unknown', 'never looked']],
    ['no metadata at all', { over: { app_metadata: null } }, {}, {}, ['unknown', 'never looked']],
    ['an older version', look({ v: 1 }), {}, {}, ['unknown', 'facts of another version']],
    ['no version', look([]), {}, {}, ['unknown', 'facts of another version']],
    [
      'damaged facts',
      {
        over: {
          app_metadata: {
            bitbucket_look: {
              ...(createPerson().appMetadata as { bitbucket_look: object }).bitbucket_look,
              workspaces: 'acme',
            },
          },
        },
      },
      {},
      {},
      ['unknown', 'facts that cannot be read'],
    ],
    // Auth0 refuses them before any Action is asked: nobody is in by an access review who is blocked.
    [
      'blocked in Auth0',
      { over: { blocked: true } },
      {},
      {},
      ['out', 'blocked in Auth0; else acme'],
    ],
    [
      'blocked in Auth0, and refused besides',
      { over: { blocked: true }, find: (of) => of.noMember('acme', '404') },
      {},
      {},
      ['out', 'blocked in Auth0; else bitbucket_workspace_required'],
    ],
    [
      'blocked in Auth0, and never looked at',
      { over: { blocked: true, app_metadata: {} } },
      {},
      {},
      ['out', 'blocked in Auth0; else never looked'],
    ],
  ])('%s', (_, person, settings, metadata, expected) => {
    expect(rowOf(person, settings, metadata)).toEqual(expected);
  });

  test('an address that was found unconfirmed stands longer than the rest', () => {
    const unconfirmed = createPerson({ ageMs: 2 * DAY });
    const { bitbucket_look: kept } = unconfirmed.appMetadata as {
      bitbucket_look: { address: object };
    };
    const person = createPerson({
      over: {
        app_metadata: {
          bitbucket_look: { ...kept, address: { ...kept.address, confirmed: false } },
        },
      },
    });
    const verdict = summarize(judgePerson(person, { doors: [doorOf()], gate: gateOf() }, NOW));
    expect(verdict?.verdict).toMatchObject({
      status: 'out',
      code: 'bitbucket_email_unverified',
      cause: 'not among the confirmed addresses',
    });
  });
});

describe('the whole gate', () => {
  const member = { name: 'bitbucket', gate: gateOf() };

  test('what only a half decides that stands in the flow', () => {
    const nowhere = createPerson({ find: (of) => of.noMember('acme', '404') });
    const judged = (halves: ReturnType<typeof gateOf>['halves']) =>
      summarize(judgePerson(nowhere, { doors: [doorOf()], gate: { ...member.gate, halves } }, NOW))
        ?.verdict.status;
    expect(judged([decideEmail])).toBe('in');
    expect(judged([decideWorkspaces])).toBe('out');
  });

  test('in by one application is in, and each is judged by its own policy', () => {
    const strict = {
      ...APP,
      name: 'Strict',
      metadata: { bitbucket_allowed_workspaces: 'acme:owner' },
    };
    const doors = [doorOf({ applications: [strict, APP] })];
    const person = judgePerson(createPerson(), { doors, gate: gateOf() }, NOW);
    expect(person.verdicts.map(({ verdict }) => verdict.status)).toEqual(['out', 'in']);
    expect(summarize(person)?.application?.name).toBe('App');
  });

  test('a connection that is on for nobody is judged by the tenant’s policy', () => {
    const doors = [doorOf({ applications: [] })];
    const person = judgePerson(createPerson(), { doors, gate: gateOf() }, NOW);
    expect(person.verdicts.map(({ verdict }) => verdict.status)).toEqual(['in']);
  });

  test('somebody whose Bitbucket account is linked to another is judged by that one', () => {
    const person = createPerson({
      identities: [
        { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '1' },
        { connection: 'bitbucket', provider: 'bitbucket', user_id: UUID },
      ],
    });
    const row = createRow(person, { doors: [doorOf()], gate: gateOf() }, NOW);
    expect(row.columns).toMatchObject({
      status: 'in',
      bitbucket_uuid: UUID,
      workspaces: 'acme:member',
    });
  });

  test('facts of one connection say nothing of another', () => {
    const person = createPerson({
      identities: ['bitbucket', 'bitbucket-two'].map((connection) => ({
        ...{ connection, provider: 'bitbucket', user_id: UUID },
      })),
    });
    const doors = [doorOf({ name: 'bitbucket-two' }), doorOf()];
    const { verdicts } = judgePerson(person, { doors, gate: gateOf() }, NOW);
    expect(verdicts.map(({ verdict }) => verdict.status)).toEqual(['unknown', 'in']);
  });

  test('nobody of Bitbucket has no verdict', () => {
    const person = createPerson({ identities: [{ connection: 'google-oauth2', user_id: '1' }] });
    expect(judgePerson(person, { doors: [doorOf()], gate: gateOf() }, NOW).verdicts).toEqual([]);
  });
});

test('facts are told with their ages, and rules by what is known of them', () => {
  const user = createPerson({
    ageMs: 3 * HOUR,
    find: (of) => {
      of.member('acme', ACME, 'member');
      of.noMember('beta', '403');
      of.repository('acme/infra', { uuid: UUID, fullName: 'acme/infra', permission: 'read' });
    },
  });
  const [account] = judgePerson(user, { doors: [doorOf()], gate: gateOf() }, NOW).accounts;
  const facts = account?.facts;
  if (facts === undefined) throw new Error('no account');
  expect(tellFacts(facts).map(({ about, answer }) => `${about}: ${answer}`)).toEqual([
    `account ${UUID}: active`,
    'address: confirmed',
    'workspace acme: member',
    'workspace acme, permission: member',
    'workspace beta: no member (403)',
    'repository acme/infra: read',
  ]);
  const told = (rule: Parameters<typeof tellRule>[1]) => tellRule(facts, rule, NOW);
  expect(told({ kind: 'workspace', workspace: 'acme', permission: 'owner' })).toBe(
    'member by the look 3 h ago, not owner',
  );
  expect(told({ kind: 'workspace', workspace: 'beta', permission: 'member' })).toBe(
    'no member (403) by the look 3 h ago',
  );
  expect(told({ kind: 'workspace', workspace: 'gamma', permission: 'member' })).toBe(
    'never looked up, or not kept',
  );
  expect(told({ kind: 'repository', repository: 'acme/infra', permission: 'write' })).toBe(
    'read by the look 3 h ago, not write',
  );
  expect(told({ kind: 'person', uuid: ACME.uuid })).toBe('another account by the look 3 h ago');
  expect(told('any')).toBe('in acme by the look 3 h ago');
});
