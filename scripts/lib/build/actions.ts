/** The Actions of this package and where their files are. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

export const DIST = join(ROOT, 'dist');

/** The names of the Actions: every folder of `actions/` that has an entry file, in their order. */
export async function listActionNames(): Promise<readonly string[]> {
  const folders = await readdir(join(ROOT, 'actions'), { withFileTypes: true });
  return folders
    .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
    .map((entry) => entry.name)
    .sort();
}

/** What is deployed: the path of an Action's bundle. */
export function bundlePathOf(name: string): string {
  return join(DIST, `${name}.cjs`);
}
