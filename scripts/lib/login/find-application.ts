/** The application to sign in through: looked up in the tenant, and whether it will do. */
import type { Environment } from '../cli/environment.ts';
import { toHarmless } from '../cli/harmless.ts';
import { UserError } from '../cli/report-error.ts';
import { readLoginApplication } from '../deploy/login-application.ts';
import { assertScopes } from '../tenant/deployer-scopes.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { listClients, readApplication } from '../tenant/read-tenant.ts';
import { resolveApplications } from '../tenant/resolve-applications.ts';
import type { TenantApplication } from '../tenant/tenant-types.ts';
import { type Callback, findCallbacks, SUGGESTED } from './callbacks.ts';

export interface LoginApplication {
  readonly name: string;
  readonly clientId: string;
  /** Those of its callbacks that are on this machine; at least one. */
  readonly callbacks: readonly Callback[];
  readonly hasRefreshTokens: boolean;
}

/** The deployer's, to look it up. */
const SCOPES = ['read:clients'];

/**
 * @param named by name or client id; LOGIN_APPLICATION of `env`, where nothing is said.
 * @throws {UserError} where there is none, or it cannot be signed in through from here.
 */
export async function findApplication(
  api: ManagementApi,
  env: Environment,
  named: string | undefined,
): Promise<LoginApplication> {
  const name = named ?? readLoginApplication(env);
  if (name === undefined) {
    throw new UserError(
      'There is no application to sign in through: set LOGIN_APPLICATION to a name for one, like Bitbucket login test, and npm run deploy makes it; or name one of your own: npm run login -- --application NAME.',
    );
  }
  assertScopes(api.token, SCOPES);
  const source = named === undefined ? 'LOGIN_APPLICATION' : '--application';
  const clients = await listClients(api);
  if (named === undefined && !clients.some((client) => client.name === name)) {
    throw new UserError(`${api.domain} has no application “${name}” yet: npm run deploy makes it.`);
  }
  const [id = ''] = resolveApplications([{ line: name, parts: [name] }], clients, source);
  return parseApplication(await readApplication(api, id));
}

/** @throws {UserError} saying what of it has to be otherwise. */
export function parseApplication(client: TenantApplication): LoginApplication {
  const { name, client_id: clientId, token_endpoint_auth_method: method } = client;
  const grants = readTexts(client.grant_types);
  const callbacks = findCallbacks(readTexts(client.callbacks));
  const faults = [
    ...(method === 'none'
      ? []
      : [
          'it has a secret, and none is sent from here: it has to be public (a native or single-page application, authentication method none)',
        ]),
    ...(grants.includes('authorization_code')
      ? []
      : ['its grant types lack authorization_code (Advanced Settings → Grant Types)']),
    ...(callbacks.length > 0
      ? []
      : [`none of its Allowed Callback URLs is on this machine, with a port: add ${SUGGESTED}`]),
  ];
  if (faults.length === 0) {
    return { name, clientId, callbacks, hasRefreshTokens: grants.includes('refresh_token') };
  }
  throw new UserError(
    [
      `“${toHarmless(name)}” cannot be signed in through from here; nothing was done.`,
      ...faults.map((fault) => `  - ${fault}`),
    ].join('\n'),
  );
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
