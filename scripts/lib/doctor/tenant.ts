/**
 * The tenant: the deployer's scopes, the gate, the connections, the policies of applications, and
 * whether the Actions can do their work. A read that is refused is told, and the rest goes on.
 */
import { describeCustomDomain } from '../cli/domain.ts';
import { type Deployer, type Environment, readDeployer } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import { readCode } from '../deploy/code.ts';
import { BITBUCKET, isForThirdParties } from '../deploy/door.ts';
import { findOurActions } from '../deploy/our-actions.ts';
import { readTenantFile } from '../deploy/tenant-file.ts';
import { DEPLOYER_SCOPES, readScopes } from '../tenant/deployer-scopes.ts';
import { findMachineName } from '../tenant/machine-client.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import {
  listActions,
  listBindings,
  listClientMetadata,
  listClients,
  listConnections,
  listEnabledClients,
  readAction,
  readApplication,
} from '../tenant/read-tenant.ts';
import { checkApplicationPolicies } from './application-policies.ts';
import { checkConnection } from './connections.ts';
import { checkDrift } from './drift.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { checkGate } from './gate.ts';
import { checkMachineClient } from './machine-client.ts';

/** @param isPolicyReadable what depends on it is not looked at otherwise. */
export async function checkTenant(
  env: Environment,
  isPolicyReadable: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const attempts = createAttempts(findings);
  const { attempt } = attempts;
  const deployer = await attempt('Tenant', async () => readDeployer(env));
  if (deployer === undefined) return findings;
  const api = await attempt('Tenant', () => connectToTenant(deployer));
  if (api === undefined) {
    const custom = describeCustomDomain(deployer.domain);
    const unusual =
      custom === undefined ? [] : [warning('Tenant', 'its domain is unusual', custom)];
    return [...findings, ...unusual];
  }
  const deployerScopes = checkDeployer(api);
  findings.push(ok('Tenant', `${deployer.domain} lets the deployer in`), deployerScopes);
  await showStep(`Looking at the tenant ${deployer.domain}`, () =>
    examine({ api, deployer, env, isPolicyReadable }, attempt, findings),
  );
  // A plan is made of everything or not at all.
  const canPlan =
    isPolicyReadable && attempts.countRefused() === 0 && deployerScopes.level !== 'problem';
  const drift = canPlan
    ? await checkDrift(env)
    : [warning('Plan', 'it was not made', 'First, what is said above.')];
  return [...findings, ...drift];
}

interface Subject {
  readonly api: ManagementApi;
  readonly deployer: Deployer;
  readonly env: Environment;
  readonly isPolicyReadable: boolean;
}

async function examine(
  { api, deployer, env, isPolicyReadable }: Subject,
  attempt: Attempt,
  findings: Finding[],
): Promise<void> {
  const declared = await attempt('tenant.yaml', readTenantFile);
  const ours = declared && (await findOurActions(declared));
  const code = declared && (await attempt('dist/', () => readCode(declared)));
  const connections = await attempt('Connections', () => readDoors(api));
  const enabled = connections?.flatMap(({ enabledClients }) => enabledClients);
  // Those of others count as one: how many there are is not asked.
  const others = connections?.some(({ connection }) => isForThirdParties(connection)) ? 1 : 0;
  const openFor = enabled === undefined ? undefined : new Set(enabled).size + others;
  findings.push(...(connections ?? []).flatMap(checkConnection));

  const names = ours?.map(({ name }) => name) ?? [];
  const flow = await attempt('Login flow', async () => ({
    bindings: await listBindings(api),
    actions: await Promise.all(
      (await listActions(api))
        .filter(({ name }) => names.includes(name))
        .map(({ id }) => readAction(api, id)),
    ),
  }));
  if (ours !== undefined && code !== undefined && flow !== undefined) {
    const built = ours.map(({ name }) => ({ name, code: code.get(name) }));
    findings.push(...checkGate({ ours: built, ...flow }, openFor));
  }

  await attempt('Applications', async () => {
    const machineName = declared && findMachineName(declared);
    const found = (await listClients(api)).find(({ name }) => name === machineName);
    const client = found && (await readApplication(api, found.client_id));
    const finding = await checkMachineClient(deployer, client, openFor !== 0);
    if (machineName !== undefined) findings.push(finding);
    if (!isPolicyReadable) return;
    const concerned = (await listClientMetadata(api))
      .filter(({ client_id: id }) => enabled?.includes(id) ?? true)
      .map(({ name, client_metadata: metadata }) => ({ name, metadata }));
    findings.push(...checkApplicationPolicies(concerned, env));
  });
}

/** Every Bitbucket connection, whether tenant.yaml knows it or not: the Actions stand before all. */
async function readDoors(api: ManagementApi) {
  const connections = await listConnections(api, { strategy: [BITBUCKET] });
  return Promise.all(
    connections.map(async (connection) => ({
      connection,
      enabledClients: await listEnabledClients(api, connection.id),
    })),
  );
}

function checkDeployer({ token }: ManagementApi): Finding {
  const granted = readScopes(token);
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

type Attempt = <T>(check: string, read: () => Promise<T>) => Promise<T | undefined>;

/** What cannot be read is a problem, and `undefined`: neither yes nor no. */
function createAttempts(findings: Finding[]): { attempt: Attempt; countRefused(): number } {
  let refused = 0;
  return {
    countRefused: () => refused,
    attempt: async (check, read) => {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused += 1;
        const [first = '', ...rest] = error.message.split('\n').map((line) => line.trim());
        const advice = rest.join(' ') || 'What depends on it was not looked at.';
        findings.push(problem(check, first, advice));
        return undefined;
      }
    },
  };
}
