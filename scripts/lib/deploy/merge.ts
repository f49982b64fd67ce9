/**
 * auth0-deploy-cli and the Management API replace where a user expects them to add. This makes what
 * they are given whole: what tenant.yaml declares, and beside it what the tenant has and tenant.yaml
 * does not speak of. What was not shown must have been refused before. Values in, values out: no I/O.
 */
import type {
  BindingAsset,

  ConnectionAsset,
  GrantAsset,
  TenantAssets,
} from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import type { TenantBinding, TenantGrant } from '../tenant/tenant-types.ts';

/**
 * @param assets filled in.
 * @param applications the client ids to enable each connection for, by its name, beside those that
 *   it is on for.
 */
export function mergeIntoTenant(
  assets: TenantAssets,
  state: TenantState,
  applications: ReadonlyMap<string, readonly string[]>,
): TenantAssets {
  return {
    ...assets,
    connections: assets.connections.map((connection) =>
      mergeConnection(connection, state, applications.get(connection.name) ?? []),
    ),
    clientGrants: assets.clientGrants.map((grant) => mergeGrant(grant, state)),
    triggers: { 'post-login': mergeBindings(assets.triggers['post-login'], state.bindings) },
  };
}

/** The tenant's grant of an application for an API, as which it acts for itself. */
export function findGrant(
  { client_id: name, audience }: GrantAsset,
  { applications, grants }: TenantState,
): TenantGrant | undefined {
  const client = applications.find((application) => application.name === name);
  return grants.find(
    (grant) =>
      grant.client_id === client?.client_id &&
      // The server writes a URL as it likes.
      grant.audience.toLowerCase() === audience.toLowerCase(),
  );
}

/**
 * Those that are bound stay where they are. Of ours, one that is not goes after the nearest before
 * it in the file that is, else before the nearest after it, else to the beginning.
 */
function mergeBindings(
  ours: readonly BindingAsset[],
  bound: readonly TenantBinding[],
): readonly BindingAsset[] {
  const merged: BindingAsset[] = bound.map(({ action, display_name }) => ({
    action_name: action.name,
    display_name,
  }));
  const placeOf = (name: string | undefined) =>
    merged.findIndex((binding) => binding.action_name === name);
  for (const [index, binding] of ours.entries()) {
    if (placeOf(binding.action_name) !== -1) continue;
    const after = placeOf(ours[index - 1]?.action_name);
    const next = ours.slice(index + 1).find(({ action_name: name }) => placeOf(name) !== -1);
    const before = next === undefined ? 0 : placeOf(next.action_name);
    merged.splice(index === 0 ? before : after + 1, 0, binding);
  }
  return merged;
}

/** An update of a connection replaces all of its options. */
function mergeConnection(
  connection: ConnectionAsset,
  { connections }: TenantState,
  applications: readonly string[],
): ConnectionAsset {
  const existing = connections.find((state) => state.connection.name === connection.name);
  const { enabled_clients: _, ...asset } = connection;
  const merged = {
    ...asset,
    options: { ...existing?.connection.options, ...connection.options },
  };
  if (applications.length === 0) return merged;
  return {
    ...merged,
    enabled_clients: [...new Set([...(existing?.enabledClients ?? []), ...applications])],
  };
}

/**
 * With the id of the grant that is meant, auth0-deploy-cli takes no other for it; one for all scopes
 * is told that it is no longer.
 */
function mergeGrant(grant: GrantAsset, state: TenantState): GrantAsset {
  const existing = findGrant(grant, state);
  if (existing === undefined) return { ...grant, subject_type: 'client' };
  return {
    ...grant,
    id: existing.id,
    ...(existing.allow_all_scopes === true ? { allow_all_scopes: false as const } : {}),
  };
}
