/** What is in the tenant of what this package deploys, read through the Management API. */
import type { ManagementApi } from './management-api.ts';
import { UserError } from './report-error.ts';
import type { TenantAssets } from './tenant-file.ts';

export interface TenantClient {
  readonly client_id: string;
  readonly name: string;
}
export interface TenantConnection {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  readonly options?: Readonly<Record<string, unknown>>;
}
export interface TenantBinding {
  readonly display_name: string;
  readonly action: { readonly id: string; readonly name: string };
}
export interface TenantAction {
  readonly id: string;
  readonly name: string;
  readonly all_changes_deployed?: boolean;
  readonly deployed_version?: {
    readonly code?: string;
    readonly runtime?: string;
    readonly secrets?: readonly { readonly name: string }[];
  };
}
export interface TenantGrant {
  readonly client_id: string;
  readonly audience: string;
  readonly scope: readonly string[];
}

export interface TenantState {
  readonly clients: readonly TenantClient[];
  /** The connection of tenant.yaml's name, whatever its strategy. */
  readonly connection: TenantConnection | undefined;
  /** The ids of the applications that the connection is enabled for. */
  readonly enabledClients: readonly string[];
  /** The login flow, in its order. */
  readonly bindings: readonly TenantBinding[];
}

/** @throws {UserError} when a call is refused. */
export async function readTenantState(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<TenantState> {
  const [clients, connection, bindings] = await Promise.all([
    api.list('clients?fields=client_id,name&include_fields=true&is_global=false', 'clients'),
    findConnection(api, assets.connections[0]?.name ?? ''),
    api.list('actions/triggers/post-login/bindings', 'bindings'),
  ]);
  return {
    clients: clients as readonly TenantClient[],
    connection,
    enabledClients: connection === undefined ? [] : await listEnabledClients(api, connection.id),
    bindings: bindings as readonly TenantBinding[],
  };
}

export async function findConnection(
  api: ManagementApi,
  name: string,
): Promise<TenantConnection | undefined> {
  const found = await api.list(`connections?name=${encodeURIComponent(name)}`, 'connections');
  return (found as readonly TenantConnection[]).find((connection) => connection.name === name);
}

/** This list pages by a checkpoint: `next` goes back as `from`. */
export async function listEnabledClients(
  api: ManagementApi,
  connectionId: string,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let from = '';
  do {
    const query = from === '' ? '' : `&from=${encodeURIComponent(from)}`;
    const page = (await api.get(`connections/${connectionId}/clients?take=100${query}`)) as {
      clients?: readonly { client_id: string }[];
      next?: string;
    };
    ids.push(...(page.clients ?? []).map((client) => client.client_id));
    from = page.next ?? '';
  } while (from !== '');
  return ids;
}

/**
 * The id of each application.
 * @throws {UserError} for a name that no application has, or that several have.
 */
export function resolveClientNames(
  names: readonly string[],
  clients: readonly TenantClient[],
): readonly string[] {
  return names.map((name) => {
    const [found, another] = clients.filter((client) => client.name === name);
    if (found === undefined) {
      throw new UserError(
        `AUTH0_ENABLED_CLIENTS names “${name}”, and the tenant has no such application; nothing was changed.`,
      );
    }
    if (another !== undefined) {
      throw new UserError(
        `The tenant has several applications named “${name}”; nothing was changed. Give each a name of its own.`,
      );
    }
    return found.client_id;
  });
}
