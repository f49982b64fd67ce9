/**
 * Whether the secrets in the tenant are those that would be deployed. Auth0 never tells a secret,
 * so a deploy that has been verified leaves a mark of them: a keyed hash, in the metadata of the
 * machine-to-machine application, whose own secret is the key.
 */
import { createHmac } from 'node:crypto';
import type { TenantAssets } from '../tenant/assets.ts';
import type { MachineCredentials } from '../tenant/machine-client.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import type { TenantAction, TenantApplication } from '../tenant/tenant-types.ts';

const KEY = 'bitbucket_login_secrets';

export function readSecretsMark(client: TenantApplication | undefined): string | undefined {
  return client?.client_metadata?.[KEY];
}

/**
 * @param deployed the tenant's Actions: a version that somebody else deployed may have other values
 *   behind the same names, so it is the versions too that a mark vouches for.
 */
export function createSecretsMark(
  assets: TenantAssets,
  credentials: MachineCredentials,
  deployed: readonly TenantAction[],
): string {
  const versionOf = (name: string) =>
    deployed.find((action) => action.name === name)?.deployed_version?.id ?? '';
  const secrets = [
    assets.connections.map(({ options }) => options.client_secret),
    ...assets.actions.map((action) => [
      action.name,
      versionOf(action.name),
      action.secrets.map(({ name, value }) => [name, value]),
    ]),
  ];
  return createHmac('sha256', credentials.clientSecret)
    .update(JSON.stringify(secrets))
    .digest('base64url');
}

/**
 * Written last: an interrupted deploy leaves the old mark, or none, and is done again. Metadata is
 * merged by Auth0, so what others keep there stays.
 */
export async function writeSecretsMark(
  api: ManagementApi,
  client: TenantApplication,
  mark: string,
): Promise<void> {
  await api.ask('PATCH /api/v2/clients/{id}', (sdk, options) =>
    sdk.clients.update(client.client_id, { client_metadata: { [KEY]: mark } }, options),
  );
}

/** Before a write that can end in the middle: which secrets are in the tenant is not known. */
export async function clearSecretsMark(
  api: ManagementApi,
  client: TenantApplication,
): Promise<void> {
  if (readSecretsMark(client)) await writeSecretsMark(api, client, '');
}
