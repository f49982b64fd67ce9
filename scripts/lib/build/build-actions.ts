/** Builds every Action into `dist/`. Nothing is written unless all of them may be deployed. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../cli/report-error.ts';
import { bundlePathOf, DIST, listActionNames } from './actions.ts';
import { bundleAction } from './bundle.ts';
import { assertDeployable } from './guard.ts';

export interface BuiltAction {
  readonly name: string;
  readonly code: string;
}

/**
 * @throws {BundleError} for a bundle that Auth0 or the deploy would not take.
 * @throws {UserError} where they cannot be written.
 */
export async function buildActions(): Promise<readonly BuiltAction[]> {
  const names = await listActionNames();
  const bundles = await Promise.all(
    names.map(async (name) => ({ name, code: await bundleAction(name) })),
  );
  for (const { name, code } of bundles) assertDeployable(name, code);
  await writeBundles(bundles, DIST);
  return bundles;
}

/** @throws {UserError} where `folder` cannot be written. */
export async function writeBundles(bundles: readonly BuiltAction[], folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(
      bundles.map(({ name, code }) =>
        replaceFile(join(folder, basename(bundlePathOf(name))), code),
      ),
    );
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UserError(
      `dist/ cannot be written (${code}): it holds what is built. See who owns it, and whether there is room.`,
    );
  }
}

/** Whole at every moment: another command may be reading it. What is as it should be is left alone. */
async function replaceFile(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return;
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
