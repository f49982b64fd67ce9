/** An undeploy up to its first write. */
import { type Deployer, type Environment, readDeployer } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { assertScopes, DEPLOYER_SCOPES, REMOVER_SCOPES } from '../tenant/deployer-scopes.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import { listConnections, listEnabledClients } from '../tenant/read-tenant.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import type { TenantConnection } from '../tenant/tenant-types.ts';
import { BITBUCKET } from './door.ts';
import { planRemoval, type Removal } from './plan-removal.ts';
import { readTenantFile } from './tenant-file.ts';

interface PreparedRemoval {
  readonly deployer: Deployer;
  readonly api: ManagementApi;
  readonly state: TenantState;
  readonly removal: Removal;
}

/** The policy is not asked for: what is taken out may be unreadable. @throws {UserError} */
export async function prepareRemoval(
  env: Environment,
  leaveEnabled: boolean,
): Promise<PreparedRemoval> {
  const deployer = readDeployer(env);
  const declared = await readTenantFile();
  return showStep(`Reading the tenant ${deployer.domain}`, async () => {
    const api = await connectToTenant(deployer);
    assertScopes(api.token, [...DEPLOYER_SCOPES, ...REMOVER_SCOPES]);
    const state = await readTenantState(api, declared);
    const assets = withDomain(declared, deployer.domain);
    const others = await findOtherDoors(api, declared);
    const deployerId = deployer.clientId;
    const removal = planRemoval({ assets, state, others, leaveEnabled, deployerId });
    return { deployer, api, state, removal };
  });
}

/** All that the names of what was deployed are made of. */
function withDomain(assets: TenantAssets, domain: string): TenantAssets {
  const clientGrants = assets.clientGrants.map((grant) => ({
    ...grant,
    audience: grant.audience.replaceAll('##AUTH0_DOMAIN##', domain),
  }));
  return { ...assets, clientGrants };
}

/** Bitbucket connections that are on for somebody and that tenant.yaml does not speak of. */
async function findOtherDoors(
  api: ManagementApi,
  { connections }: TenantAssets,
): Promise<readonly TenantConnection[]> {
  const names = connections.map(({ name }) => name);
  const all = await listConnections(api, { strategy: [BITBUCKET] });
  const others = all.filter(({ name }) => !names.includes(name));
  const enabled = await Promise.all(others.map(({ id }) => listEnabledClients(api, id)));
  return others.filter((_, index) => (enabled[index] ?? []).length > 0);
}
