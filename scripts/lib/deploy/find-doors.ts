/** The Bitbucket connections of a tenant that somebody gets in through, tenant.yaml's or not. */
import type { ManagementApi } from '../tenant/management-api.ts';
import { readBitbucketConnections } from '../tenant/tenant-state.ts';
import { isForThirdParties } from './door.ts';

export interface OpenDoor {
  readonly connectionId: string;
  readonly connectionName: string;
  /** The applications that it is on for; none only at domain level. */
  readonly clientIds: readonly string[];
  readonly isForThirdParties: boolean;
}

export async function findOpenDoors(api: ManagementApi): Promise<readonly OpenDoor[]> {
  const connections = await readBitbucketConnections(api);
  const doors = connections.map(({ connection, enabledClients }) => ({
    connectionId: connection.id,
    connectionName: connection.name,
    clientIds: enabledClients,
    isForThirdParties: isForThirdParties(connection),
  }));
  return doors.filter((door) => door.clientIds.length > 0 || door.isForThirdParties);
}
