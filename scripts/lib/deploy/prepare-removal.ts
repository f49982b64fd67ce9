/** An undeploy up to its first write. */
import { type Deployer, type Environment, readDeployer } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { assertScopes, DEPLOYER_SCOPES, REMOVER_SCOPES } from '../tenant/deployer-scopes.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import { listClientMetadata } from '../tenant/read-tenant.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { fillInNames } from './fill-in.ts';
import { findOpenDoors } from './find-doors.ts';
import { isMarked } from './login-application.ts';
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
  // What `npm run login` signs in through is known by its mark, whatever its name is set to.
  const { LOGIN_APPLICATION: _, ...others } = env;
  const values = { ...others, AUTH0_DOMAIN: deployer.domain };
  const declared = fillInNames(await readTenantFile(), values);
  return showStep(`Reading the tenant ${deployer.domain}`, async () => {
    const api = await connectToTenant(deployer);
    assertScopes(api.token, [...DEPLOYER_SCOPES, ...REMOVER_SCOPES]);
    const state = await readTenantState(api, declared);
    const doors = await findOpenDoors(api);
    const deployerId = deployer.clientId;
    const marked = (await listClientMetadata(api))
      .filter(({ metadata }) => isMarked(metadata))
      .map(({ id, name }) => ({ client_id: id, name }));
    const removal = planRemoval({
      ...{ assets: declared, state, doors, leaveEnabled, deployerId },
      loginApplications: marked,
    });
    return { deployer, api, state, removal };
  });
}
