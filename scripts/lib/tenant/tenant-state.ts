/** What is in the tenant of what tenant.yaml declares. */
import { toHarmless } from '../cli/harmless.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from './assets.ts';
import { findMachineName } from './machine-client.ts';
import type { ManagementApi } from './management-api.ts';
import {
  listActions,
  listBindings,
  listClients,
  listConnections,
  listEnabledClients,
  listGrants,
  readAction,
  readApplication,
} from './read-tenant.ts';
import type {
  TenantAction,
  TenantApplication,
  TenantBinding,
  TenantClient,
  TenantConnection,
  TenantGrant,
} from './tenant-types.ts';

/** A connection, and the client ids of the applications that it is on for. */
export interface ConnectionState {
  readonly connection: TenantConnection;
  readonly enabledClients: readonly string[];
}

export interface TenantState {
  /** All of the tenant's applications. */
  readonly clients: readonly TenantClient[];
  /** Those of tenant.yaml's names, whole. */
  readonly applications: readonly TenantApplication[];
  /** The one of them whose credentials the Actions have. */
  readonly machineClient: TenantApplication | undefined;
  /** Those of `applications`, acting for themselves. */
  readonly grants: readonly TenantGrant[];
  /** The connections of tenant.yaml's names, whatever their strategy. */
  readonly connections: readonly ConnectionState[];
  /** All of the tenant's Actions, without what is deployed. */
  readonly allActions: readonly Pick<TenantAction, 'id' | 'name'>[];
  /** The Actions of tenant.yaml's names, whole. */
  readonly actions: readonly TenantAction[];
  /** The login flow, in its order. */
  readonly bindings: readonly TenantBinding[];
}

/** @throws {UserError} when a call is refused, or a name of ours is there twice. */
export async function readTenantState(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<TenantState> {
  const [clients, connections, allActions, bindings] = await Promise.all([
    listClients(api),
    Promise.all(assets.connections.map(({ name }) => readConnection(api, name))),
    listActions(api),
    listBindings(api),
  ]);
  const names = assets.actions.map(({ name }) => name);
  const actions = allActions.filter(({ name }) => names.includes(name));
  const applications = await readApplications(api, assets, clients);
  const machineName = findMachineName(assets);
  const grants = await Promise.all(
    applications.map(({ client_id: clientId }) => listGrants(api, clientId)),
  );
  return {
    clients,
    applications,
    machineClient: applications.find(({ name }) => name === machineName),
    grants: grants.flat(),
    connections: connections.filter((connection) => connection !== undefined),
    allActions: allActions.map(({ id, name }) => ({ id, name })),
    actions: await Promise.all(actions.map(({ id }) => readAction(api, id))),
    bindings,
  };
}

/** Every Bitbucket connection, whether tenant.yaml knows it or not: the Actions stand before all. */
export async function readBitbucketConnections(
  api: ManagementApi,
): Promise<readonly ConnectionState[]> {
  const connections = await listConnections(api, { strategy: ['bitbucket'] });
  return Promise.all(
    connections.map(async (connection) => ({
      connection,
      enabledClients: await listEnabledClients(api, connection.id),
    })),
  );
}

/** The name of an application, for people, on one line; its id where it has none. */
export function nameOfClient({ clients }: Pick<TenantState, 'clients'>, id: string): string {
  return toHarmless(clients.find((client) => client.client_id === id)?.name ?? id);
}

async function readApplications(
  api: ManagementApi,
  assets: TenantAssets,
  clients: readonly TenantClient[],
): Promise<readonly TenantApplication[]> {
  const found = assets.clients.map(({ name }) => {
    const [one, another] = clients.filter((client) => client.name === name);
    if (another === undefined) return one;
    throw new UserError(
      `The tenant has several applications named “${name}”. Rename or remove those that are not this package's.`,
    );
  });
  return Promise.all(
    found
      .filter((client) => client !== undefined)
      .map(({ client_id: id }) => readApplication(api, id)),
  );
}

async function readConnection(
  api: ManagementApi,
  name: string,
): Promise<ConnectionState | undefined> {
  const found = await listConnections(api, { name });
  const connection = found.find((candidate) => candidate.name === name);
  if (connection === undefined) return undefined;
  return { connection, enabledClients: await listEnabledClients(api, connection.id) };
}
