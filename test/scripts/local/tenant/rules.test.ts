/** The table of what the local tenant believes: each rule has a source that is there, and a test. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readRecordedStories } from '#test/support/recorded.ts';

const TENANT = new URL('../../../../scripts/local/tenant/', import.meta.url);
const HERE = new URL('./', import.meta.url);
const table = await readFile(new URL('RULES.md', TENANT), 'utf8');
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:rule|---) /.test(line))
  .map((line) => line.slice(2, -2).split(' | '));
const stories = await readRecordedStories(new URL('recorded/', HERE));
const recordedNames = (await readdir(new URL('recorded/', HERE))).sort();

/** The steps that `what-auth0-deploy-cli-asks 44, 150` names, and whether they are recorded. */
function findMissingSteps(reference: string): readonly string[] {
  const [name = '', ...ids] = reference.split(/,? /);
  const story = stories[recordedNames.indexOf(`${name}.json`)];
  if (story === undefined || ids.length === 0) return [reference];
  const known = story.steps.map(({ id }) => String(id));
  return ids.filter((id) => !known.includes(id)).map((id) => `${name} ${id}`);
}

test('the table has a rule, a source and a test in each row', () => {
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
});

describe.each(rows.map(([rule, source, holder]) => ({ rule, source, holder })))(
  '$rule',
  ({ source = '', holder = '' }) => {
    test('has a source: recorded, documented, or said to be UNVERIFIED and why', () => {
      const [, belief] = /^UNVERIFIED: `([\w/-]+\.ts)`; \S/.exec(source) ?? [];
      if (belief !== undefined) return;
      for (const part of source.split('; ')) {
        const steps = part.replace(/^recorded: /, '');
        if (part.startsWith('https://')) expect(URL.canParse(part)).toBe(true);
        else expect(findMissingSteps(steps)).toEqual([]);
      }
    });

    test('has a test', async () => {
      const [, file = '', title = ''] = /^([\w-]+): (.+)$/.exec(holder) ?? [];
      const path = new URL(`${file}.test.ts`, HERE);
      expect(existsSync(path), `${file}.test.ts`).toBe(true);
      const quoted = [`'${title}'`, `"${title}"`];
      const text = await readFile(path, 'utf8');
      expect(quoted.some((candidate) => text.includes(candidate))).toBe(true);
    });
  },
);

test('every file that says UNVERIFIED is in the table, and every file that is named is there', async () => {
  const names = (await readdir(TENANT, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const believed = new Set(
    [...table.matchAll(/UNVERIFIED: `([\w-]+\.ts)`/g)].map(([, name]) => name),
  );
  const files = new Set(names.map((name) => name.split('/').at(-1)));
  expect([...believed].filter((name) => !files.has(name))).toEqual([]);
  for (const name of names) {
    const text = await readFile(new URL(name, TENANT), 'utf8');
    if (text.includes('UNVERIFIED')) expect(believed).toContain(name.split('/').at(-1));
  }
});
