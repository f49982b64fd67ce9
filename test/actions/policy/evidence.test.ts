/** The laws of ages, and what may stand in for what in an outage. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '#actions/lib/knowledge/facts.ts';
import { NOTHING_KNOWN } from '#actions/lib/knowledge/facts.ts';
import { decideEmail, decideWorkspaces, type Subject } from '#actions/lib/policy/decide.ts';
import { type Ages, createEvidence, type Occasion } from '#actions/lib/policy/evidence.ts';
import { readPolicy } from '#actions/lib/policy/policy.ts';
import type { Trouble } from '#actions/lib/trouble.ts';
import { ACME, NOW, PERSON, SECRETS } from '#test/support/action-run.ts';
import { type Answer, knownAfter, looks, NAMES, type Told } from '../knowledge/arbitrary-looks.ts';

const MINUTE = 60_000;
const MARK = 'mark';
const SUBJECT: Subject = { addressMark: MARK, isAddressOfAnother: false };
const FOREVER: Ages = { factMs: Infinity, addressMs: Infinity, outageMs: 0 };
const policyOf = (ALLOWED_WORKSPACES: string) => readPolicy({ ...SECRETS, ALLOWED_WORKSPACES }, {});
const occasionOf = (facts: Facts, change: Partial<Occasion> = {}): Occasion => ({
  facts,
  look: undefined,
  ages: FOREVER,
  nowMs: NOW,
  ...change,
});
const lookWith = (rest: Trouble | undefined, at = NOW) => ({
  at,
  troubles: {
    workspaces: new Map<string, Trouble>(),
    repositories: new Map<string, Trouble>(),
    ...(rest === undefined ? {} : { rest }),
  },
});
const isIn = (occasion: Occasion, rules: string): boolean =>
  [decideEmail, decideWorkspaces].every(
    (decide) => decide(createEvidence(occasion), policyOf(rules), SUBJECT) === undefined,
  );

const rules = fc
  .array(
    fc
      .tuple(fc.constantFrom(...NAMES), fc.constantFrom('', ':collaborator', ':owner'))
      .map((parts) => parts.join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => list.join());
/**
 * Where the account and the address are beside the point. A workspace may be renamed, but no slug
 * changes hands: a no to the former holder of a slug is forgotten once another workspace has it.
 */
const known = (told: readonly Told[]): readonly Told[] => {
  const holders = new Map<string, string>();
  const isHeld = (one: Answer): boolean => {
    if (one.kind !== 'member') return one.kind === 'no member';
    const { uuid, slug } = one.workspace;
    const holder = holders.get(slug) ?? uuid;
    holders.set(slug, holder);
    return holder === uuid;
  };
  return [
    ...told.map(({ at, answers }) => ({ at, answers: answers.filter(isHeld) })),
    {
      at: NOW,
      answers: [
        { kind: 'account', isActive: true },
        { kind: 'address', mark: MARK, isConfirmed: true },
      ],
    },
  ];
};
const ages = fc.record({
  factMs: fc.integer({ min: 0, max: 2_000 }).map((minutes) => minutes * MINUTE),
  addressMs: fc.constant(Infinity),
  outageMs: fc.integer({ min: 0, max: 2_000 }).map((minutes) => minutes * MINUTE),
});

describe('whatever was answered', () => {
  test('no policy admits by a fact that some look since has answered no', () => {
    fc.assert(
      fc.property(looks, rules, ages, (told, list, ageLimits) => {
        const answers = known(told);
        const occasion = occasionOf(knownAfter(answers), {
          ages: ageLimits,
          look: lookWith({ kind: 'outage', cause: 'it' }),
        });
        if (isIn(occasion, list)) expect(isGroundedIn(answers, list)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('whoever every question has been answered yes now is let in', () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(...NAMES), (told, name) => {
        const now: Told = {
          at: NOW + 1,
          answers: [
            {
              kind: 'member',
              name,
              workspace: name.startsWith('{')
                ? { uuid: name, slug: 'w9' }
                : { uuid: ACME.uuid, slug: name },
              permission: 'owner',
            },
          ],
        };
        const facts = knownAfter([...known(told), now]);
        const ageLimits = { ...FOREVER, factMs: 2 };
        expect(isIn(occasionOf(facts, { nowMs: NOW + 1, ages: ageLimits }), `${name}:owner`)).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('ages only grow: who is let in at a time was let in at any time before, since the look', () => {
    const later = fc.integer({ min: 0, max: 3_000 }).map((minutes) => minutes * MINUTE);
    const kind = fc.constantFrom<Trouble['kind'] | undefined>('outage', 'refused', undefined);
    fc.assert(
      fc.property(
        looks,
        rules,
        ages,
        later,
        later,
        kind,
        (told, list, ageLimits, a, b, trouble) => {
          const look =
            trouble === undefined ? undefined : lookWith({ kind: trouble, cause: 'it' }, NOW);
          const at = (nowMs: number) =>
            isIn(occasionOf(knownAfter(known(told)), { ages: ageLimits, nowMs, look }), list);
          if (at(NOW + Math.max(a, b))) expect(at(NOW + Math.min(a, b))).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a policy that lets facts be older admits whom a stricter one admits', () => {
    fc.assert(
      fc.property(looks, rules, ages, (told, list, ageLimits) => {
        const facts = knownAfter(known(told));
        if (isIn(occasionOf(facts, { ages: ageLimits }), list)) {
          expect(isIn(occasionOf(facts), list)).toBe(true);
        }
      }),
    );
  });
});

const ORDER = ['member', 'collaborator', 'create-project', 'owner'];

/** By the list of all answers alone: a rule whose last answers say yes. */
function isGroundedIn(told: readonly Told[], list: string): boolean {
  const answers = told
    .flatMap(({ at, answers }) => answers.map((one) => ({ ...one, at })))
    .sort((one, other) => other.at - one.at);
  const noSince = (at: number, names: readonly string[]) =>
    answers.some((one) => one.kind === 'no member' && one.at >= at && names.includes(one.name));
  return list.split(',').some((rule) => {
    const [name = '', needs = 'member'] = rule.split(':');
    return answers.some((one) => {
      if (one.kind !== 'member') return false;
      const names = [one.name, one.workspace.uuid, one.workspace.slug];
      if (!names.includes(name) || noSince(one.at, [name, ...names])) return false;
      if (needs === 'member') return true;
      const permission = answers.find(
        (other) =>
          other.kind === 'member' &&
          other.workspace.uuid === one.workspace.uuid &&
          other.permission !== undefined,
      );
      return (
        permission?.kind === 'member' &&
        ORDER.indexOf(permission.permission ?? '') >= ORDER.indexOf(needs) &&
        !noSince(permission.at, [permission.workspace.uuid, permission.workspace.slug])
      );
    });
  });
}

describe('a fact', () => {
  const member: Answer = { kind: 'member', name: 'acme', workspace: ACME, permission: 'owner' };
  const account: Answer = { kind: 'account', isActive: true };
  const facts = knownAfter([{ at: NOW - 10 * MINUTE, answers: [member, account] }]);
  const workspaceIn = (change: Partial<Occasion>) =>
    createEvidence(occasionOf(facts, change)).workspace('acme');
  const old = { factMs: 0, addressMs: 0, outageMs: 0 };
  const outage: Trouble = { kind: 'outage', cause: 'it' };

  test.each<[string, Partial<Occasion>, 'yes' | 'unknown']>([
    ['younger than the policy asks for', { ages: { ...old, factMs: 10 * MINUTE + 1 } }, 'yes'],
    ['as old as that', { ages: { ...old, factMs: 10 * MINUTE } }, 'unknown'],
    ['of this look', { ages: old, look: lookWith(undefined, NOW - 10 * MINUTE) }, 'yes'],
    ['newer than this look', { ages: old, look: lookWith(undefined, NOW - 11 * MINUTE) }, 'yes'],
    [
      'older, in an outage',
      { ages: { ...old, outageMs: Infinity }, look: lookWith(outage) },
      'yes',
    ],
    [
      'too old, in an outage',
      { ages: { ...old, outageMs: 10 * MINUTE }, look: lookWith(outage) },
      'unknown',
    ],
    ['older, before anybody was asked', { ages: { ...old, outageMs: Infinity } }, 'unknown'],
    ...(['refused', 'login_required', 'misconfigured'] as const).map(
      (kind): [string, Partial<Occasion>, 'unknown'] => [
        `older, where it is ${kind}`,
        { ages: { ...old, outageMs: Infinity }, look: lookWith({ kind, cause: 'it' }) },
        'unknown',
      ],
    ),
    [
      'young, though the person’s own limit is used up: it decides without a call',
      { look: lookWith({ kind: 'refused', cause: 'it' }) },
      'yes',
    ],
  ])('%s: %o', (_, change, is) => {
    expect(workspaceIn(change).is).toBe(is);
  });

  test('of an account that is not certain says nothing, unless it is of now', () => {
    const { account: _, ...nobody } = facts;
    expect(createEvidence(occasionOf(nobody)).workspace('acme').is).toBe('unknown');
    const look = lookWith(undefined, NOW - 10 * MINUTE);
    expect(createEvidence(occasionOf(nobody, { look })).workspace('acme').is).toBe('yes');
    const another = { ...facts, anotherAccountAt: NOW };
    expect(createEvidence(occasionOf(another)).account().is).toBe('unknown');
    expect(createEvidence(occasionOf(another)).workspace('acme').is).toBe('unknown');
  });

  test('about another address says nothing', () => {
    const address = { mark: MARK, isConfirmed: true, primary: 'a@b', at: NOW };
    const evidence = createEvidence(occasionOf({ ...facts, address }));
    expect(evidence.address(MARK).is).toBe('yes');
    expect(evidence.address('another').is).toBe('unknown');
    expect(evidence.address(undefined).is).toBe('unknown');
    expect(evidence.primaryAddress(MARK)).toBe('a@b');
    expect(evidence.primaryAddress('another')).toBeUndefined();
  });

  test('that is unknown says why: what was asked, then everything else', () => {
    const troubles = {
      ...lookWith(outage).troubles,
      workspaces: new Map([['acme', { kind: 'misconfigured', cause: 'that' } as const]]),
    };
    const evidence = createEvidence(occasionOf(NOTHING_KNOWN, { look: { at: NOW, troubles } }));
    expect(evidence.workspace('acme')).toEqual({
      is: 'unknown',
      trouble: { kind: 'misconfigured', cause: 'that' },
    });
    expect(evidence.workspace('other')).toEqual({ is: 'unknown', trouble: outage });
  });

  test('of a list is used like any other: of now, or of an account that is certain', () => {
    const reachable = { at: NOW - 10 * MINUTE, workspaces: [ACME], hasMore: true };
    const nobody: Facts = { ...NOTHING_KNOWN, reachable };
    const listed = { ...nobody, account: { uuid: PERSON, isActive: true, at: NOW } };
    const anyIn = (known: Facts, change: Partial<Occasion> = {}) =>
      createEvidence(occasionOf(known, change)).anyWorkspace();
    expect(anyIn(listed).is).toBe('yes');
    expect(anyIn(nobody).is).toBe('unknown');
    expect(anyIn(nobody, { look: lookWith(undefined, NOW - 10 * MINUTE) }).is).toBe('yes');
    expect(anyIn(listed, { ages: old, look: lookWith(outage) })).toEqual({
      is: 'unknown',
      trouble: outage,
    });
    expect(createEvidence(occasionOf(listed)).hasMore()).toBe(true);
    expect(createEvidence(occasionOf(facts)).hasMore()).toBe(false);
  });

  test('that somebody is nowhere is said by a whole list of now alone', () => {
    const nowhere = (at: number, hasMore: boolean) => {
      const look = lookWith(undefined);
      const empty = { ...NOTHING_KNOWN, reachable: { at, workspaces: [], hasMore } };
      return createEvidence(occasionOf(empty, { look })).anyWorkspace();
    };
    expect(nowhere(NOW, false)).toEqual({ is: 'no', reason: 'in no workspace' });
    expect(nowhere(NOW, true).is).toBe('unknown');
    expect(nowhere(NOW - 1, false).is).toBe('unknown');
    expect(createEvidence(occasionOf(NOTHING_KNOWN)).anyWorkspace()).toEqual({
      is: 'unknown',
      trouble: { kind: 'outage', cause: 'not looked up' },
    });
  });

  test('about an address that is not confirmed is a no', () => {
    const address = { mark: MARK, isConfirmed: false, at: NOW };
    expect(createEvidence(occasionOf({ ...facts, address })).address(MARK)).toEqual({
      is: 'no',
      reason: 'not among the confirmed addresses',
    });
  });

  test('an account that is closed is a no', () => {
    const closed = { ...facts, account: { uuid: PERSON, isActive: false, at: NOW } };
    expect(createEvidence(occasionOf(closed)).account()).toEqual({
      is: 'no',
      reason: 'the account is not active',
    });
  });
});
