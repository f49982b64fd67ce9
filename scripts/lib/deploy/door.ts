/**
 * Whether somebody gets in through a connection, and whether this package's Actions stand before it.
 * Values in, sentences out.
 */
import type { TenantAssets } from '../tenant/assets.ts';
import { type ConnectionState, nameOfClient, type TenantState } from '../tenant/tenant-state.ts';

/** The strategy whose logins the Actions look at. */
export const BITBUCKET = 'bitbucket' as const;
const MOST_NAMES = 5;
export const THIRD_PARTIES = 'every third-party application (it is promoted to domain level)';

/**
 * Of the Actions named `ours`, those that run at a login: bound, and deployed. By id: an Action of
 * the marketplace may have any name.
 */
export function findGate(
  ours: readonly string[],
  { actions, bindings }: Pick<TenantState, 'actions' | 'bindings'>,
): readonly string[] {
  const bound = bindings.map(({ action }) => action.id);
  return ours.filter((name) =>
    actions.some(
      (action) =>
        action.name === name && action.deployed_version !== undefined && bound.includes(action.id),
    ),
  );
}

/**
 * Promoted to domain level, a connection is open to every third-party application, whatever it is
 * on for (https://auth0.com/docs/authenticate/identity-providers/promote-connections-to-domain-level).
 */
export function isForThirdParties(connection: Readonly<Record<string, unknown>>): boolean {
  return connection.is_domain_connection === true;
}

/** Whom a connection lets in, for people. */
export function listUsers(
  state: Pick<TenantState, 'clients'>,
  { connection, enabledClients }: ConnectionState,
): readonly string[] {
  return [
    ...(isForThirdParties(connection) ? [THIRD_PARTIES] : []),
    ...enabledClients.map((id) => nameOfClient(state, id)),
  ];
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
      const names = listUsers(state, found);
      if (names.length === 0) return `The connection ${name} is on for nobody.`;
      return `The connection ${name} is on for ${enumerate(names)}, ${before}.`;
    });
}

export function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
