/**
 * The ##NAMES## of tenant.yaml, filled in. The file is parsed first and filled in then, so that a
 * value is data: whatever quotes, newlines or markers it holds, it can break or rewrite nothing.
 */
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { type Path, writePath } from './yaml-place.ts';

/** What is named by one of these is an option: left out, with all of it, while that is not set. */
const OPTIONS = ['LOGIN_APPLICATION'];

/** Without the applications of options that are off, their grants, and their places at connections. */
function leaveOutOptions(assets: TenantAssets, values: Environment): TenantAssets {
  const isOn = (name: string) =>
    namesIn(name).every((option) => !OPTIONS.includes(option) || Boolean(values[option]));
  return {
    ...assets,
    connections: assets.connections.map(({ enabled_clients: names, ...connection }) =>
      names === undefined ? connection : { ...connection, enabled_clients: names.filter(isOn) },
    ),
    clients: assets.clients.filter(({ name }) => isOn(name)),
    clientGrants: assets.clientGrants.filter(({ client_id: name }) => isOn(name)),
  };
}

/**
 * Replaces every ##NAME## by `values[NAME]`. A secret whose value is not set or empty is left out:
 * the Action has a default for it. So is an option that is off.
 * @throws {UserError} naming a value that is needed and not set.
 */
export function fillIn(assets: TenantAssets, values: Environment): TenantAssets {
  const options = leaveOutOptions(assets, values);
  const withoutUnset: TenantAssets = {
    ...options,
    actions: options.actions.map((action) => ({
      ...action,
      secrets: action.secrets.filter(({ value }) => !namesIn(value).some((name) => !values[name])),
    })),
  };
  return replaceIn(withoutUnset, values, []) as TenantAssets;
}

/**
 * The same of the names alone, by which what is in a tenant is found: secrets and settings stay as
 * they are written. Options that are off are left out.
 * @throws {UserError} naming a value that is needed and not set.
 */
export function fillInNames(assets: TenantAssets, values: Environment): TenantAssets {
  const fill = <T extends object>(
    entry: T,
    names: readonly (keyof T & string)[],
    path: Path,
  ): T => ({
    ...entry,
    ...Object.fromEntries(
      names.map((name) => [name, replaceIn(entry[name], values, [...path, name])]),
    ),
  });
  const { connections, clients, clientGrants, actions, triggers } = leaveOutOptions(assets, values);
  return {
    connections: connections.map((entry, at) => fill(entry, ['name'], ['connections', at])),
    clients: clients.map((entry, at) => fill(entry, ['name'], ['clients', at])),
    clientGrants: clientGrants.map((entry, at) =>
      fill(entry, ['client_id', 'audience'], ['clientGrants', at]),
    ),
    actions: actions.map((entry, at) => fill(entry, ['name'], ['actions', at])),
    triggers: {
      'post-login': triggers['post-login'].map((entry, at) =>
        fill(entry, ['action_name'], ['triggers', 'post-login', at]),
      ),
    },
  };
}

/** The names that the file cannot do without: those that stand anywhere but in secrets and options. */
export function findNeededNames({ actions, ...assets }: TenantAssets): readonly string[] {
  const withoutSecrets = actions.map(({ secrets: _, ...action }) => action);
  const names = namesIn(JSON.stringify([assets, withoutSecrets]));
  return [...new Set(names)].filter((name) => !OPTIONS.includes(name));
}

/** The names that stand in secrets: what is not set is left out. */
export function findSecretNames({ actions }: TenantAssets): readonly string[] {
  return [...new Set(namesIn(JSON.stringify(actions.map(({ secrets }) => secrets))))];
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
