/**
 * Whether somebody gets in through a connection, and whether this package's Actions stand before it.
 * Values in, sentences out.
 */
import type { TenantAssets } from '../tenant/assets.ts';
import { nameOfClient, type TenantState } from '../tenant/tenant-state.ts';

/** The strategy whose logins the Actions look at. */
export const BITBUCKET = 'bitbucket' as const;
const MOST_NAMES = 5;

/** Of the Actions named `ours`, those that run at a login: bound, and deployed. */
export function findGate(ours: readonly string[], state: TenantState): readonly string[] {
  const bound = state.bindings.map(({ action }) => action.name);
  return ours.filter(
    (name) =>
      bound.includes(name) &&
      state.actions.some((action) => action.name === name && action.deployed_version !== undefined),
  );
}

/** A sentence for each Bitbucket connection of tenant.yaml. */
export function describeDoors(
  assets: TenantAssets,
  ours: readonly string[],
  state: TenantState,
): readonly string[] {
  const gate = findGate(ours, state);
  const before =
    gate.length === 0
      ? 'and NO Action of this package stands before it: they get in unchecked'
      : `and ${gate.join(' and ')} ${gate.length === 1 ? 'stands' : 'stand'} before it`;
  return assets.connections
    .filter(({ strategy }) => strategy === BITBUCKET)
    .map(({ name }) => {
      const found = state.connections.find(({ connection }) => connection.name === name);
      if (found === undefined) return `There is no connection ${name}: nobody gets in through it.`;
      const { enabledClients } = found;
      if (enabledClients.length === 0) return `The connection ${name} is on for nobody.`;
      const names = enabledClients.map((id) => nameOfClient(state, id));
      return `The connection ${name} is on for ${enumerate(names)}, ${before}.`;
    });
}

export function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
