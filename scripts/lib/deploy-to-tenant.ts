/** A deploy, from the configuration to the proof that it arrived. */
import { buildActions } from './build-actions.ts';
import { assertSet, type Environment, readDeployer, readList } from './environment.ts';
import { importAssets } from './import.ts';
import { ensureMachineClient } from './machine-client.ts';
import { connectToTenant } from './management-api.ts';
import { mergeIntoTenant } from './merge.ts';
import { showStep } from './progress.ts';
import { UserError } from './report-error.ts';
import { fillIn, readTenantFile } from './tenant-file.ts';
import { readTenantState, resolveClientNames } from './tenant-state.ts';
import { findDifferences } from './verify.ts';

/** What tenant.yaml cannot do without, beside the deployer's own credentials. */
const REQUIRED = ['BITBUCKET_KEY', 'BITBUCKET_SECRET', 'CLAIM_NAMESPACE'];

/** @throws {UserError} Everything that can be checked is checked before the first write. */
export async function deployToTenant(env: Environment): Promise<void> {
  const deployer = readDeployer(env);
  assertSet(env, REQUIRED);
  const declared = await readTenantFile();
  await showStep('Building the Actions', buildActions);

  const { api, state, enabledClients } = await showStep(
    `Reading the tenant ${deployer.domain}`,
    async () => {
      const api = await connectToTenant(deployer);
      const state = await readTenantState(api, declared);
      const names = readList(env, 'AUTH0_ENABLED_CLIENTS');
      const enabledClients = resolveClientNames(names, state.clients);
      // Tried out here, so that what it refuses is refused before anything is written.
      mergeIntoTenant(declared, state, enabledClients);
      return { api, state, enabledClients };
    },
  );

  const machineClient = await showStep('Preparing the machine-to-machine application', () =>
    ensureMachineClient(api, declared, state.clients),
  );
  const assets = mergeIntoTenant(
    fillIn(declared, {
      ...env,
      MANAGEMENT_CLIENT_ID: machineClient.clientId,
      MANAGEMENT_CLIENT_SECRET: machineClient.clientSecret,
    }),
    state,
    enabledClients,
  );
  await showStep('Deploying with auth0-deploy-cli (it takes about 20 s)', (step) =>
    importAssets(assets, { ...deployer, token: api.token }, env, (line) => step.note(line)),
  );

  const differences = await showStep('Reading back what arrived', () =>
    findDifferences(api, assets, machineClient.clientId),
  );
  if (differences.length > 0) {
    throw new UserError(
      [
        'The deploy ended, but the tenant is not as it was meant to be:',
        ...differences.map((difference) => `  - ${difference}`),
        'Run it again; if this stays, look at the tenant’s logs in the Auth0 dashboard.',
      ].join('\n'),
    );
  }
  if (enabledClients.length === 0 && state.enabledClients.length === 0) {
    console.log(
      'The connection is not enabled for any application: name some in AUTH0_ENABLED_CLIENTS.',
    );
  }
}
