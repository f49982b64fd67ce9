/** What comes from outside is read field by field: what is taken, and what is not. */
import { describe, expect, test } from 'vitest';
import { mapAtMost } from '#actions/lib/map-at-most.ts';
import {
  foldAscii,
  parseJson,
  parseSlug,
  parseUuid,
  readField,
  readString,
} from '#actions/lib/read.ts';
import { PERSON } from '#test/support/action-run.ts';

describe('fields', () => {
  test.each([
    [{ a: 1 }, 1],
    [{}, undefined],
    [null, undefined],
    ['a', undefined],
    [[1], undefined],
    [Object.create({ a: 1 }), undefined],
    [JSON.parse('{"__proto__":{"a":1}}'), undefined],
  ])('of %o: %o', (value, field) => {
    expect(readField(value, 'a')).toBe(field);
  });

  test.each([
    [{ a: 'x' }, 'x'],
    [{ a: '' }, undefined],
    [{ a: 1 }, undefined],
  ])('that are strings, of %o: %o', (value, field) => {
    expect(readString(value, 'a')).toBe(field);
  });

  test('an array is no object, whatever it holds', () => {
    expect(readField(Object.assign([], { a: 1 }), 'a')).toBeUndefined();
  });

  test.each([
    [PERSON, PERSON],
    [PERSON.toUpperCase(), PERSON],
    [PERSON.slice(1, -1), undefined],
    [`${PERSON}x`, undefined],
    [`x${PERSON}`, undefined],
    [PERSON.replace('-', ''), undefined],
    [1, undefined],
  ])('uuid %o: %o', (value, uuid) => {
    expect(parseUuid(value)).toBe(uuid);
  });

  test.each([
    ['Acme', 'acme'],
    ['_a', '_a'],
    ['a b', undefined],
    ['-a', undefined],
    ['a:b', undefined],
    ['', undefined],
    [{}, undefined],
  ])('slug %o: %o', (value, slug) => {
    expect(parseSlug(value)).toBe(slug);
  });

  test('only A to Z are folded', () => {
    expect(foldAscii('AZ az ÄÖ \u212a İ')).toBe('az az ÄÖ \u212a İ');
  });

  test.each([
    ['{"a":1}', { a: 1 }],
    ['', undefined],
    ['{', undefined],
  ])('JSON %o: %o', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });
});

test('at most so many are under way at once, and results keep their order', async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapAtMost(3, [5, 1, 4, 2, 3, 0], async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    underWay -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(3);
  expect(await mapAtMost(3, [], async () => 1)).toEqual([]);
});
