/**
 * Whether the secrets in the tenant are those that would be deployed. Auth0 never tells a secret,
 * so a deploy that has been verified leaves a mark of them: a keyed hash, in the metadata of the
 * machine-to-machine application, whose own secret is the key.
 */
import { createHmac } from 'node:crypto';
import type { TenantAssets } from '../tenant/assets.ts';
import type { MachineCredentials } from '../tenant/machine-client.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import type { TenantMachineClient } from '../tenant/tenant-state.ts';

const KEY = 'bitbucket_login_secrets';

export function readSecretsMark(client: TenantMachineClient | undefined): string | undefined {
  return client?.client_metadata?.[KEY];
}

export function createSecretsMark(assets: TenantAssets, credentials: MachineCredentials): string {
  const secrets = [
    assets.connections.map(({ options }) => options.client_secret),
    ...assets.actions.map((action) => [
      action.name,
      action.secrets.map(({ name, value }) => [name, value]),
    ]),
  ];
  return createHmac('sha256', credentials.clientSecret)
    .update(JSON.stringify(secrets))
    .digest('base64url');
}

/** Written last: an interrupted deploy leaves the old mark, or none, and is done again. */
export async function writeSecretsMark(
  api: ManagementApi,
  client: TenantMachineClient,
  mark: string,
): Promise<void> {
  await api.patch(`clients/${client.client_id}`, {
    client_metadata: { ...client.client_metadata, [KEY]: mark },
  });
}

/** After a rollback: which secrets are in the tenant is not known. */
export async function clearSecretsMark(
  api: ManagementApi,
  client: TenantMachineClient,
): Promise<void> {
  if (readSecretsMark(client) !== undefined) await writeSecretsMark(api, client, '');
}
