/** Switches connections on and off for applications: only those that are named, never a whole list. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli/report-error.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { listEnabledClients } from '../tenant/read-tenant.ts';

/** As many as Auth0 takes at once. */
const AT_ONCE = 50;
const READS = 5;
const PAUSE_MS = 1_000;

export interface Switching {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly clientIds: readonly string[];
}

/** @throws {UserError} where it is not on for each of them afterwards. */
export async function switchOn(api: ManagementApi, switching: Switching): Promise<void> {
  await write(api, switching, true);
  await verify(api, switching, (enabled, id) => enabled.includes(id), 'on');
}

/** @throws {UserError} where it is on for one of them afterwards. */
export async function switchOff(api: ManagementApi, switching: Switching): Promise<void> {
  await write(api, switching, false);
  await verify(api, switching, (enabled, id) => !enabled.includes(id), 'off');
}

async function write(
  api: ManagementApi,
  { connectionId, clientIds }: Switching,
  status: boolean,
): Promise<void> {
  for (let from = 0; from < clientIds.length; from += AT_ONCE) {
    const batch = clientIds.slice(from, from + AT_ONCE);
    await api.send('PATCH /api/v2/connections/{id}/clients', (sdk, options) =>
      sdk.connections.clients.update(
        connectionId,
        batch.map((client_id) => ({ client_id, status })),
        options,
      ),
    );
  }
}

/** What was written is not always read at once. */
async function verify(
  api: ManagementApi,
  { connectionId, connectionName, clientIds }: Switching,
  isDone: (enabled: readonly string[], id: string) => boolean,
  meant: 'on' | 'off',
): Promise<void> {
  for (let read = 1; ; read += 1) {
    const enabled = await listEnabledClients(api, connectionId);
    const undone = clientIds.filter((id) => !isDone(enabled, id));
    if (undone.length === 0) return;
    if (read === READS) {
      throw new UserError(
        `The connection ${connectionName} was to be ${meant} for ${undone.join(', ')}, and is not. Look at it in the Auth0 dashboard.`,
      );
    }
    await sleep(PAUSE_MS);
  }
}
