/**
 * What importing tenant.yaml as it stands, with auth0-deploy-cli alone, would have destroyed: it
 * replaces where a user expects it to add. Values in, sentences out.
 */
import type { TenantAssets } from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';

export function findWarnings(
  declared: TenantAssets,
  state: TenantState,
  enabledClients: readonly string[],
): readonly string[] {
  return [
    ...warnOfBindings(declared, state),
    ...warnOfOptions(declared, state),
    ...warnOfApplications(state, enabledClients),
  ];
}

function warnOfBindings(declared: TenantAssets, state: TenantState): readonly string[] {
  const ours = declared.triggers['post-login'].map(({ action_name: name }) => name);
  const others = state.bindings.map(({ action }) => action.name);
  const unbound = others.filter((name) => !ours.includes(name));
  if (unbound.length === 0) return [];
  return [`auth0-deploy-cli alone would unbind ${unbound.join(', ')}; here they stay bound.`];
}

function warnOfOptions(declared: TenantAssets, { connection }: TenantState): readonly string[] {
  const ours = Object.keys(declared.connections[0]?.options ?? {});
  const dropped = Object.keys(connection?.options ?? {}).filter((name) => !ours.includes(name));
  if (dropped.length === 0) return [];
  return [
    `auth0-deploy-cli alone would drop the connection's options ${dropped.join(', ')}; here they are kept.`,
  ];
}

function warnOfApplications(
  state: TenantState,
  enabledClients: readonly string[],
): readonly string[] {
  if (enabledClients.length === 0) return [];
  const names = state.enabledClients
    .filter((id) => !enabledClients.includes(id))
    .map((id) => state.clients.find((client) => client.client_id === id)?.name ?? id);
  if (names.length === 0) return [];
  return [
    `auth0-deploy-cli alone would switch the connection off for ${names.join(', ')}; here it stays on.`,
  ];
}
