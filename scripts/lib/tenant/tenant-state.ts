/** What is in the tenant of what this package deploys, read through the Management API. */

import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from './assets.ts';
import type { ManagementApi } from './management-api.ts';

export interface TenantClient {
  readonly client_id: string;
  readonly name: string;
}
/** The machine-to-machine application, whole. */
export interface TenantMachineClient extends TenantClient {
  readonly client_secret?: string;
  readonly client_metadata?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}
export interface TenantConnection {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}
export interface TenantBinding {
  readonly display_name: string;
  readonly action: { readonly id: string; readonly name: string };
}
export interface TenantVersion {
  readonly id: string;
  readonly number: number;
  readonly code?: string;
  readonly runtime?: string;
  readonly dependencies?: readonly unknown[];
  readonly secrets?: readonly { readonly name: string }[];
  readonly created_at?: string;
}
export interface TenantAction {
  readonly id: string;
  readonly name: string;
  readonly supported_triggers?: readonly { readonly id: string; readonly version: string }[];
  /** False where a draft was saved after the last deploy. */
  readonly all_changes_deployed?: boolean;
  readonly deployed_version?: TenantVersion;
}
export interface TenantGrant {
  readonly client_id: string;
  readonly audience: string;
  readonly scope: readonly string[];
}

export interface TenantState {
  readonly clients: readonly TenantClient[];
  readonly machineClient: TenantMachineClient | undefined;
  /** Those of the machine-to-machine application. */
  readonly grants: readonly TenantGrant[];
  /** The connection of tenant.yaml's name, whatever its strategy. */
  readonly connection: TenantConnection | undefined;
  /** The ids of the applications that the connection is enabled for. */
  readonly enabledClients: readonly string[];
  /** The Actions of tenant.yaml's names. */
  readonly actions: readonly TenantAction[];
  /** The login flow, in its order. */
  readonly bindings: readonly TenantBinding[];
}

/** @throws {UserError} when a call is refused, or a name of ours is there twice. */
export async function readTenantState(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<TenantState> {
  const [clients, connection, actions, bindings] = await Promise.all([
    listClients(api),
    readConnection(api, assets.connections[0]?.name ?? ''),
    Promise.all(assets.actions.map(({ name }) => findAction(api, name))),
    api.list<TenantBinding>('actions/triggers/post-login/bindings', 'bindings'),
  ]);
  const machineClient = await findMachineClient(api, assets, clients);
  return {
    clients,
    machineClient,
    grants: await listGrants(api, machineClient),
    ...connection,
    actions: actions.filter((action) => action !== undefined),
    bindings,
  };
}

/** `undefined` when there is no Action of that name. */
export async function findAction(
  api: ManagementApi,
  name: string,
): Promise<TenantAction | undefined> {
  const query = `actions/actions?actionName=${encodeURIComponent(name)}`;
  const listed = (await api.list<TenantAction>(query, 'actions')).find(
    (action) => action.name === name,
  );
  if (listed === undefined) return undefined;
  return (await api.get(`actions/actions/${listed.id}`)) as TenantAction;
}

/**
 * The machine-to-machine application of tenant.yaml, whole; `undefined` when it is not there.
 * @throws {UserError} when several have its name.
 */
export async function readMachineClient(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<TenantMachineClient | undefined> {
  return findMachineClient(api, assets, await listClients(api));
}

function listClients(api: ManagementApi): Promise<readonly TenantClient[]> {
  const query = 'fields=client_id,name&include_fields=true&is_global=false';
  return api.list<TenantClient>(`clients?${query}`, 'clients');
}

async function findMachineClient(
  api: ManagementApi,
  assets: TenantAssets,
  clients: readonly TenantClient[],
): Promise<TenantMachineClient | undefined> {
  const name = assets.clients[0]?.name;
  const [found, another] = clients.filter((client) => client.name === name);
  if (found === undefined) return undefined;
  if (another !== undefined) {
    throw new UserError(
      `The tenant has several applications named “${name}”; nothing was changed. Rename or remove those that are not this package's.`,
    );
  }
  return (await api.get(`clients/${found.client_id}`)) as TenantMachineClient;
}

function listGrants(
  api: ManagementApi,
  client: TenantMachineClient | undefined,
): Promise<readonly TenantGrant[]> | readonly TenantGrant[] {
  if (client === undefined) return [];
  return api.list<TenantGrant>(`client-grants?client_id=${client.client_id}`, 'client_grants');
}

async function readConnection(
  api: ManagementApi,
  name: string,
): Promise<Pick<TenantState, 'connection' | 'enabledClients'>> {
  const found = await api.list<TenantConnection>(
    `connections?name=${encodeURIComponent(name)}`,
    'connections',
  );
  const connection = found.find((candidate) => candidate.name === name);
  if (connection === undefined) return { connection, enabledClients: [] };
  return { connection, enabledClients: await listEnabledClients(api, connection.id) };
}

/** This list pages by a checkpoint: `next` goes back as `from`. */
async function listEnabledClients(
  api: ManagementApi,
  connectionId: string,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let from = '';
  do {
    const query = from === '' ? '' : `&from=${encodeURIComponent(from)}`;
    const page = (await api.get(`connections/${connectionId}/clients?take=50${query}`)) as {
      clients?: readonly { client_id: string }[];
      next?: string;
    };
    ids.push(...(page.clients ?? []).map((client) => client.client_id));
    from = page.next ?? '';
  } while (from !== '');
  return ids;
}
