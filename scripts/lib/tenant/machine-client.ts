/**
 * The machine-to-machine application through which the Actions read upstream tokens. Auth0 makes
 * its id and its secret when it is created, and the Actions' secrets need them: so it is made
 * before the import, which then finds it by its name. Its secret is only ever in memory.
 */

import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from './assets.ts';
import type { ManagementApi } from './management-api.ts';
import type { TenantMachineClient } from './tenant-state.ts';

export interface MachineCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** @throws {UserError} when the secret may not be read. */
export function readMachineCredentials(client: TenantMachineClient): MachineCredentials {
  const { client_id: clientId, client_secret: clientSecret } = client;
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string') {
    throw new UserError(
      `The secret of “${client.name}” cannot be read: the deployer needs the scope read:client_keys.`,
    );
  }
  return { clientId, clientSecret };
}

export async function createMachineClient(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<TenantMachineClient> {
  const [declared] = assets.clients;
  if (declared === undefined) throw new UserError('tenant.yaml declares no application');
  return (await api.post('clients', declared)) as TenantMachineClient;
}
