/** An undeploy up to its first write. */
import { type Deployer, type Environment, readDeployer } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { assertScopes, DEPLOYER_SCOPES, REMOVER_SCOPES } from '../tenant/deployer-scopes.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { fillInNames } from './fill-in.ts';
import { findOpenDoors } from './find-doors.ts';
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
  const declared = fillInNames(await readTenantFile(), { ...env, AUTH0_DOMAIN: deployer.domain });
  return showStep(`Reading the tenant ${deployer.domain}`, async () => {
    const api = await connectToTenant(deployer);
    assertScopes(api.token, [...DEPLOYER_SCOPES, ...REMOVER_SCOPES]);
    const state = await readTenantState(api, declared);
    const doors = await findOpenDoors(api);
    const deployerId = deployer.clientId;
    const removal = planRemoval({ assets: declared, state, doors, leaveEnabled, deployerId });
    return { deployer, api, state, removal };
  });
}
