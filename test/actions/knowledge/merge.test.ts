/** The laws of merging, and what of a look may be kept. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFindings } from '#actions/lib/bitbucket/findings.ts';
import { NOTHING_KNOWN } from '#actions/lib/knowledge/facts.ts';
import { createFailedLook } from '#actions/lib/knowledge/look.ts';
import { merge } from '#actions/lib/knowledge/merge.ts';
import { ACME, ADDRESS, NOW, PERSON } from '#test/support/action-run.ts';
import { foundIn, knownAfter, looks } from './arbitrary-looks.ts';

const RUNS = { numRuns: 500 };

describe('merging looks that began at different times', () => {
  test('is idempotent', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const known = knownAfter(told);
        expect(merge(known, known)).toEqual(known);
        for (const look of told) expect(merge(known, foundIn(look))).toEqual(known);
      }),
      RUNS,
    );
  });

  test('is commutative: it does not matter in which order logins end', () => {
    fc.assert(
      fc.property(looks, fc.infiniteStream(fc.nat()), (told, keys) => {
        const shuffled = told
          .map((look) => ({ look, key: keys.next().value ?? 0 }))
          .sort((one, other) => one.key - other.key)
          .map(({ look }) => look);
        expect(knownAfter(shuffled)).toEqual(knownAfter(told));
      }),
      RUNS,
    );
  });

  test('is associative', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const [one = NOTHING_KNOWN, two = NOTHING_KNOWN, three = NOTHING_KNOWN] = told.map(foundIn);
        expect(merge(merge(one, two), three)).toEqual(merge(one, merge(two, three)));
      }),
      RUNS,
    );
  });

  test('leaves what is known where nothing was found', () => {
    fc.assert(
      fc.property(looks, (told) => {
        const known = knownAfter(told);
        expect(merge(known, NOTHING_KNOWN)).toEqual(known);
        expect(merge(NOTHING_KNOWN, known)).toEqual(known);
      }),
      RUNS,
    );
  });
});

test('a look updates what was answered and leaves everything else as it was', () => {
  const first = createFindings(NOW - 1_000, 'person');
  first.account({ uuid: PERSON, isActive: true });
  first.member('acme', ACME, 'owner');
  first.address('mark', true, ADDRESS);
  const second = createFindings(NOW, 'person');
  second.noMember('acme', '403');
  const known = merge(first.end().found, second.end().found);
  expect(known.account).toEqual({ uuid: PERSON, isActive: true, at: NOW - 1_000 });
  expect(known.address).toMatchObject({ isConfirmed: true, at: NOW - 1_000 });
  expect(known.workspaces.get('acme')).toEqual({
    yes: { ...ACME, at: NOW - 1_000 },
    no: { reason: '403', at: NOW },
  });
});

test('a look that failed found nothing and says why', () => {
  const look = createFailedLook(NOW, { kind: 'outage', cause: 'management user: 500' });
  expect(look.found).toBe(NOTHING_KNOWN);
  expect(look.troubles.rest).toEqual({ kind: 'outage', cause: 'management user: 500' });
});

test('another account, and what a list denied, count from the last time that they were seen', () => {
  const seen = (at: number) => {
    const findings = createFindings(at, 'person');
    findings.anotherAccount();
    findings.noOwner(ACME.uuid);
    return findings.end().found;
  };
  for (const known of [merge(seen(NOW), seen(NOW - 1)), merge(seen(NOW - 1), seen(NOW))]) {
    expect(known.anotherAccountAt).toBe(NOW);
    expect(known.noOwner.get(ACME.uuid)).toBe(NOW);
  }
});
