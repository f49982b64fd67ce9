/**
 * Somebody else may deploy, or click in the dashboard, while we think: a list that is replaced has
 * to be the one that was read. Values in; a sentence is thrown.
 */
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../cli/report-error.ts';
import type { ConnectionState, TenantState } from '../tenant/tenant-state.ts';

type Flow = Pick<TenantState, 'bindings'>;

/** @throws {UserError} where anything that the plan stands on is not as it was. */
export function assertUnchanged(planned: TenantState, now: TenantState): void {
  const essence = (state: TenantState) => ({
    connections: state.connections.map(withoutOrder),
    applications: state.applications.map(({ client_id: id }) => id),
    grants: state.grants,
    actions: versionsOf(state),
    flow: flowOf(state),
  });
  if (isDeepStrictEqual(essence(planned), essence(now))) return;
  throw new UserError(
    'The tenant changed after the plan was made: somebody else is deploying to it, or changing it in the dashboard. Nothing of ours was imported. Run it again.',
  );
}

/** Before the login flow is replaced. @throws {UserError} */
export function assertSameFlow(before: Flow, now: Flow): void {
  if (isDeepStrictEqual(flowOf(before), flowOf(now))) return;
  throw new UserError(
    'Somebody else changed the login flow during this deploy; it was left as it is. Run it again.',
  );
}

/**
 * Before a connection is switched on: the same code may have been deployed again with other secrets,
 * which cannot be read back. @throws {UserError}
 */
export function assertSameVersions(before: TenantState, now: TenantState): void {
  if (isDeepStrictEqual(versionsOf(before), versionsOf(now))) return;
  throw new UserError(
    'Somebody else deployed an Action of ours during this deploy, and with which policy cannot be read. Nothing was switched on. Run it again.',
  );
}

/** Before options are replaced. @throws {UserError} */
export function assertSameConnections(before: TenantState, now: TenantState): void {
  if (isDeepStrictEqual(connectionsOf(before), connectionsOf(now))) return;
  throw new UserError(
    'Somebody else changed the connection during this deploy; it was left as it is. Run it again.',
  );
}

/**
 * Without the applications: they are added one by one, never replaced, and a tenant can be set to
 * switch its connections on for an application that was just made, as ours may have been.
 */
function connectionsOf({ connections }: TenantState): readonly object[] {
  return connections.map(({ connection: { enabled_clients: _, ...connection } }) => connection);
}

/** Which version of each Action runs. */
function versionsOf({ actions }: TenantState): readonly object[] {
  return actions.map(({ id, deployed_version: version }) => ({ id, version: version?.id }));
}

/** Auth0 lists the applications of a connection in whatever order. */
function withoutOrder({ connection, enabledClients }: ConnectionState): object {
  const { enabled_clients: _, ...shown } = connection;
  return { connection: shown, enabledClients: [...enabledClients].sort() };
}

/** Auth0 gives bindings new ids at each write; they are the same all the same. */
function flowOf({ bindings }: Flow): readonly object[] {
  return bindings.map(({ action, display_name }) => ({ id: action.id, display_name }));
}
