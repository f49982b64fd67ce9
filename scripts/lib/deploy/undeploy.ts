/**
 * Takes out of the tenant what a deploy put in: the door before the gate. A connection is switched
 * off for every application, and read back, before an Action is unbound; the connection itself and
 * its users stay.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { listBindings } from '../tenant/read-tenant.ts';
import { TenantError } from '../tenant/tenant-error.ts';
import { switchOff } from './enable-connections.ts';
import { findOpenDoors } from './find-doors.ts';
import type { Journal } from './journal.ts';
import type { Removal } from './plan-removal.ts';

const READS = 5;
const PAUSE_MS = 1_000;

/**
 * Interrupted anywhere, it has removed nothing of the gate while the door was open; run again, it
 * goes on with what is left.
 * @throws {UserError}
 */
export async function removeFromTenant(
  api: ManagementApi,
  removal: Removal,
  journal: Journal,
): Promise<void> {
  for (const door of removal.switchOff) {
    await showStep(`Switching ${door.connectionName} off for everybody`, () =>
      switchOff(api, door),
    );
    journal.wrote(`switched the connection ${door.connectionName} off for everybody`);
  }
  if (removal.unbind.length > 0) {
    if (!removal.leaveEnabled) await assertAllShut(api);
    await showStep('Unbinding the Actions', () => unbind(api, removal.unbind));
    journal.wrote('unbound the Actions');
    if (!removal.leaveEnabled) await assertStillShut(api);
  }
  await showStep('Removing what was deployed', async () => {
    for (const { name, id } of removal.actions) {
      await removeOne(api, 'DELETE /api/v2/actions/actions/{id}', (sdk, options) =>
        sdk.actions.delete(id, {}, options),
      );
      journal.wrote(`removed the Action ${name}`);
    }
    for (const { name, id } of removal.grants) {
      await removeOne(api, 'DELETE /api/v2/client-grants/{id}', (sdk, options) =>
        sdk.clientGrants.delete(id, options),
      );
      journal.wrote(`removed the grant for ${name}`);
    }
    for (const { name, id } of removal.applications) {
      await removeOne(api, 'DELETE /api/v2/clients/{id}', (sdk, options) =>
        sdk.clients.delete(id, options),
      );
      journal.wrote(`removed the application ${name}`);
    }
  });
}

/** Somebody may have switched one on while the question was asked. */
async function assertAllShut(api: ManagementApi): Promise<void> {
  const open = await findOpenDoors(api);
  if (open.length === 0) return;
  const names = open.map(({ connectionName: name }) => name).join(', ');
  throw new UserError(
    `${names} was switched on meanwhile. Without the Actions everybody would get in through it, so they stay.`,
  );
}

/** Or while they were unbound. */
async function assertStillShut(api: ManagementApi): Promise<void> {
  const open = await findOpenDoors(api);
  if (open.length === 0) return;
  const names = open.map(({ connectionName: name }) => name).join(', ');
  throw new UserError(
    `${names} was switched on while the Actions were unbound: everybody gets in through it. Switch it off in the Auth0 dashboard now, or deploy again.`,
  );
}

/** All that others have bound stays, in its order: the list is read just before it is written. */
async function unbind(api: ManagementApi, actionIds: readonly string[]): Promise<void> {
  const bound = await listBindings(api);
  const bindings = bound
    .filter(({ action }) => !actionIds.includes(action.id))
    .map(({ action, display_name }) => ({
      ref: { type: 'action_id' as const, value: action.id },
      display_name,
    }));
  await api.ask('PATCH /api/v2/actions/triggers/post-login/bindings', (sdk, options) =>
    sdk.actions.triggers.bindings.updateMany('post-login', { bindings }, options),
  );
  for (let read = 1; ; read += 1) {
    const now = await listBindings(api);
    if (now.every(({ action }) => !actionIds.includes(action.id))) return;
    if (read === READS) {
      throw new UserError('The Actions were to be unbound, and are not. Look at the login flow.');
    }
    await sleep(PAUSE_MS);
  }
}

/** What is gone already is gone. */
async function removeOne(
  api: ManagementApi,
  what: string,
  call: Parameters<ManagementApi['send']>[1],
): Promise<void> {
  await api.send(what, call).catch((error: unknown) => {
    if (!(error instanceof TenantError) || error.status !== 404) throw error;
  });
}
