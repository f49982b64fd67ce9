/**
 * What somebody should know before a deploy: what importing tenant.yaml as it stands, with
 * auth0-deploy-cli alone, would have destroyed, and where people get in unchecked. Values in,
 * sentences out.
 */
import type { TenantAssets } from '../tenant/assets.ts';
import { type ConnectionState, nameOfClient, type TenantState } from '../tenant/tenant-state.ts';
import { BITBUCKET, enumerate, findGate, listUsers } from './door.ts';

export function findWarnings(
  declared: TenantAssets,
  ours: readonly string[],
  state: TenantState,
  applications: ReadonlyMap<string, readonly string[]>,
  undeclared: readonly string[],
): readonly string[] {
  return [
    ...warnOfBindings(declared, state),
    ...state.connections.flatMap((existing) => [
      ...warnOfOptions(declared, existing),
      ...warnOfApplications(state, existing, applications),
      ...warnOfOpenDoor(ours, state, existing),
    ]),
    ...warnOfUnbound(declared, ours),
    // One of them alone is somebody's choice; then the policy above says more than is checked.
    ...(ours.length === 0 ? [] : undeclared.map(warnOfUndeclared)),
  ];
}

function warnOfBindings(declared: TenantAssets, state: TenantState): readonly string[] {
  const ours = declared.triggers['post-login'].map(({ action_name: name }) => name);
  const others = state.bindings.map(({ action }) => action.name);
  const unbound = others.filter((name) => !ours.includes(name));
  if (unbound.length === 0) return [];
  return [`auth0-deploy-cli alone would unbind ${unbound.join(', ')}; here they stay bound.`];
}

function warnOfOptions(declared: TenantAssets, { connection }: ConnectionState): readonly string[] {
  const asset = declared.connections.find(({ name }) => name === connection.name);
  const ours = Object.keys(asset?.options ?? {});
  // Auth0 makes the scope itself, whatever is written.
  const dropped = Object.keys(connection.options ?? {})
    .filter((name) => !ours.includes(name))
    .filter((name) => connection.strategy !== BITBUCKET || name !== 'scope');
  if (dropped.length === 0) return [];
  return [
    `auth0-deploy-cli alone would drop the options ${dropped.join(', ')} of the connection ${connection.name}; here they are kept.`,
  ];
}

function warnOfApplications(
  state: TenantState,
  { connection, enabledClients }: ConnectionState,
  applications: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const wanted = applications.get(connection.name) ?? [];
  const others = enabledClients.filter((id) => !wanted.includes(id));
  if (wanted.length === 0 || others.length === 0) return [];
  const names = others.map((id) => nameOfClient(state, id));
  return [
    `auth0-deploy-cli alone would switch the connection ${connection.name} off for ${enumerate(names)}; here it stays on.`,
  ];
}

function warnOfOpenDoor(
  ours: readonly string[],
  state: TenantState,
  existing: ConnectionState,
): readonly string[] {
  const names = listUsers(state, existing);
  if (existing.connection.strategy !== BITBUCKET || names.length === 0) return [];
  if (findGate(ours, state).length > 0) return [];
  return [
    `The connection ${existing.connection.name} is on for ${enumerate(names)}, and no Action of this package stands before it now: people get in unchecked.`,
  ];
}

function warnOfUnbound(declared: TenantAssets, ours: readonly string[]): readonly string[] {
  const bound = declared.triggers['post-login'].map(({ action_name: name }) => name);
  const unbound = ours.filter((name) => !bound.includes(name));
  return unbound.map(
    (name) => `tenant.yaml deploys ${name} and binds it to nothing: it checks nobody.`,
  );
}

function warnOfUndeclared(name: string): string {
  return `tenant.yaml has no Action of dist/${name}.cjs: what that one checks of the policy above, nothing checks.`;
}
