/**
 * auth0-deploy-cli replaces where a user expects it to add. This makes what it is given whole: what
 * tenant.yaml declares, and beside it what the tenant has and tenant.yaml does not speak of.
 * Values in, values out: no I/O.
 */
import { UserError } from '../cli/report-error.ts';
import type { BindingAsset, ConnectionAsset, TenantAssets } from '../tenant/assets.ts';
import type { TenantBinding, TenantState } from '../tenant/tenant-state.ts';

/**
 * @param enabledClients the ids of the applications to enable, beside those that are enabled.
 * @throws {UserError} when the connection's name is taken by another strategy.
 */
export function mergeIntoTenant(
  assets: TenantAssets,
  state: TenantState,
  enabledClients: readonly string[],
): TenantAssets {
  return {
    ...assets,
    connections: assets.connections.map((connection) =>
      mergeConnection(connection, state, enabledClients),
    ),
    triggers: { 'post-login': mergeBindings(assets.triggers['post-login'], state.bindings) },
  };
}

/** Ours go first, once; those that are bound already stay where they are, and so do the others. */
function mergeBindings(
  ours: readonly BindingAsset[],
  bound: readonly TenantBinding[],
): readonly BindingAsset[] {
  const existing = bound.map((binding) => ({
    action_name: binding.action.name,
    display_name: binding.display_name,
  }));
  const isBound = (name: string) => existing.some((binding) => binding.action_name === name);
  return [...ours.filter((binding) => !isBound(binding.action_name)), ...existing];
}

/** An update of a connection replaces all of its options, and the whole list of applications. */
function mergeConnection(
  connection: ConnectionAsset,
  { connection: existing, enabledClients: enabledNow }: TenantState,
  enabledClients: readonly string[],
): ConnectionAsset {
  if (existing !== undefined && existing.strategy !== connection.strategy) {
    throw new UserError(
      `The tenant has a connection “${connection.name}” of the strategy ${existing.strategy}, not ${connection.strategy}; nothing was changed. Give the one in tenant.yaml another name.`,
    );
  }
  const merged = { ...connection, options: { ...existing?.options, ...connection.options } };
  // Left out, auth0-deploy-cli touches none.
  if (enabledClients.length === 0) return merged;
  return { ...merged, enabled_clients: [...new Set([...enabledNow, ...enabledClients])] };
}
