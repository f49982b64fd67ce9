/** Which version a rollback goes back to, once, twice, and after a deploy in between. */
import { describe, expect, test } from 'vitest';
import {
  findLineage,
  historyKeyOf,
  type Putback,
  readHistory,
  writeHistory,
} from '#scripts/lib/deploy/rollback-history.ts';

/** The versions from the first to the `deployed` one, and what the next rollback puts back. */
const next = (deployed: number, ...history: readonly Putback[]) => {
  const numbers = Array.from({ length: deployed }, (_, index) => index + 1);
  return findLineage(numbers, deployed, history).at(-2);
};

describe('a rollback', () => {
  test.each<[string, number | undefined, number | undefined]>([
    ['goes to the version before', next(3), 2],
    ['run twice goes one further back', next(4, [4, 2]), 1],
    ['run three times has nothing earlier', next(5, [4, 2], [5, 1]), undefined],
    ['of the first has nothing earlier', next(1), undefined],
    ['of two, run twice, has nothing earlier', next(3, [3, 1]), undefined],
    ['after a deploy goes to what was put back before it', next(4, [3, 1]), 1],
    ['after that goes no further', next(5, [3, 1], [5, 1]), undefined],
    ['of a rollback that somebody deployed again goes back once', next(5, [4, 2]), 2],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test('goes only to versions that Auth0 still has', () => {
    expect(findLineage([8, 9], 9, [[9, 3]])).toEqual([8, 9]);
    expect(findLineage([10, 11], 11, [])).toEqual([10, 11]);
  });
});

describe('the note of a rollback', () => {
  const action = { id: '5e34493d-1a6b-4f98-a441-87094fff14f7' };
  const client = (text: string) => ({
    ...{ client_id: 'm', name: 'm' },
    client_metadata: { [historyKeyOf(action)]: text },
  });

  test('is read as it was written', () => {
    const history: readonly Putback[] = [
      [4, 2],
      [5, 1],
    ];
    expect(readHistory(client(writeHistory(history)), action)).toEqual(history);
  });

  test('fits the metadata of an application, however often', () => {
    const history = Array.from({ length: 60 }, (_, index) => [100_000 + index, index] as const);
    expect(writeHistory(history).length).toBeLessThanOrEqual(255);
    expect(readHistory(client(writeHistory(history)), action).at(-1)).toEqual([100_059, 59]);
  });

  test.each(['', 'x', '4:', '4:2:1', '-1:2'])('%j is none', (text) => {
    expect(readHistory(client(text), action)).toEqual([]);
  });
});
