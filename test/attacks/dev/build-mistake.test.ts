/** A mistake in a source is told with its place, and with nothing that is none. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleAction } from '#scripts/lib/build/bundle.ts';
import { ROOT } from '#scripts/lib/root.ts';

const NAME = 'bitbucket-email-verification';
mkdirSync(join(ROOT, 'node_modules', '.cache'), { recursive: true });
const root = mkdtempSync(join(ROOT, 'node_modules', '.cache', 'mistake-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('it is one line', async () => {
  cpSync(join(ROOT, 'actions'), join(root, 'actions'), { recursive: true });
  writeFileSync(join(root, 'actions', NAME, 'index.ts'), 'export const x = <;\n');
  await expect(bundleAction(NAME, { root })).rejects.toThrow(
    /^actions\/bitbucket-email-verification\/index\.ts:1:\d+: [^\n]*$/,
  );
});
