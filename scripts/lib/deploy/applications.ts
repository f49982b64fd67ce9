/** Which connection is to be on for which applications. Values in, values out. */
import { type Environment, readApplicationList } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { resolveApplications } from '../tenant/resolve-applications.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { BITBUCKET } from './door.ts';
import { readLoginApplication } from './login-application.ts';

/** Client ids by the name of the connection; of an application that is to be made, its name. */
export type Applications = ReadonlyMap<string, readonly string[]>;

/**
 * AUTH0_ENABLED_CLIENTS goes to every Bitbucket connection of tenant.yaml that does not have
 * `enabled_clients` of its own, and so does the application of `npm run login`.
 * @param assets filled in.
 * @throws {UserError} for an application that is not there, or a list that is for no connection.
 */
export function chooseApplications(
  { connections, clients: declared }: TenantAssets,
  { clients: existing }: TenantState,
  env: Environment,
): Applications {
  const isThere = (name: string) => existing.some((client) => client.name === name);
  const toBeMade = declared
    .filter(({ name }) => !isThere(name))
    .map(({ name }) => ({ client_id: name, name }));
  const clients = [...existing, ...toBeMade];
  const listed = readApplicationList(env, 'AUTH0_ENABLED_CLIENTS');
  const forAll = resolveApplications(listed, clients);
  const login = readLoginApplication(env);
  const forLogin = clients.filter(({ name }) => name === login).map(({ client_id: id }) => id);
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
          ? [...new Set([...forAll, ...forLogin])]
          : []
        : resolveApplications(
            own.map((line) => ({ line, parts: [line] })),
            clients,
            `tenant.yaml: the enabled_clients of ${name}`,
          ),
    ]),
  );
}

/** The same with the ids of those that have been made since. */
export function withIds(
  applications: Applications,
  { applications: made }: Pick<TenantState, 'applications'>,
): Applications {
  const idOf = (id: string) => made.find(({ name }) => name === id)?.client_id ?? id;
  return new Map([...applications].map(([connection, ids]) => [connection, ids.map(idOf)]));
}
