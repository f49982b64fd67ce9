/**
 * Whether the policy of the environment is the deployed one. Auth0 never tells a secret, so this is
 * what the deploy's own mark says (see `secrets-mark.ts`), and often it cannot be told.
 */
import type { Deployer, Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { fillIn } from '../deploy/fill-in.ts';
import { mergeIntoTenant } from '../deploy/merge.ts';
import { valuesFor } from '../deploy/prepare.ts';
import { createSecretsMark, readSecretsMark } from '../deploy/secrets-mark.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { readScopes } from '../tenant/deployer-scopes.ts';
import { findMachineName, readMachineCredentials } from '../tenant/machine-client.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { readApplication } from '../tenant/read-tenant.ts';
import type { ConnectionState } from '../tenant/tenant-state.ts';
import type { TenantAction, TenantBinding } from '../tenant/tenant-types.ts';

export interface Deployed {
  readonly is: 'same' | 'other' | 'unknown' | 'nothing';
  /** For people. */
  readonly sentence: string;
}

interface Compared {
  readonly api: ManagementApi;
  readonly deployer: Deployer;
  readonly env: Environment;
  readonly declared: TenantAssets;
  readonly clients: readonly { readonly id: string; readonly name: string }[];
  readonly connections: readonly ConnectionState[];
  readonly actions: readonly TenantAction[];
  readonly bindings: readonly TenantBinding[];
}

const SAME: Deployed = { is: 'same', sentence: 'This is the deployed policy.' };
const NOTHING: Deployed = {
  is: 'nothing',
  sentence: 'Nothing of this package is deployed: this is what the environment says.',
};
const OTHER: Deployed = {
  is: 'other',
  sentence:
    'The deployed policy is another, or its consumer is: this is what the environment says. npm run plan shows what a deploy would change.',
};

export async function compareDeployed(compared: Compared): Promise<Deployed> {
  const { api, declared, clients, actions } = compared;
  if (actions.every(({ deployed_version: version }) => version === undefined)) return NOTHING;
  if (readScopes(api.token)?.includes('read:client_keys') === false) {
    return unknown('without the scope read:client_keys');
  }
  try {
    const name = findMachineName(declared);
    const client = clients.find((candidate) => candidate.name === name);
    if (client === undefined) return unknown('without the application of the Actions');
    const application = await readApplication(api, client.id);
    const mark = readSecretsMark(application);
    if (!mark) return unknown('as no deploy has left its mark');
    const assets = fillInAll(compared, readMachineCredentials(application));
    const expected = createSecretsMark(assets, readMachineCredentials(application), actions);
    return mark === expected ? SAME : OTHER;
  } catch (error) {
    // A value that is not set here, the consumer's secret say: then there is nothing to compare.
    if (!(error instanceof UserError)) throw error;
    return unknown('with what is set here and may be read');
  }
}

function fillInAll(
  { deployer, env, declared, connections, bindings }: Compared,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): TenantAssets {
  const none = { clients: [], applications: [], machineClient: undefined, grants: [] };
  const state = { ...none, connections, bindings, allActions: [], actions: [] };
  const filled = fillIn(declared, valuesFor(deployer, env, credentials));
  return mergeIntoTenant(filled, state, new Map());
}

function unknown(why: string): Deployed {
  return {
    is: 'unknown',
    sentence: `Whether this is the deployed policy cannot be told ${why}: it is what the environment says.`,
  };
}
