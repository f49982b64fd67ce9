/** The Bitbucket connections of a tenant that somebody gets in through, tenant.yaml's or not. */
import type { ManagementApi } from '../tenant/management-api.ts';
import { listConnections, listEnabledClients } from '../tenant/read-tenant.ts';
import { BITBUCKET, isForThirdParties } from './door.ts';

export interface OpenDoor {
  readonly connectionId: string;
  readonly connectionName: string;
  /** The applications that it is on for; none only at domain level. */
  readonly clientIds: readonly string[];
  readonly isForThirdParties: boolean;
}

export async function findOpenDoors(api: ManagementApi): Promise<readonly OpenDoor[]> {
  const connections = await listConnections(api, { strategy: [BITBUCKET] });
  const doors = await Promise.all(
    connections.map(async (connection) => ({
      connectionId: connection.id,
      connectionName: connection.name,
      clientIds: await listEnabledClients(api, connection.id),
      isForThirdParties: isForThirdParties(connection),
    })),
  );
  return doors.filter((door) => door.clientIds.length > 0 || door.isForThirdParties);
}
