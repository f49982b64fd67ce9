/** Which Actions of tenant.yaml are this package's, by the file that they are made of. */
import { join } from 'node:path';
import { bundlePathOf, listActionNames } from '../build/actions.ts';
import { ROOT } from '../root.ts';
import type { ActionAsset, TenantAssets } from '../tenant/assets.ts';

/** Those whose code is a bundle of `actions/`: they stand before the connection. */
export async function findOurActions(assets: TenantAssets): Promise<readonly ActionAsset[]> {
  const bundles = (await listActionNames()).map(bundlePathOf);
  return assets.actions.filter(({ code }) => bundles.includes(join(ROOT, code)));
}

/** The names of the bundles that no Action of tenant.yaml is made of. */
export async function findUndeclared(assets: TenantAssets): Promise<readonly string[]> {
  const used = assets.actions.map(({ code }) => join(ROOT, code));
  return (await listActionNames()).filter((name) => !used.includes(bundlePathOf(name)));
}
