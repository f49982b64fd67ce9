/** The writes of a deploy, one function for each, in their order. Each says what it wrote. */
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import {
  findMachineName,
  type MachineCredentials,
  readMachineCredentials,
} from '../tenant/machine-client.ts';
import { listBindings } from '../tenant/read-tenant.ts';
import { tell } from '../tenant/tell.ts';
import { nameOfClient, type TenantState } from '../tenant/tenant-state.ts';
import { bindActions } from './bind-actions.ts';
import { BITBUCKET, enumerate, findGate } from './door.ts';
import { type Switching, switchOff, switchOn } from './enable-connections.ts';
import type { Importer } from './import/import-assets.ts';
import type { Journal } from './journal.ts';
import { makeOtherApplications } from './make-applications.ts';
import { ENABLED_FOR } from './plan.ts';
import { compareWith, createAssets, type Prepared } from './prepare.ts';

/** What an import is done with, and what is said of it. */
export interface Workshop {
  readonly journal: Journal;
  readonly importer: Importer;
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
  { journal, importer }: Workshop,
): Promise<void> {
  const { clients, clientGrants, actions } = createAssets(prepared, state, credentials);
  const title = 'Deploying the Actions with auth0-deploy-cli';
  await runImport(title, prepared, { clients, clientGrants, actions }, { journal, importer });
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
  { journal, importer }: Workshop,
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
  await runImport(title, prepared, { connections }, { journal, importer });
}

/** The applications that are missing, and their grants. @param state with the Actions bound. */
export async function addApplications(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  { journal, importer }: Workshop,
): Promise<void> {
  const made = await makeOtherApplications(prepared, state, credentials, journal);
  if (made.clientGrants.length === 0) return;
  const title = 'Deploying their grants with auth0-deploy-cli';
  await runImport(title, prepared, made, { journal, importer });
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
    const gate = findGate(prepared.ours, state);
    if (strategy === BITBUCKET && gate.length === 0) {
      throw new UserError(
        `The connection ${name} was not switched on: no Action stands before it.`,
      );
    }
    const names = clientIds.map((id) => nameOfClient(state, id));
    const switching = { connectionId: found.connection.id, connectionName: name, clientIds };
    await showStep(`Switching ${name} on for ${enumerate(names)}`, () =>
      switchOn(prepared.api, switching),
    );
    journal.wrote(`switched the connection ${name} on for ${enumerate(names)}`);
    if (strategy === BITBUCKET) await assertStillGated(prepared, state, gate, switching);
  }
}

/** Somebody may have unbound an Action just before: then it is off again for whom it was not on. */
async function assertStillGated(
  { api, ours }: Prepared,
  { actions }: TenantState,
  gate: readonly string[],
  switching: Switching,
): Promise<void> {
  const now = findGate(ours, { actions, bindings: await listBindings(api) });
  const gone = gate.filter((name) => !now.includes(name));
  if (gone.length === 0) return;
  await switchOff(api, switching);
  throw new UserError(
    `Somebody else unbound ${gone.join(' and ')} during this deploy. The connection ${switching.connectionName} was switched off again for whom it had just been switched on.`,
  );
}

function runImport(
  title: string,
  { deployer, api, env }: Prepared,
  assets: Partial<TenantAssets>,
  { journal, importer }: Workshop,
): Promise<void> {
  return showStep(title, (step) =>
    importer(assets, { ...deployer, token: api.token }, env, {
      note: (line) => step.note(line),
      tell,
      wrote: (text) => journal.wrote(text),
    }),
  );
}
