/**
 * What people are judged by: the policy as the environment says it, whether that is the deployed
 * one, the Actions that stand in the login flow, and the applications of each Bitbucket connection.
 * Reads the tenant; changes nothing.
 */

import { join } from 'node:path';
import { type Decide, decideEmail, decideWorkspaces } from '#actions/lib/policy/decide.ts';
import { bundlePathOf } from '../build/actions.ts';
import { assertConfigured, type Deployer, type Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { findGate, isForThirdParties } from '../deploy/door.ts';
import { fillIn, fillInNames } from '../deploy/fill-in.ts';
import { findOurActions } from '../deploy/our-actions.ts';
import { readPolicy } from '../deploy/policy.ts';
import { TO_BE_MADE, valuesFor } from '../deploy/prepare.ts';
import { readTenantFile } from '../deploy/tenant-file.ts';
import { ROOT } from '../root.ts';
import type { ActionAsset, TenantAssets } from '../tenant/assets.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import {
  listActions,
  listBindings,
  listClientMetadata,
  readAction,
} from '../tenant/read-tenant.ts';
import { readBitbucketConnections } from '../tenant/tenant-state.ts';
import type { TenantAction, TenantBinding } from '../tenant/tenant-types.ts';
import { compareDeployed, type Deployed } from './deployed.ts';
import type { Application, Gate } from './judge.ts';

export interface Door {
  readonly id: string;
  /** Of the connection. */
  readonly name: string;
  /** Those that it is on for. */
  readonly applications: readonly Application[];
  readonly isForThirdParties: boolean;
}

export interface Surroundings {
  readonly declared: TenantAssets;
  readonly doors: readonly Door[];
  /** All of the tenant's. */
  readonly applications: readonly Application[];
  readonly gate: Gate;
  /** The names of our Actions that run at a login; with none, everybody gets in unchecked. */
  readonly standing: readonly string[];
  readonly actions: readonly TenantAction[];
  readonly bindings: readonly TenantBinding[];
  readonly deployed: Deployed;
}

/** Each half of the policy, by the bundle that decides it. */
const HALVES: Readonly<Record<string, Decide>> = {
  'bitbucket-email-verification': decideEmail,
  'bitbucket-workspace-membership': decideWorkspaces,
};

/** @throws {UserError} for a policy that cannot be read, and for what the tenant refuses. */
export async function readSurroundings(
  api: ManagementApi,
  deployer: Deployer,
  env: Environment,
): Promise<Surroundings> {
  const { declared, ours, secrets } = await readPolicySecrets(deployer, env);
  const [connections, clients, allActions, bindings] = await Promise.all([
    readBitbucketConnections(api),
    listClientMetadata(api),
    listActions(api),
    listBindings(api),
  ]);
  const names = ours.map(({ name }) => name);
  const actions = await Promise.all(
    allActions.filter(({ name }) => names.includes(name)).map(({ id }) => readAction(api, id)),
  );
  const applications = clients.map(({ id, name, metadata }) => ({ clientId: id, name, metadata }));
  const standing = inOrderOf(bindings, findGate(names, { actions, bindings }));
  return {
    declared,
    applications,
    actions,
    bindings,
    standing,
    doors: connections.map(({ connection, enabledClients }) => ({
      id: connection.id,
      name: connection.name,
      applications: applications.filter(({ clientId }) => enabledClients.includes(clientId)),
      isForThirdParties: isForThirdParties(connection),
    })),
    gate: { secrets, halves: halvesOf(ours, standing) },
    deployed: await compareDeployed({
      ...{ api, deployer, env, declared, clients, connections, actions, bindings },
    }),
  };
}

export interface PolicySecrets {
  readonly declared: TenantAssets;
  /** This package's Actions. */
  readonly ours: readonly ActionAsset[];
  /** What the Actions would be given, but for the credentials that a deploy makes. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** @throws {UserError} where the environment has no policy that the Actions could read. */
export async function readPolicySecrets(
  deployer: Deployer,
  env: Environment,
  given?: TenantAssets,
): Promise<PolicySecrets> {
  const file = given ?? (await readTenantFile());
  assertConfigured(env, ['CLAIM_NAMESPACE', 'ALLOWED_WORKSPACES']);
  const values = valuesFor(deployer, env, TO_BE_MADE);
  const declared = fillInNames(file, values);
  // The connection's options need the consumer, and nobody is judged by them.
  const filled = fillIn({ ...declared, connections: [] }, values);
  const ours = await findOurActions(filled);
  if (ours.length === 0) {
    throw new UserError(
      'tenant.yaml declares no Action of this package: there is no policy to judge by.',
    );
  }
  readPolicy(ours);
  const secrets = (ours[0]?.secrets ?? []).map(({ name, value }) => [name, value]);
  return { declared, ours, secrets: Object.fromEntries(secrets) };
}

/** Of the Actions that stand; of all of them where none does, or none is known. */
export function halvesOf(
  ours: readonly ActionAsset[],
  standing: readonly string[],
): readonly Decide[] {
  const counted = standing.length > 0 ? standing : ours.map(({ name }) => name);
  return counted.flatMap((name) => {
    const code = ours.find((action) => action.name === name)?.code ?? '';
    const bundle = Object.keys(HALVES).find((one) => bundlePathOf(one) === join(ROOT, code));
    const half = bundle === undefined ? undefined : HALVES[bundle];
    return half === undefined ? [] : [half];
  });
}

function inOrderOf(
  bindings: readonly TenantBinding[],
  names: readonly string[],
): readonly string[] {
  const order = bindings.map(({ action }) => action.name);
  return [...names].sort((one, other) => order.indexOf(one) - order.indexOf(other));
}

/** The doors that a person came through: those of the linked accounts. */
export function doorsOf(
  { doors }: Pick<Surroundings, 'doors'>,
  connections: readonly string[],
): readonly Door[] {
  return doors.filter(({ name }) => connections.includes(name));
}
