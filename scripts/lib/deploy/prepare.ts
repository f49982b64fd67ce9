/** A deploy up to its first write: the configuration, the policy, the build, the tenant, the plan. */
import { createHash } from 'node:crypto';
import { buildActions } from '../build/build-actions.ts';
import {
  assertConfigured,
  type Deployer,
  type Environment,
  readDeployer,
} from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { VARIABLES } from '../cli/variables.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { assertScopes, DEPLOYER_SCOPES } from '../tenant/deployer-scopes.ts';
import {
  findMachineName,
  type MachineCredentials,
  readMachineCredentials,
} from '../tenant/machine-client.ts';
import { connectToTenant, type ManagementApi } from '../tenant/management-api.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { type Applications, chooseApplications, withIds } from './applications.ts';
import { readCode } from './code.ts';
import { fillIn, fillInNames, findNeededNames, findSecretNames } from './fill-in.ts';
import { hideFilledIn } from './hide-filled-in.ts';
import { assertNamed, assertOurs } from './login-application.ts';
import { mergeIntoTenant } from './merge.ts';
import { findOurActions, findUndeclared } from './our-actions.ts';
import type { ResourceChange } from './plan.ts';
import { planChanges } from './plan-changes.ts';
import { type Policy, readPolicy } from './policy.ts';
import {
  assertBindable,
  assertConnectionsReadable,
  assertGated,
  assertRoom,
  assertSecretsFit,
} from './preconditions.ts';
import { createSecretsMark, readSecretsMark } from './secrets-mark.ts';
import { readTenantFile } from './tenant-file.ts';
import { findWarnings } from './warnings.ts';

export interface Prepared {
  readonly deployer: Deployer;
  readonly env: Environment;
  readonly api: ManagementApi;
  /** tenant.yaml without the options that are off, with its names filled in. */
  readonly declared: TenantAssets;
  /** The names of the Actions in it that are this package's. */
  readonly ours: readonly string[];
  /** As the Actions will read it; absent where none of them is declared. */
  readonly policy: Policy | undefined;
  /** The code of each Action, by its name. */
  readonly code: ReadonlyMap<string, string>;
  readonly state: TenantState;
  /** Whom to enable each connection for. */
  readonly applications: Applications;
  readonly changes: readonly ResourceChange[];
  readonly warnings: readonly string[];
  /** The same for the same plan with the same secrets, on the same tenant; it tells none of them. */
  readonly fingerprint: string;
}

/** Made by the deploy, or known to it. */
const NOT_FROM_ENVIRONMENT = ['AUTH0_DOMAIN', 'MANAGEMENT_CLIENT_ID', 'MANAGEMENT_CLIENT_SECRET'];
const OUR_VARIABLES = VARIABLES.map(({ name }) => name);
/** Settings without a default. */
const REQUIRED_SETTINGS = ['CLAIM_NAMESPACE', 'ALLOWED_WORKSPACES'];
/** Stands for what the first deploy makes; it is never deployed. */
export const TO_BE_MADE = {
  clientId: '(made by the deploy)',
  clientSecret: '(made by the deploy)',
};

/**
 * @param file what is declared; tenant.yaml, where nothing is said.
 * @param alsoNeeded scopes beside those of a deploy.
 * @throws {UserError} for everything that can be known before a write.
 */
export async function prepare(
  env: Environment,
  file?: TenantAssets,
  { alsoNeeded = [] }: { readonly alsoNeeded?: readonly string[] } = {},
): Promise<Prepared> {
  const deployer = readDeployer(env);
  const { declared, ours, policy, filled } = await readSettings(
    file ?? (await readTenantFile()),
    deployer,
    env,
  );
  await showStep('Building the Actions', buildActions);
  const code = await readCode(declared);
  return showStep(`Reading the tenant ${deployer.domain}`, async () => {
    const api = await connectToTenant(deployer);
    const tellsScopes = assertScopes(api.token, [...DEPLOYER_SCOPES, ...alsoNeeded]);
    const state = await readTenantState(api, declared);
    assertConnectionsReadable(declared, state);
    assertOurs(state, env);
    const applications = chooseApplications(filled, state, env);
    const basis = { deployer, env, api, declared, ours, policy, code, applications };
    const assets = createAssets(basis, state, credentialsOf(state));
    assertRoom(assets, state);
    assertBindable(assets, state);
    assertGated(assets, ours, applications, findOthersToMake(declared, state));
    const changes = compareWith(basis, state);
    return {
      ...{ ...basis, state, changes },
      fingerprint: createFingerprint([
        deployer.domain,
        policy,
        changes,
        withoutOrder(assets),
        [...code],
      ]),
      warnings: [
        ...(tellsScopes
          ? []
          : [
              'The deployer’s token does not tell its scopes: what it lacks shows when it is used.',
            ]),
        ...findWarnings(declared, ours, state, applications, await findUndeclared(declared)),
      ],
    };
  });
}

/** The applications that are not there, but for the one that nobody can sign in to. */
function findOthersToMake(
  declared: TenantAssets,
  { applications }: TenantState,
): readonly string[] {
  const there = [findMachineName(declared), ...applications.map(({ name }) => name)];
  return declared.clients.map(({ name }) => name).filter((name) => !there.includes(name));
}

/** What can be known without asking anybody. */
async function readSettings(
  file: TenantAssets,
  deployer: Deployer,
  env: Environment,
): Promise<Pick<Prepared, 'declared' | 'ours' | 'policy'> & { readonly filled: TenantAssets }> {
  const ourActions = await findOurActions(file);
  // Only our own settings have defaults: another name that is not set is a mistake.
  const others = findSecretNames(file).filter((name) => !OUR_VARIABLES.includes(name));
  const needed = [...findNeededNames(file), ...others].filter(
    (name) => !NOT_FROM_ENVIRONMENT.includes(name),
  );
  const settings = ourActions.length === 0 ? [] : REQUIRED_SETTINGS;
  const asked = settings.filter((name) =>
    ourActions.some(({ secrets }) => secrets.some(({ value }) => value === `##${name}##`)),
  );
  assertConfigured(env, [...new Set([...needed, ...asked])]);
  const values = valuesFor(deployer, env, TO_BE_MADE);
  const filled = fillIn(file, values);
  assertSecretsFit(filled);
  assertNamed(filled, env);
  const declared = fillInNames(file, values);
  const ours = (await findOurActions(declared)).map(({ name }) => name);
  const policy = readPolicy(filled.actions.filter(({ name }) => ours.includes(name)));
  return { declared, ours, policy, filled };
}

export type Basis = Omit<Prepared, 'changes' | 'warnings' | 'state' | 'fingerprint'>;

/** What is to be in the tenant, given what is in it. */
export function createAssets(
  { declared, deployer, env, applications }: Basis,
  state: TenantState,
  credentials: MachineCredentials,
): TenantAssets {
  return mergeIntoTenant(
    fillIn(declared, valuesFor(deployer, env, credentials)),
    state,
    withIds(applications, state),
  );
}

/** What still differs from what is to be. */
export function compareWith(
  basis: Basis,
  state: TenantState,
  options: { readonly trustSecrets?: boolean } = {},
): readonly ResourceChange[] {
  const credentials = credentialsOf(state);
  const assets = createAssets(basis, state, credentials);
  const hasSameSecrets =
    options.trustSecrets === true ||
    (state.machineClient !== undefined &&
      readSecretsMark(state.machineClient) ===
        createSecretsMark(assets, credentials, state.actions));
  const changes = planChanges({ assets, state, code: basis.code, hasSameSecrets });
  return hideFilledIn(changes, findNeededNames(basis.declared), basis.env);
}

/** Of everything that would be written: secrets are among it, so nothing can be guessed from it. */
function createFingerprint(plan: unknown): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
}

/** In whatever order Auth0 lists the applications of a connection. */
function withoutOrder(assets: TenantAssets): TenantAssets {
  return {
    ...assets,
    connections: assets.connections.map(({ enabled_clients: ids, ...connection }) =>
      ids === undefined ? connection : { ...connection, enabled_clients: [...ids].sort() },
    ),
  };
}

/** Stand-ins where there is no application yet: for a plan. */
function credentialsOf({ machineClient }: TenantState): MachineCredentials {
  return machineClient === undefined ? TO_BE_MADE : readMachineCredentials(machineClient);
}

/** What tenant.yaml's names stand for. */
export function valuesFor(
  { domain }: Deployer,
  env: Environment,
  { clientId, clientSecret }: MachineCredentials,
): Environment {
  return {
    ...env,
    // As Auth0 writes it: capitals are folded.
    AUTH0_DOMAIN: domain,
    MANAGEMENT_CLIENT_ID: clientId,
    MANAGEMENT_CLIENT_SECRET: clientSecret,
  };
}
