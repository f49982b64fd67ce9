/**
 * `tenant.yaml` with its ##NAMES## filled in. The file is parsed first and filled in then, so that
 * a value is data: whatever quotes, newlines or markers it holds, it can break or rewrite nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { ROOT } from '../root.ts';
import type { TenantAssets } from '../tenant/assets.ts';

const RESOURCE_TYPES = ['connections', 'clients', 'clientGrants', 'actions', 'triggers'];

/** @throws {UserError} when it is not there, or is not what `parseTenantFile` takes. */
export async function readTenantFile(): Promise<TenantAssets> {
  const text = await readFile(join(ROOT, 'tenant.yaml'), 'utf8').catch(() => {
    throw new UserError('tenant.yaml cannot be read');
  });
  return parseTenantFile(text);
}

/** @throws {UserError} for YAML that cannot be read, and for a resource type this cannot deploy. */
export function parseTenantFile(text: string): TenantAssets {
  let assets: unknown;
  try {
    assets = parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new UserError(`tenant.yaml: ${error.message}`);
    throw error;
  }
  const types = typeof assets === 'object' && assets !== null ? Object.keys(assets) : [];
  const missing = RESOURCE_TYPES.filter((type) => !types.includes(type));
  const unknown = types.filter((type) => !RESOURCE_TYPES.includes(type));
  if (missing.length > 0) throw new UserError(`tenant.yaml lacks ${missing.join(', ')}`);
  if (unknown.length > 0) {
    throw new UserError(
      `tenant.yaml declares ${unknown.join(', ')}, which this package does not deploy: keep it in a file of its own`,
    );
  }
  return assets as TenantAssets;
}

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
  return replaceIn(withoutUnset, values, '') as TenantAssets;
}

const PLACEHOLDER = /##([A-Z0-9_]+)##/g;

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

function replaceIn(node: unknown, values: Environment, path: string): unknown {
  if (typeof node === 'string') {
    return node.replace(PLACEHOLDER, (_, name: string) => {
      const value = values[name];
      if (!value) throw new UserError(`${name} is not set; tenant.yaml needs it at ${path}`);
      return value;
    });
  }
  if (Array.isArray(node)) {
    return node.map((item, index) => replaceIn(item, values, `${path}[${index}]`));
  }
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      replaceIn(value, values, path === '' ? key : `${path}.${key}`),
    ]),
  );
}
