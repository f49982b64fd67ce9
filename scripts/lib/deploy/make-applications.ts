/**
 * Applications that are not in the tenant yet. A tenant can be set to switch every connection on for
 * an application that is made (`flags.enable_client_connections`, which is Auth0's default), so only
 * what nobody can sign in to is made before the Actions stand before the connection.
 */
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import type { ClientAsset, TenantAssets } from '../tenant/assets.ts';
import {
  createClient,
  findMachineName,
  type MachineCredentials,
} from '../tenant/machine-client.ts';
import { listBindings, listClients } from '../tenant/read-tenant.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { enumerate, findGate } from './door.ts';
import { switchOff } from './enable-connections.ts';
import { findOpenDoors } from './find-doors.ts';
import type { Journal } from './journal.ts';
import { createAssets, type Prepared } from './prepare.ts';

/** The one that the Actions read tokens with: their secrets need what Auth0 answers. */
export async function makeMachineApplication(
  { api, declared }: Prepared,
  before: TenantState,
  journal: Journal,
): Promise<TenantState> {
  const name = findMachineName(declared);
  const asset = declared.clients.find((client) => client.name === name);
  if (asset === undefined || isThere(asset, before)) return before;
  const made = await showStep('Making what the Actions read tokens with', () =>
    createClient(api, asset),
  );
  journal.wrote(`made the application ${asset.name}`);
  return { ...before, applications: [...before.applications, made], machineClient: made };
}

/** What is declared without the applications that are not there, and without their grants. */
export function withoutMissing(declared: TenantAssets, state: TenantState): TenantAssets {
  const missing = declared.clients.filter((client) => !isThere(client, state));
  const isMissing = (name: string) => missing.some((client) => client.name === name);
  return {
    ...declared,
    clients: declared.clients.filter(({ name }) => !isMissing(name)),
    clientGrants: declared.clientGrants.filter(({ client_id: name }) => !isMissing(name)),
  };
}

/**
 * All others, when the Actions stand before the connections.
 * @param state read just now.
 * @returns what was made, and their grants, which are still to be imported.
 * @throws {UserError} where the Actions do not stand there: then none of them can be signed in to
 *   with Bitbucket.
 */
export async function makeOtherApplications(
  prepared: Prepared,
  state: TenantState,
  credentials: MachineCredentials,
  journal: Journal,
): Promise<Pick<TenantAssets, 'clients' | 'clientGrants'>> {
  const assets = createAssets(prepared, state, credentials);
  const clients = assets.clients.filter((client) => !isThere(client, state));
  const names = clients.map(({ name }) => name);
  const clientGrants = assets.clientGrants.filter(({ client_id: name }) => names.includes(name));
  if (clients.length === 0) return { clients, clientGrants };
  const gate = findGate(prepared.ours, state);
  await assertNobodyHas(names, prepared);
  await showStep(`Making ${enumerate(names)}`, async () => {
    for (const asset of clients) {
      const { client_id: id } = await createClient(prepared.api, asset);
      journal.wrote(`made the application ${asset.name}`);
      await assertStillGated(prepared, state, gate, id);
    }
  });
  return { clients, clientGrants };
}

/** Another deploy may have made one by now: of two of a name none can be told. */
async function assertNobodyHas(names: readonly string[], { api }: Prepared): Promise<void> {
  const found = (await listClients(api)).map(({ name }) => name);
  const taken = names.filter((name) => found.includes(name));
  if (taken.length === 0) return;
  throw new UserError(
    `Somebody else made ${enumerate(taken)} during this deploy; it was left as it is. Run it again.`,
  );
}

/** Somebody may have unbound an Action meanwhile, and the tenant have switched a connection on. */
async function assertStillGated(
  { api, ours }: Prepared,
  { actions }: TenantState,
  gate: readonly string[],
  clientId: string,
): Promise<void> {
  const now = findGate(ours, { actions, bindings: await listBindings(api) });
  const gone = gate.filter((name) => !now.includes(name));
  if (gone.length === 0) return;
  for (const door of await findOpenDoors(api)) {
    if (door.clientIds.includes(clientId)) await switchOff(api, { ...door, clientIds: [clientId] });
  }
  throw new UserError(
    `Somebody else unbound ${gone.join(' and ')} during this deploy. No Bitbucket connection is on for the application that was made just now.`,
  );
}

function isThere({ name }: ClientAsset, { applications }: TenantState): boolean {
  return applications.some((application) => application.name === name);
}
