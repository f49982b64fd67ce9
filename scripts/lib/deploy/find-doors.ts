/** The Bitbucket connections of a tenant that somebody gets in through, tenant.yaml's or not. */
import type { ManagementApi } from '../tenant/management-api.ts';
import { listConnections, listEnabledClients } from '../tenant/read-tenant.ts';
import { BITBUCKET } from './door.ts';

export interface OpenDoor {
  readonly connectionId: string;
  readonly connectionName: string;
  /** The applications that it is on for; never none. */
  readonly clientIds: readonly string[];
}

export async function findOpenDoors(api: ManagementApi): Promise<readonly OpenDoor[]> {
  const connections = await listConnections(api, { strategy: [BITBUCKET] });
  const doors = await Promise.all(
    connections.map(async ({ id, name }) => ({
      connectionId: id,
      connectionName: name,
      clientIds: await listEnabledClients(api, id),
    })),
  );
  return doors.filter(({ clientIds }) => clientIds.length > 0);
}
