/** A deploy up to its first write: the configuration, the build, the tenant, and the plan. */
import { buildActions } from '../build/build-actions.ts';
import {
  assertConfigured,
  type Deployer,
  type Environment,
  readApplicationList,
  readDeployer,
} from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { type MachineCredentials, readMachineCredentials } from '../tenant/machine-client.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import { resolveApplications } from '../tenant/resolve-applications.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { mergeIntoTenant } from './merge.ts';
import { planChanges, type ResourceChange } from './plan.ts';
import { createSecretsMark, readSecretsMark } from './secrets-mark.ts';
import { fillIn, readTenantFile } from './tenant-file.ts';
import { findWarnings } from './warnings.ts';

export interface Prepared {
  readonly deployer: Deployer;
  readonly env: Environment;
  readonly api: ManagementApi;
  /** tenant.yaml as it stands. */
  readonly declared: TenantAssets;
  /** The code of each Action, by its name. */
  readonly code: ReadonlyMap<string, string>;
  readonly state: TenantState;
  /** The ids of the applications to enable. */
  readonly enabledClients: readonly string[];
  readonly changes: readonly ResourceChange[];
  readonly warnings: readonly string[];
}

/** What tenant.yaml cannot do without, beside the deployer's own credentials. */
const REQUIRED = ['BITBUCKET_KEY', 'BITBUCKET_SECRET', 'CLAIM_NAMESPACE'];
/** Stands for what the first deploy makes; it is never deployed. */
const TO_BE_MADE = { clientId: '(made by the deploy)', clientSecret: '(made by the deploy)' };

/** @throws {UserError} for everything that can be known before a write. */
export async function prepare(env: Environment): Promise<Prepared> {
  const deployer = readDeployer(env);
  assertConfigured(env, REQUIRED);
  const declared = await readTenantFile();
  const built = await showStep('Building the Actions', buildActions);
  return showStep(`Reading the tenant ${deployer.domain}`, async () => {
    const api = await connectToTenant(deployer);
    const state = await readTenantState(api, declared);
    const applications = readApplicationList(env, 'AUTH0_ENABLED_CLIENTS');
    const enabledClients = resolveApplications(applications, state.clients);
    const prepared = {
      ...{ deployer, env, api, declared, state, enabledClients },
      code: new Map(built.map(({ name, code }) => [name, code])),
    };
    return {
      ...prepared,
      changes: compareWith(prepared, state),
      warnings: findWarnings(declared, state, enabledClients),
    };
  });
}

type Basis = Omit<Prepared, 'changes' | 'warnings' | 'state'>;

/** What is to be in the tenant, given what is in it. */
export function createAssets(
  { declared, deployer, env, enabledClients }: Basis,
  state: TenantState,
  credentials: MachineCredentials,
): TenantAssets {
  const values = {
    ...env,
    // As Auth0 writes it: capitals are folded.
    AUTH0_DOMAIN: deployer.domain,
    MANAGEMENT_CLIENT_ID: credentials.clientId,
    MANAGEMENT_CLIENT_SECRET: credentials.clientSecret,
  };
  return mergeIntoTenant(fillIn(declared, values), state, enabledClients);
}

/** What still differs from what is to be. */
export function compareWith(
  basis: Basis,
  state: TenantState,
  options: { readonly trustSecrets?: boolean } = {},
): readonly ResourceChange[] {
  const { machineClient } = state;
  const credentials =
    machineClient === undefined ? TO_BE_MADE : readMachineCredentials(machineClient);
  const assets = createAssets(basis, state, credentials);
  const hasSameSecrets =
    options.trustSecrets === true ||
    readSecretsMark(machineClient) === createSecretsMark(assets, credentials);
  return planChanges({ assets, state, code: basis.code, hasSameSecrets });
}
