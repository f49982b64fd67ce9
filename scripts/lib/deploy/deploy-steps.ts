/** The writes of a deploy, one function for each, in their order. Each says what it wrote. */
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import {
  createClient,
  findMachineName,
  type MachineCredentials,
  readMachineCredentials,
} from '../tenant/machine-client.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { nameOfClient } from '../tenant/tenant-state.ts';
import { bindActions } from './bind-actions.ts';
import { BITBUCKET, enumerate, findGate } from './door.ts';
import { switchOn } from './enable-connections.ts';
import { importAssets } from './import/import-assets.ts';
import type { Journal } from './journal.ts';
import { ENABLED_FOR } from './plan.ts';
import { compareWith, createAssets, type Prepared } from './prepare.ts';
import { tell } from './tell-state.ts';

/** Those that are missing, by ourselves: the Actions' secrets need what Auth0 answers. */
export async function makeApplications(
  { api, declared }: Prepared,
  before: TenantState,
  journal: Journal,
): Promise<TenantState> {
  const isThere = (wanted: string) => before.applications.some(({ name }) => name === wanted);
  const missing = declared.clients.filter(({ name }) => !isThere(name));
  if (missing.length === 0) return before;
  const made = await showStep('Making what the Actions read tokens with', async () => {
    const applications = [];
    for (const asset of missing) {
      applications.push(await createClient(api, asset));
      journal.wrote(`made the application ${asset.name}`);
    }
    return applications;
  });
  const applications = [...before.applications, ...made];
  const machineName = findMachineName(declared);
  return {
    ...before,
    applications,
    machineClient: applications.find(({ name }) => name === machineName),
  };
}

/** Of the application whose credentials the Actions' secrets ask for. */
export function readCredentials(
  declared: TenantAssets,
  { machineClient }: TenantState,
): MachineCredentials {
  if (machineClient !== undefined) return readMachineCredentials(machineClient);
  const name = findMachineName(declared);
  if (name !== undefined) throw new UserError(`tenant.yaml does not declare ${name} in clients`);
  return { clientId: '', clientSecret: '' };
}

/** Everything but the connections: through auth0-deploy-cli. It binds nothing. */
export async function importGate(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  journal: Journal,
): Promise<void> {
  const { clients, clientGrants, actions } = createAssets(prepared, state, credentials);
  const title = 'Deploying the Actions with auth0-deploy-cli';
  await runImport(title, prepared, { clients, clientGrants, actions }, journal);
}

/** The login flow, where it is not as it is meant to be. */
export async function bindAll(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  journal: Journal,
): Promise<void> {
  const isRight = compareWith(prepared, state, { trustSecrets: true }).every(
    ({ kind, change }) => kind !== 'flow' || change === 'none',
  );
  if (isRight) return;
  const wanted = createAssets(prepared, state, credentials).triggers['post-login'];
  await showStep('Binding the Actions to the login flow', () =>
    bindActions(prepared.api, wanted, state, tell),
  );
  journal.wrote('bound the Actions to the login flow');
}

/**
 * The connections, without the applications that they are on for: through auth0-deploy-cli, where
 * something of them differs.
 */
export async function importConnections(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  journal: Journal,
): Promise<void> {
  const different = compareWith(prepared, state, {
    // A secret that the tenant does not show was in the plan if it was to be written.
    trustSecrets: prepared.changes.every(({ fields }) =>
      fields.every(({ field }) => field !== 'options.client_secret'),
    ),
  })
    .filter(({ kind, change, fields }) =>
      kind !== 'connection' || change === 'none'
        ? false
        : change === 'create' || fields.some(({ field }) => field !== ENABLED_FOR),
    )
    .map(({ resource }) => resource);
  const connections = createAssets(prepared, state, credentials)
    .connections.filter(({ name }) => different.includes(`Connection ${name}`))
    .map(({ enabled_clients: _, ...connection }) => connection);
  if (connections.length === 0) return;
  const title = 'Deploying the connection with auth0-deploy-cli';
  await runImport(title, prepared, { connections }, journal);
}

/** Last of all, and only where the Actions stand before the connection. */
export async function switchOnAll(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  journal: Journal,
): Promise<void> {
  const { connections } = createAssets(prepared, state, credentials);
  for (const { name, strategy, enabled_clients: wanted = [] } of connections) {
    const found = state.connections.find(({ connection }) => connection.name === name);
    const clientIds = wanted.filter((id) => found?.enabledClients.includes(id) !== true);
    if (clientIds.length === 0) continue;
    if (found === undefined) throw new UserError(`The connection ${name} is not in the tenant.`);
    if (strategy === BITBUCKET && findGate(prepared.ours, state).length === 0) {
      throw new UserError(`The connection ${name} was not switched on: no Action stands before it.`);
    }
    const names = clientIds.map((id) => nameOfClient(state, id));
    await showStep(`Switching ${name} on for ${enumerate(names)}`, () =>
      switchOn(prepared.api, {
        connectionId: found.connection.id,
        connectionName: name,
        clientIds,
      }),
    );
    journal.wrote(`switched the connection ${name} on for ${enumerate(names)}`);
  }
}

function runImport(
  title: string,
  { deployer, api, env }: Prepared,
  assets: Partial<TenantAssets>,
  journal: Journal,
): Promise<void> {
  return showStep(title, (step) =>
    importAssets(assets, { ...deployer, token: api.token }, env, {
      note: (line) => step.note(line),
      tell,
      wrote: (text) => journal.wrote(text),
    }),
  );
}
