/**
 * The machine-to-machine application through which the Actions read upstream tokens. Auth0 makes
 * its id and its secret when it is created, and the Actions' secrets need them: so it is made
 * before the import, which then finds it by its name. Its secret is only ever in memory.
 */
import { UserError } from '../cli/report-error.ts';
import type { ClientAsset, TenantAssets } from './assets.ts';
import type { ManagementApi } from './management-api.ts';
import { listClients, parseApplication, readApplication } from './read-tenant.ts';
import { TenantError } from './tenant-error.ts';
import type { TenantApplication } from './tenant-types.ts';

export interface MachineCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const CREDENTIAL = /##MANAGEMENT_CLIENT_(?:ID|SECRET)##/;
/** The scope that the Actions' own application cannot do without. */
const TOKEN_SCOPE = 'read:user_idp_tokens';

/**
 * The name of the application whose credentials the Actions' secrets are filled with: the one that
 * a grant lets read upstream tokens. `undefined` where no secret asks for it.
 * @throws {UserError} where there is none, or a choice.
 */
export function findMachineName(assets: TenantAssets): string | undefined {
  const isAsked = assets.actions.some(({ secrets }) =>
    secrets.some(({ value }) => CREDENTIAL.test(value)),
  );
  if (!isAsked) return undefined;
  const names = assets.clientGrants
    .filter(({ audience }) => audience.endsWith('/api/v2/'))
    .filter(({ scope }) => scope.includes(TOKEN_SCOPE))
    .map(({ client_id: name }) => name);
  const [name, ...others] = [...new Set(names)];
  if (name !== undefined && others.length === 0) return name;
  throw new UserError(
    `tenant.yaml: ##MANAGEMENT_CLIENT_ID## stands for the one application that clientGrants lets ${TOKEN_SCOPE} of the Management API; ${name === undefined ? 'there is none' : `there are ${names.join(', ')}`}`,
  );
}

/** @throws {UserError} when the secret may not be read. */
export function readMachineCredentials(client: TenantApplication): MachineCredentials {
  const { client_id: clientId, client_secret: clientSecret } = client;
  if (typeof clientSecret !== 'string' || clientSecret === '') {
    throw new UserError(
      `The secret of “${client.name}” cannot be read: the deployer needs the scope read:client_keys.`,
    );
  }
  return { clientId, clientSecret };
}

/**
 * Makes an application. Where it cannot be told whether Auth0 did, the tenant is asked before it is
 * tried again: a second one of the same name would be nobody's.
 */
export async function createClient(
  api: ManagementApi,
  asset: ClientAsset,
): Promise<TenantApplication> {
  for (let tries = 1; ; tries += 1) {
    try {
      const made = await api.ask(
        'POST /api/v2/clients',
        // The schema of tenant.yaml knows the names of the fields; Auth0 judges their values.
        (sdk, options) => sdk.clients.create(asset as never, options),
        { isRepeatable: false },
      );
      // The secret is in this answer; a read may not show it yet.
      return parseApplication(made);
    } catch (error) {
      if (!(error instanceof TenantError)) throw error;
      const isRefused = error.status !== undefined && error.status < 500;
      if (isRefused || tries === 3) throw error;
      const found = (await listClients(api)).find(({ name }) => name === asset.name);
      if (found !== undefined) return readApplication(api, found.client_id);
    }
  }
}
