/** The tenant: the deployer's scopes, what is deployed, and whether the Actions can do their work. */
import type { Deployer, Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { ResourceChange } from '../deploy/plan.ts';
import { prepare } from '../deploy/prepare.ts';
import { DEPLOYER_SCOPES, readScopes } from '../tenant/deployer-scopes.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import type { ConnectionState, TenantState } from '../tenant/tenant-state.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const MACHINE_SCOPES = ['read:users', 'read:user_idp_tokens'];

export async function checkTenant(env: Environment): Promise<readonly Finding[]> {
  try {
    const { api, deployer, state, changes } = await prepare(env);
    return [
      ok('Tenant', `${deployer.domain} lets the deployer in`),
      checkDeployer(api),
      ...changes.map(checkResource),
      ...state.connections.flatMap(checkConnection),
      await checkMachineClient(deployer, state),
    ];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [first = '', ...rest] = error.message.split('\n');
    return [problem('Tenant', first, rest.join(' ').trim() || 'See .env.example for each name.')];
  }
}

function checkDeployer(api: ManagementApi): Finding {
  const granted = readScopes(api.token);
  if (granted === undefined) {
    return warning(
      'Deployer',
      'its token does not tell its scopes',
      'Deploy, and see whether one is missing.',
    );
  }
  const missing = DEPLOYER_SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return ok('Deployer', 'it has every scope that a deploy needs');
  return problem(
    'Deployer',
    `it lacks ${missing.join(', ')}`,
    'Add them: Applications → the deployer → APIs → Auth0 Management API.',
  );
}

function checkResource({ resource, change, fields }: ResourceChange): Finding {
  switch (change) {
    case 'none':
      return ok(resource, 'as it should be');
    case 'create':
      return warning(resource, 'it is not there yet', 'npm run deploy');
    case 'update':
      return warning(
        resource,
        `it differs: ${fields.map(({ field }) => field).join(', ')}`,
        'npm run plan shows how; npm run deploy puts it right.',
      );
  }
}

function checkConnection({ connection, enabledClients }: ConnectionState): readonly Finding[] {
  const check = `Connection ${connection.name}`;
  const vault = connection.connected_accounts as { readonly active?: unknown } | undefined;
  return [
    enabledClients.length === 0
      ? warning(
          check,
          'it is on for no application',
          'Name some in AUTH0_ENABLED_CLIENTS and deploy.',
        )
      : ok(check, `it is on for ${enabledClients.length} application(s)`),
    ...(vault?.active === true
      ? [
          problem(
            check,
            'Token Vault (Connected Accounts) is on: it hides the Bitbucket token from the Actions',
            'Switch it off for this connection.',
          ),
        ]
      : []),
  ];
}

/** Asks for a token as the Actions do. */
async function checkMachineClient(
  deployer: Deployer,
  { machineClient }: TenantState,
): Promise<Finding> {
  const check = 'Reading upstream tokens';
  if (machineClient?.client_secret === undefined) {
    return warning(check, 'the machine-to-machine application is not there yet', 'npm run deploy');
  }
  const { client_id: clientId, client_secret: secret, name } = machineClient;
  const api = await connectToTenant({
    domain: deployer.domain,
    clientId,
    credential: { kind: 'secret', secret },
  }).catch(() => undefined);
  const granted = (api && readScopes(api.token)) ?? [];
  const missing = MACHINE_SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return ok(check, `${name} may: it has ${MACHINE_SCOPES.join(' and ')}`);
  return problem(check, `${name} lacks ${missing.join(' and ')}`, 'npm run deploy');
}
