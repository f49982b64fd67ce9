/** A deploy, from the plan to the proof that it arrived. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { showStep } from '../cli/progress.ts';
import { UserError } from '../cli/report-error.ts';
import { createMachineClient, readMachineCredentials } from '../tenant/machine-client.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { importAssets } from './import.ts';
import { hasChanges, type ResourceChange } from './plan.ts';
import { compareWith, createAssets, type Prepared } from './prepare.ts';
import { createSecretsMark, writeSecretsMark } from './secrets-mark.ts';

/**
 * Carries out a plan that has changes. Interrupted anywhere and run again, it ends in the same
 * place: what is there is found by its name, and the mark of the secrets is written last.
 * @throws {UserError} when the tenant changed meanwhile, or is not as it was meant to be.
 */
export async function deployToTenant(prepared: Prepared): Promise<void> {
  const { api, declared, deployer, env } = prepared;
  const before = await readTenantState(api, declared);
  assertUnchanged(prepared.state, before);
  const machineClient =
    before.machineClient ??
    (await showStep('Making the machine-to-machine application', () =>
      createMachineClient(api, declared),
    ));
  const credentials = readMachineCredentials(machineClient);
  const assets = createAssets(prepared, before, credentials);
  await showStep('Deploying with auth0-deploy-cli (it takes about 20 s)', (step) =>
    importAssets(assets, { ...deployer, token: api.token }, env, (line) => step.note(line)),
  );

  await showStep('Reading back what arrived', async () => {
    const after = await readUntilSettled(prepared);
    const mark = createSecretsMark(assets, credentials);
    await writeSecretsMark(api, after.machineClient ?? machineClient, mark);
  });
}

/** What was written is not always read at once: bindings, above all, can take a moment. */
const READS = 5;
const PAUSE_MS = 1_000;

async function readUntilSettled(prepared: Prepared): Promise<TenantState> {
  for (let read = 1; ; read += 1) {
    const state = await readTenantState(prepared.api, prepared.declared);
    // The secrets cannot be read back; their names can.
    const differences = compareWith(prepared, state, { trustSecrets: true });
    if (!hasChanges(differences)) return state;
    if (read === READS) throw createDifferenceError(differences);
    await sleep(PAUSE_MS);
  }
}

/** Somebody else may deploy, or click in the dashboard, while we think. */
function assertUnchanged(planned: TenantState, now: TenantState): void {
  const essence = ({ machineClient, connection, actions, ...state }: TenantState) => ({
    ...{ connection, enabledClients: state.enabledClients, bindings: state.bindings },
    machineClient: machineClient?.client_id,
    actions: actions.map(({ id, deployed_version }) => ({ id, version: deployed_version?.id })),
  });
  if (isDeepStrictEqual(essence(planned), essence(now))) return;
  throw new UserError(
    'The tenant changed after the plan was made: somebody else is deploying to it, or changing it in the dashboard. Nothing of ours was imported. Run it again.',
  );
}

function createDifferenceError(differences: readonly ResourceChange[]): UserError {
  const lines = differences
    .filter(({ change }) => change !== 'none')
    .flatMap(({ resource, change, fields }) =>
      change === 'create'
        ? [`  - ${resource}: it is not in the tenant`]
        : fields.map(({ field, from, to }) => `  - ${resource}: ${field} is ${from}, not ${to}`),
    );
  return new UserError(
    [
      'The deploy ended, but the tenant is not as it was meant to be:',
      ...lines,
      'Run it again; if this stays, look at the tenant’s logs in the Auth0 dashboard.',
    ].join('\n'),
  );
}
