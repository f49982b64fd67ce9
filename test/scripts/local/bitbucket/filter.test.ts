/** What `q` may say, and what it means. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterError, parseFilter } from '#scripts/local/bitbucket/filter.ts';

const FIELDS = {
  name: 'text',
  'repository.full_name': 'text',
  permission: ['read', 'write', 'admin'],
} as const;
const ENTRY = { name: 'Infra', 'repository.full_name': 'acme/infra', permission: 'write' };
const matches = (query: string, entry = ENTRY) => parseFilter(query, FIELDS).matches(entry);

describe('a filter', () => {
  test.each([
    ['name="Infra"', true],
    ['name="infra"', false],
    ['name != "infra"', true],
    ['name ~ "inf"', true],
    ['name !~ "INF"', false],
    ['repository.full_name = "acme/infra"', true],
    ['permission > "read"', true],
    ['permission >= "write"', true],
    ['permission < "write"', false],
    ['permission <= "read"', false],
    ['name="x" OR name="Infra"', true],
    ['name="x" or name="Infra"', true],
    ['name="Infra" AND permission="admin"', false],
    ['  ( ( name = "Infra" ) )  ', true],
  ])('%s is %s', (query, expected) => {
    expect(matches(query)).toBe(expected);
  });

  test('binds AND tighter than OR, but for parentheses', () => {
    expect(matches('name="Infra" OR name="x" AND name="y"')).toBe(true);
    expect(matches('(name="Infra" OR name="x") AND name="y"')).toBe(false);
  });

  test('says whether it uses OR, also inside of parentheses and not inside of a text', () => {
    expect(parseFilter('(name="a" OR name="b") AND name="c"', FIELDS).usesOr).toBe(true);
    expect(parseFilter('name="a OR b" AND name="c"', FIELDS).usesOr).toBe(false);
  });

  test('takes any text in quotes, with what a backslash escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const quoted = `"${text.replace(/["\\]/g, '\\$&')}"`;
        expect(matches(`name=${quoted}`, { ...ENTRY, name: text })).toBe(true);
        expect(matches(`name=${quoted}`, { ...ENTRY, name: `${text}.` })).toBe(false);
      }),
    );
  });

  test.each([
    '',
    '   ',
    'name',
    'name=',
    'name="a',
    'name="a\\"',
    "name='a'",
    'name=a',
    'name=1',
    '="a"',
    'name="a" name="b"',
    'name="a" AND',
    'OR name="a"',
    '(name="a"',
    'name="a")',
    '()',
    'name=="a"',
    'name > "a"',
    'permission > "owner"',
    'name ( "a"',
    'name="a"; name="b"',
  ])('that says %j is refused as invalid', (query) => {
    expect(() => parseFilter(query, FIELDS)).toThrow(new FilterError('Invalid query'));
  });

  test.each(['values.name', 'username', 'constructor', 'NAME'])(
    'about %s is refused by the name of the field',
    (field) => {
      expect(() => parseFilter(`${field}="a"`, FIELDS)).toThrow(
        new FilterError(`Field "${field}" does not support filtering`),
      );
    },
  );

  test('is taken or refused, whatever it says, with no other error', () => {
    const part = fc.constantFrom(
      'name',
      '=',
      '"a"',
      '(',
      ')',
      'AND',
      'OR',
      '"',
      '\\',
      'x',
      ' ',
      '!',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          expect(typeof matches(parts.join(' '))).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
    );
  });
});
