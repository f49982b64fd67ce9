/**
 * The machine-to-machine application through which the Actions read upstream tokens. Auth0 makes
 * its id and its secret when it is created, and the Actions' secrets need them: so it is made
 * before the import, which then finds it by its name. Its secret is only ever in memory.
 */
import type { ManagementApi } from './management-api.ts';
import { UserError } from './report-error.ts';
import type { TenantAssets } from './tenant-file.ts';
import type { TenantClient } from './tenant-state.ts';

export interface MachineClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** It did not exist before. */
  readonly isNew: boolean;
}

/** @throws {UserError} when several have its name, or its secret may not be read. */
export async function ensureMachineClient(
  api: ManagementApi,
  assets: TenantAssets,
  clients: readonly TenantClient[],
): Promise<MachineClient> {
  const [declared] = assets.clients;
  if (declared === undefined) throw new UserError('tenant.yaml declares no application');
  const [found, another] = clients.filter((client) => client.name === declared.name);
  if (another !== undefined) {
    throw new UserError(
      `The tenant has several applications named “${declared.name}”; nothing was changed. Rename or remove those that are not this package's.`,
    );
  }
  const client = (
    found === undefined
      ? await api.post('clients', declared)
      : await api.get(
          `clients/${found.client_id}?fields=client_id,client_secret&include_fields=true`,
        )
  ) as { client_id?: unknown; client_secret?: unknown };
  if (typeof client.client_id !== 'string' || typeof client.client_secret !== 'string') {
    throw new UserError(
      `The secret of “${declared.name}” cannot be read: the deployer needs the scope read:client_keys.`,
    );
  }
  return {
    clientId: client.client_id,
    clientSecret: client.client_secret,
    isNew: found === undefined,
  };
}
