/** A build that cannot be written says so in a sentence. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
