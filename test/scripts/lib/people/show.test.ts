/** What is shown: to people, to spreadsheets, to programs; and what of it does no harm. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  cutTo,
  toHarmless,
  toHarmlessJson,
  toHarmlessText,
  widthOf,
} from '#scripts/lib/cli/harmless.ts';
import { writeCsv } from '#scripts/lib/people/csv.ts';
import { createRow, filterRows } from '#scripts/lib/people/rows.ts';
import {
  renderPeople,
  renderPeopleAsCsv,
  renderPeopleAsJson,
} from '#scripts/lib/people/show-people.ts';
import { createPerson, DAY, doorOf, gateOf, NOW, UUID } from './people.ts';

const GATE = { doors: [doorOf()], gate: gateOf() };
const EVIL = '\u001b[2J\u009b1m\r\n::set-env name=X::y\u202e##vso[task.setvariable]';

describe('text of other people', () => {
  test('moves no cursor, ends no line, and is no command of a CI system', () => {
    const text = toHarmless(EVIL);
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).not.toMatch(/::|##/);
    expect(text).toContain('\\u{1b}[2J');
  });

  test.each(['###vso[task.setvariable]', '####vso[x', '::::error::x', '\u001b#\u001b#vso['])(
    'is no command by what is left of %j',
    (text) => {
      expect(toHarmless(text)).not.toMatch(/::|##/);
      expect(toHarmlessJson(text)).not.toMatch(/##/);
    },
  );

  test('is the same value in JSON, in harmless characters', () => {
    const json = toHarmlessJson({ name: EVIL });
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]|##/u);
    expect(JSON.parse(json)).toEqual({ name: EVIL });
  });

  test('is harmless in JSON that is written elsewhere, and the same value', () => {
    const text = JSON.stringify({ name: `${EVIL}###vso[` });
    expect(toHarmlessText(text)).not.toMatch(/[\p{Cc}\u202e]|##/u);
    expect(JSON.parse(toHarmlessText(text))).toEqual(JSON.parse(text));
  });

  test('is cut by the columns that it takes', () => {
    expect(widthOf('日本')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(cutTo(4, '日本語')).toBe('日…');
    expect(cutTo(5, 'acme')).toBe('acme');
  });
});

describe('CSV', () => {
  test.each([
    ['a cell', 'a cell'],
    ['with, a comma', '"with, a comma"'],
    ['with "quotes"', '"with ""quotes"""'],
    ['=1+1', "'=1+1"],
    ['+49@example.com', "'+49@example.com"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\\u{9}x"],
    ['\rx', "'\\u{d}x"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['two\nlines', 'two\\u{a}lines'],
    // After what some spreadsheets trim, and where a `;` begins the next cell.
    [' =1+1', "' =1+1"],
    ['\u00a0=1', "'\u00a0=1"],
    ['"=1+1"', `"'""=1+1"""`],
    ['a;=1+1', `"a;'=1+1"`],
    ['a; "@x', `"a;' ""@x"`],
    ['too old; last seen acme', '"too old; last seen acme"'],
    [UUID, UUID],
    ['2026-11-25T12:00:00.000Z', '2026-11-25T12:00:00.000Z'],
    ['', ''],
  ])('%j is written %j', (value, written) => {
    expect(writeCsv([[value, 'x']])).toBe(`${written},x\r\n`);
  });
});

describe('the list', () => {
  const row = (options: Parameters<typeof createPerson>[0], id: string) =>
    createRow(createPerson({ ...options, over: { user_id: id, ...options?.over } }), GATE, NOW);
  const rows = [
    row({ over: { last_login: '2026-11-25T11:00:00.000Z' } }, 'bitbucket|1'),
    row(
      { name: '日本', email: '+nora@example.com', find: (of) => of.noMember('acme', '404') },
      'bitbucket|2',
    ),
    row({ name: EVIL, ageMs: 100 * DAY }, 'bitbucket|3'),
    row({ over: { app_metadata: {}, email: undefined } }, 'bitbucket|4'),
  ];
  const people = { rows, total: rows.length, notes: ['A note.'], nowMs: NOW };

  test('as CSV has the header and the columns that programs rely on', () => {
    const lines = renderPeopleAsCsv(people).split('\r\n');
    expect(lines[0]).toBe(
      'user_id,email,bitbucket_uuid,workspaces,last_look,last_login,status,reason',
    );
    expect(lines[1]).toBe(
      `bitbucket|1,olivia@example.com,${UUID},acme:member,2026-11-25T11:01:00.000Z,2026-11-25T11:00:00.000Z,in,acme`,
    );
    expect(lines[2]).toBe(
      `bitbucket|2,'+nora@example.com,${UUID},,2026-11-25T11:01:00.000Z,,out,bitbucket_workspace_required`,
    );
    expect(lines[4]).toBe(`bitbucket|4,,${UUID},,,,unknown,never looked`);
    expect(lines).toHaveLength(6);
  });

  test('as JSON has the same, and null for what is not known', () => {
    const parsed = JSON.parse(renderPeopleAsJson(people));
    expect(Object.keys(parsed)).toEqual(['people']);
    expect(parsed.people[3]).toEqual({
      user_id: 'bitbucket|4',
      email: null,
      bitbucket_uuid: UUID,
      workspaces: '',
      last_look: null,
      last_login: null,
      status: 'unknown',
      reason: 'never looked',
    });
  });

  test.each([60, 80, 120, 200])('fits %i columns', (width) => {
    const text = stripVTControlCharacters(renderPeople(people, width));
    const table = text.split('\n').slice(0, rows.length + 1);
    for (const line of table) expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(text).toContain('4 people: 1 in, 1 out, 2 unknown.');
    expect(text).toContain('A note.');
  });

  test('is filtered by who is out, and by who was not looked at', () => {
    const ids = (isOut: boolean, staleDays: number | undefined) =>
      filterRows(rows, { isOut, staleDays }, NOW).map(({ columns }) => columns.user_id);
    expect(ids(true, undefined)).toEqual(['bitbucket|2']);
    expect(ids(false, 90)).toEqual(['bitbucket|3', 'bitbucket|4']);
    expect(ids(false, 101)).toEqual(['bitbucket|4']);
    expect(ids(true, 1)).toEqual([]);
    expect(ids(false, 0)).toHaveLength(4);
  });
});
