/**
 * Reads back what was deployed and compares it with what was meant: auth0-deploy-cli reports
 * success even where a part of it failed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ROOT } from './actions.ts';
import type { ManagementApi } from './management-api.ts';
import type { ActionAsset, GrantAsset, TenantAssets } from './tenant-file.ts';
import {
  findConnection,
  listEnabledClients,
  type TenantAction,
  type TenantBinding,
  type TenantGrant,
} from './tenant-state.ts';

/** A sentence for everything that is not as it was meant; empty when all is well. */
export async function findDifferences(
  api: ManagementApi,
  assets: TenantAssets,
  machineClientId: string,
): Promise<readonly string[]> {
  const found = await Promise.all([
    ...assets.actions.map((action) => compareAction(api, action)),
    compareBindings(api, assets),
    compareConnection(api, assets),
    ...assets.clientGrants.map((grant) => compareGrant(api, grant, machineClientId)),
  ]);
  return found.flat();
}

async function compareAction(api: ManagementApi, asset: ActionAsset): Promise<readonly string[]> {
  const query = `actions/actions?actionName=${encodeURIComponent(asset.name)}`;
  const actions = (await api.list(query, 'actions')) as readonly TenantAction[];
  const listed = actions.find((action) => action.name === asset.name);
  if (listed === undefined) return [`Action ${asset.name}: it is not in the tenant`];
  const { deployed_version: deployed } = (await api.get(
    `actions/actions/${listed.id}`,
  )) as TenantAction;
  if (deployed === undefined) return [`Action ${asset.name}: it is not deployed`];
  const code = await readFile(join(ROOT, asset.code), 'utf8');
  const secrets = (deployed.secrets ?? []).map((secret) => secret.name).sort();
  const wanted = asset.secrets.map((secret) => secret.name).sort();
  return [
    ...(deployed.code === code ? [] : [`Action ${asset.name}: other code is deployed`]),
    ...(deployed.runtime === asset.runtime
      ? []
      : [`Action ${asset.name}: it runs on ${deployed.runtime}, not ${asset.runtime}`]),
    ...(isDeepStrictEqual(secrets, wanted)
      ? []
      : [`Action ${asset.name}: its secrets are ${secrets.join(', ') || 'none'}`]),
  ];
}

async function compareBindings(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<readonly string[]> {
  const bound = (await api.list(
    'actions/triggers/post-login/bindings',
    'bindings',
  )) as readonly TenantBinding[];
  const names = bound.map((binding) => binding.action.name);
  const wanted = assets.triggers['post-login'].map((binding) => binding.action_name);
  return isDeepStrictEqual(names, wanted)
    ? []
    : [`Login flow: ${names.join(', ') || 'nothing'} is bound, not ${wanted.join(', ')}`];
}

async function compareConnection(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<readonly string[]> {
  const [asset] = assets.connections;
  if (asset === undefined) return [];
  const connection = await findConnection(api, asset.name);
  if (connection === undefined) return [`Connection ${asset.name}: it is not in the tenant`];
  const differing = Object.entries(asset.options)
    .filter(([name, value]) => !isDeepStrictEqual(connection.options?.[name], value))
    .map(([name]) => `Connection ${asset.name}: its option ${name} is another`);
  const enabled = await listEnabledClients(api, connection.id);
  const missing = (asset.enabled_clients ?? [])
    .filter((clientId) => !enabled.includes(clientId))
    .map((clientId) => `Connection ${asset.name}: it is not enabled for ${clientId}`);
  return [...differing, ...missing];
}

async function compareGrant(
  api: ManagementApi,
  asset: GrantAsset,
  clientId: string,
): Promise<readonly string[]> {
  const query = `client-grants?client_id=${clientId}&audience=${encodeURIComponent(asset.audience)}`;
  const grants = (await api.list(query, 'client_grants')) as readonly TenantGrant[];
  const scope = grants.find((grant) => grant.audience === asset.audience)?.scope;
  if (scope === undefined) return [`Grant of ${asset.client_id}: it is not in the tenant`];
  return isDeepStrictEqual([...scope].sort(), [...asset.scope].sort())
    ? []
    : [`Grant of ${asset.client_id}: it is for ${scope.join(', ')}`];
}
