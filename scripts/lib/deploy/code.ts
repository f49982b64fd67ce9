/** The code of every Action of tenant.yaml, from the files that it names. */
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { UserError } from '../cli/report-error.ts';
import { ROOT } from '../root.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { assertCodeFits } from './preconditions.ts';

/**
 * @returns the code by the name of its Action.
 * @throws {UserError} for a file that is not there, lies elsewhere, or is larger than Auth0 takes.
 */
export async function readCode(assets: TenantAssets): Promise<ReadonlyMap<string, string>> {
  const code = new Map<string, string>();
  for (const { name, code: path } of assets.actions) {
    const full = join(ROOT, path);
    if (!full.startsWith(ROOT.endsWith(sep) ? ROOT : ROOT + sep)) {
      throw new UserError(`tenant.yaml: the code of ${name} must lie beside tenant.yaml or below`);
    }
    const text = await readFile(full, 'utf8').catch(() => {
      throw new UserError(`tenant.yaml: the code of ${name} cannot be read: ${path}`);
    });
    code.set(name, text);
  }
  assertCodeFits(code);
  return code;
}
