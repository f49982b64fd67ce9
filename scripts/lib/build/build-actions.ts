/** Builds every Action into `dist/`. Nothing is written unless all of them may be deployed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { bundlePathOf, DIST, listActionNames } from './actions.ts';
import { bundleAction } from './bundle.ts';
import { assertDeployable } from './guard.ts';

export interface BuiltAction {
  readonly name: string;
  readonly code: string;
}

/** @throws {BundleError} for a bundle that Auth0 or the deploy would not take. */
export async function buildActions(): Promise<readonly BuiltAction[]> {
  const names = await listActionNames();
  const bundles = await Promise.all(
    names.map(async (name) => ({ name, code: await bundleAction(name) })),
  );
  for (const { name, code } of bundles) assertDeployable(name, code);
  await mkdir(DIST, { recursive: true });
  await Promise.all(bundles.map(({ name, code }) => writeFile(bundlePathOf(name), code)));
  return bundles;
}
