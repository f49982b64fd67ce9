/** Tenants as the scripts read them, for tests of what is decided over them. Values only. */
import type { TenantState } from '#scripts/lib/tenant/tenant-state.ts';
import type {
  TenantAction,
  TenantConnection,
  TenantVersion,
} from '#scripts/lib/tenant/tenant-types.ts';

export const EMPTY_TENANT: TenantState = {
  ...{ clients: [], applications: [], grants: [], connections: [] },
  ...{ allActions: [], actions: [], bindings: [], machineClient: undefined },
};

export function withConnection(
  connection: Partial<TenantConnection>,
  enabledClients: readonly string[] = [],
): TenantState {
  const id = 'con_1';
  const whole = { id, name: 'bitbucket', strategy: 'bitbucket', options: {}, ...connection };
  return { ...EMPTY_TENANT, connections: [{ connection: whole, enabledClients }] };
}

export function withBindings(...names: readonly string[]): TenantState {
  const bindings = names.map((name) => ({ display_name: name, action: { id: name, name } }));
  return { ...EMPTY_TENANT, bindings };
}

export function deployedAction(name: string, version: Partial<TenantVersion> = {}): TenantAction {
  const deployed = { id: `${name} 1`, number: 1, code: '', runtime: 'node22', secrets: [] };
  return { id: name, name, deployed_version: { ...deployed, ...version } };
}
