/** Which connection is to be on for which applications. Values in, values out. */
import { type Environment, readApplicationList } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { resolveApplications } from '../tenant/resolve-applications.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { BITBUCKET } from './door.ts';

/**
 * The client ids by the name of the connection. AUTH0_ENABLED_CLIENTS goes to every Bitbucket
 * connection of tenant.yaml that does not have `enabled_clients` of its own.
 * @throws {UserError} for an application that is not there, or a list that is for no connection.
 */
export function chooseApplications(
  { connections }: TenantAssets,
  { clients }: TenantState,
  env: Environment,
): ReadonlyMap<string, readonly string[]> {
  const listed = readApplicationList(env, 'AUTH0_ENABLED_CLIENTS');
  const forAll = resolveApplications(listed, clients);
  const takers = connections.filter(
    ({ strategy, enabled_clients: own }) => strategy === BITBUCKET && own === undefined,
  );
  if (forAll.length > 0 && takers.length === 0) {
    throw new UserError(
      'AUTH0_ENABLED_CLIENTS names applications, and tenant.yaml has no Bitbucket connection without enabled_clients of its own; nothing was changed.',
    );
  }
  return new Map(
    connections.map(({ name, strategy, enabled_clients: own }) => [
      name,
      own === undefined
        ? strategy === BITBUCKET
          ? forAll
          : []
        : resolveApplications(
            own.map((line) => ({ line, parts: [line] })),
            clients,
            `tenant.yaml: the enabled_clients of ${name}`,
          ),
    ]),
  );
}
