/** A build that cannot be written says so in a sentence. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeBundles } from '#scripts/lib/build/build-actions.ts';

const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bundles = [{ name: 'a', code: 'code' }];

test('a folder is made, and written to', async () => {
  await writeBundles(bundles, join(folder, 'new', 'dist'));
  expect(readFileSync(join(folder, 'new', 'dist', 'a.cjs'), 'utf8')).toBe('code');
});

test('who reads while two others write finds a whole file, and nothing is left beside it', async () => {
  const path = join(folder, 'shared');
  const codes = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
  await writeBundles([{ name: 'a', code: codes[0] ?? '' }], path);
  let isOver = false;
  const read = new Set<string>();
  const reading = (async () => {
    while (!isOver) {
      const text = await readFile(join(path, 'a.cjs'), 'utf8');
      read.add(`${text.length} ${new Set(text).size}`);
    }
  })();
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(codes.map((code) => writeBundles([{ name: 'a', code }], path)));
  }
  isOver = true;
  await reading;
  expect([...read]).toEqual(['1000000 1']);
  expect(readdirSync(path)).toEqual(['a.cjs']);
});

test.each([
  ['is a file', 'EEXIST', (path: string) => writeFileSync(path, '')],
  ['lies below a file', 'ENOTDIR', (path: string) => writeFileSync(join(path, '..'), '')],
  [
    'holds a folder of that name',
    'EISDIR',
    (path: string) => mkdirSync(join(path, 'a.cjs'), { recursive: true }),
  ],
])('a folder that %s cannot be written', async (name, code, spoil) => {
  const path = join(folder, name, ...(code === 'ENOTDIR' ? ['dist'] : []));
  spoil(path);
  await expect(writeBundles(bundles, path)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(`dist/ cannot be written (${code})`),
  });
});
