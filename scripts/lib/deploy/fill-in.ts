/**
 * The ##NAMES## of tenant.yaml, filled in. The file is parsed first and filled in then, so that a
 * value is data: whatever quotes, newlines or markers it holds, it can break or rewrite nothing.
 */
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { type Path, writePath } from './yaml-place.ts';

/**
 * Replaces every ##NAME## by `values[NAME]`. A secret whose value is not set or empty is left out:
 * the Action has a default for it.
 * @throws {UserError} naming a value that is needed and not set.
 */
export function fillIn(assets: TenantAssets, values: Environment): TenantAssets {
  const withoutUnset: TenantAssets = {
    ...assets,
    actions: assets.actions.map((action) => ({
      ...action,
      secrets: action.secrets.filter(({ value }) => !namesIn(value).some((name) => !values[name])),
    })),
  };
  return replaceIn(withoutUnset, values, []) as TenantAssets;
}

/** The names that the file cannot do without: those that stand anywhere but in a secret. */
export function findNeededNames({ actions, ...assets }: TenantAssets): readonly string[] {
  const withoutSecrets = actions.map(({ secrets: _, ...action }) => action);
  return [...new Set(namesIn(JSON.stringify([assets, withoutSecrets])))];
}

const PLACEHOLDER = /##([A-Z0-9_]+)##/g;

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

function replaceIn(node: unknown, values: Environment, path: Path): unknown {
  if (typeof node === 'string') {
    return node.replace(PLACEHOLDER, (_, name: string) => {
      const value = values[name];
      if (!value) {
        throw new UserError(`${name} is not set; tenant.yaml needs it at ${writePath(path)}`);
      }
      return value;
    });
  }
  if (Array.isArray(node)) {
    return node.map((item, index) => replaceIn(item, values, [...path, index]));
  }
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, replaceIn(value, values, [...path, key])]),
  );
}
