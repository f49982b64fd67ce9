/** Builds every Action into `dist/`. Nothing is written unless all of them may be deployed. */
import { mkdir, writeFile } from 'node:fs/promises';
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
  await writeBundles(bundles);
  return bundles;
}

async function writeBundles(bundles: readonly BuiltAction[]): Promise<void> {
  try {
    await mkdir(DIST, { recursive: true });
    await Promise.all(bundles.map(({ name, code }) => writeFile(bundlePathOf(name), code)));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UserError(
      `dist/ cannot be written (${code}): it holds what is built. See who owns it, and whether there is room.`,
    );
  }
}
