/** The table of what the local Bitbucket believes: each rule has a source, and a test that is there. */
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const BITBUCKET = new URL('../../../../scripts/local/bitbucket/', import.meta.url);
const table = await readFile(new URL('RULES.md', BITBUCKET), 'utf8');
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:rule|---) /.test(line))
  .map((line) => line.slice(2, -2).split(' | '));
const BELIEF = /^UNVERIFIED: `([\w-]+\.ts)`; \S/;
const codeNames = (await readdir(BITBUCKET)).filter((name) => name.endsWith('.ts'));
const code = new Map(
  await Promise.all(
    codeNames.map(
      async (name) => [name, await readFile(new URL(name, BITBUCKET), 'utf8')] as const,
    ),
  ),
);

test('the table has a rule, a source and a test in each row', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
});

describe.each(rows.map(([rule, source, holder]) => ({ rule, source, holder })))(
  '$rule',
  ({ source = '', holder = '' }) => {
    test('has a source: documented, or said to be UNVERIFIED there, and why that does no harm', () => {
      const [, file] = BELIEF.exec(source) ?? [];
      if (file !== undefined) expect(code.get(file)).toContain('UNVERIFIED');
      else for (const part of source.split('; ')) expect(new URL(part).protocol).toBe('https:');
    });

    test('has a test', async () => {
      const [, file = '', title = ''] = /^([\w-]+): (.+)$/.exec(holder) ?? [];
      const text = await readFile(new URL(`./${file}.test.ts`, import.meta.url), 'utf8');
      expect([`'${title}'`, `"${title}"`].some((quoted) => text.includes(quoted))).toBe(true);
    });
  },
);

test('every file that says UNVERIFIED is in the table, but for the world, which has the switches', () => {
  const believed = rows.map(([, source = '']) => BELIEF.exec(source)?.[1]);
  for (const [name, text] of code) {
    if (text.includes('UNVERIFIED') && name !== 'world.ts') expect(believed).toContain(name);
  }
});
