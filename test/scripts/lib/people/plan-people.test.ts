/** Whom a plan concerns: the planned policy against how the last login went. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sortPeople } from '#scripts/lib/people/plan-people.ts';
import type { LogEntry } from '#scripts/lib/people/read-logs.ts';
import { renderPlanPeople } from '#scripts/lib/people/show-plan-people.ts';
import {
  APP,
  createPerson,
  DAY,
  doorOf,
  gateOf,
  HOUR,
  MINUTE,
  NOW,
  type PersonOptions,
} from './people.ts';

const planned = (allowed: string, metadata: object = {}) => ({
  doors: [doorOf({ applications: [{ ...APP, metadata }] })],
  gate: gateOf({ ALLOWED_WORKSPACES: allowed }),
});
const logOf = (over: Partial<LogEntry>): LogEntry => ({
  ...{ logId: '9', at: NOW - 58 * MINUTE, kind: 'login', isRefused: false, code: undefined },
  ...{ description: '', userId: createPerson().userId, clientId: 'app', clientName: 'App' },
  ...over,
});
const change = (person: PersonOptions, allowed: string, logs: readonly LogEntry[] = []) => {
  const plan = sortPeople([createPerson(person)], planned(allowed), logs, NOW);
  if (plan.newlyRefused.length > 0) return 'refused';
  if (plan.newlyLetIn.length > 0) return 'let in';
  return plan.cannotTell.length > 0 ? 'cannot tell' : 'none';
};
const refusedAt = (ageMs: number, code: string) => ({
  ...{ at: NOW - ageMs, code, cause: 'x', clientId: 'app' },
});

test.each<[string, PersonOptions, string, string]>([
  ['let in before and after', {}, 'acme', 'none'],
  ['let in before, refused after', {}, 'acme:owner', 'refused'],
  ['seen long ago, it is told all the same', { ageMs: 30 * DAY }, 'acme:owner', 'refused'],
  [
    'refused before and after',
    {
      find: (of) => of.noMember('acme', '404'),
      refusal: refusedAt(HOUR, 'bitbucket_workspace_required'),
      ageMs: HOUR,
    },
    'acme',
    'none',
  ],
  [
    'refused before, let in after',
    { refusal: refusedAt(HOUR, 'bitbucket_workspace_required'), ageMs: HOUR },
    'acme',
    'let in',
  ],
  [
    'let in since it was refused',
    { refusal: refusedAt(2 * HOUR, 'bitbucket_workspace_required'), ageMs: HOUR },
    'acme',
    'none',
  ],
  [
    'turned away by an outage, and refused after',
    { refusal: refusedAt(HOUR, 'bitbucket_unavailable'), ageMs: 2 * HOUR },
    'acme:owner',
    'refused',
  ],
  [
    'turned away by an outage, and let in after',
    { refusal: refusedAt(HOUR, 'bitbucket_unavailable'), ageMs: 2 * HOUR },
    'acme',
    'none',
  ],
  ['about what nobody has asked', {}, 'beta', 'cannot tell'],
  ['blocked in Auth0, before and after', { over: { blocked: true } }, 'acme:owner', 'none'],
  ['of whom nothing is known', { over: { app_metadata: {} } }, 'acme', 'cannot tell'],
])('%s', (_, person, allowed, expected) => {
  expect(change(person, allowed)).toBe(expected);
});

test('the log knows more than the profile: a login that was decided by facts', () => {
  const refusal = refusedAt(2 * HOUR, 'bitbucket_workspace_required');
  const person = { refusal, ageMs: 3 * HOUR };
  expect(change(person, 'acme')).toBe('let in');
  expect(change(person, 'acme', [logOf({})])).toBe('none');
});

test('an application that was signed in to is judged by its own policy', () => {
  const own = planned('acme:owner', { bitbucket_allowed_workspaces: 'acme' });
  const other = { clientId: 'other', name: 'Other', metadata: {} };
  const doors = own.doors.map((door) => ({ ...door, applications: [...door.applications, other] }));
  const sort = (clientId: string) =>
    sortPeople([createPerson()], { ...own, doors }, [logOf({ clientId })], NOW).newlyRefused.length;
  expect(sort('app')).toBe(0);
  expect(sort('other')).toBe(1);
});

describe('of several applications', () => {
  const own = planned('acme:owner', { bitbucket_allowed_workspaces: 'acme' });
  const other = { clientId: 'other', name: 'Other', metadata: {} };
  const both = {
    ...own,
    doors: own.doors.map((door) => ({ ...door, applications: [...door.applications, other] })),
  };
  const sort = (person: PersonOptions, ...logs: readonly Partial<LogEntry>[]) =>
    sortPeople([createPerson(person)], both, logs.map(logOf), NOW);
  const atOther = { clientId: 'other', at: NOW - HOUR };

  test('whoever loses one is locked out of it, though the last login was at another', () => {
    const { newlyRefused } = sort({}, {}, atOther);
    expect(newlyRefused.map(({ reason, last }) => [reason, last?.clientId])).toEqual([
      ['bitbucket_workspace_required at Other', 'other'],
    ]);
  });

  test('but not whoever was refused there already', () => {
    const refused = { isRefused: true, code: 'bitbucket_workspace_required' } as const;
    expect(sort({}, {}, { ...atOther, ...refused }).newlyRefused).toEqual([]);
    const refusal = { ...refusedAt(59 * MINUTE, refused.code), clientId: 'other' };
    expect(sort({ refusal }, {}, atOther).newlyRefused).toEqual([]);
  });
});

test('people are named, with what was before, in one harmless line each', () => {
  const users = [createPerson({ name: 'Ol\nivia' })];
  const text = stripVTControlCharacters(
    renderPlanPeople(sortPeople(users, planned('acme:owner'), [], NOW)),
  );
  expect(text.split('\n')).toEqual([
    'People: 1 newly refused, 0 newly let in, 0 cannot be told, 0 as at their last login.',
    '✖ Ol\\u{a}ivia <olivia@example.com>: bitbucket_workspace_required (before: let in 59 min ago, seen 59 min ago)',
  ]);
});
