/**
 * A deploy, from the plan to the proof that it arrived. The gate before the door: the Actions are
 * deployed, bound and read back before a connection is written, and a connection is switched on
 * for an application last of all. Wherever it ends, nobody is let in whom nothing checks.
 */
import { showStep } from '../cli/progress.ts';
import { tell } from '../tenant/tell.ts';
import { readTenantState } from '../tenant/tenant-state.ts';
import {
  addApplications,
  bindAll,
  importConnections,
  importGate,
  readCredentials,
  switchOnAll,
  type Workshop,
} from './deploy-steps.ts';
import { type Importer, importAssets } from './import/import-assets.ts';
import { createJournal } from './journal.ts';
import { assertOurs } from './login-application.ts';
import { makeMachineApplication, withoutMissing } from './make-applications.ts';
import { compareWith, createAssets, type Prepared } from './prepare.ts';
import { findDeviations, readUntilSettled } from './read-back.ts';
import { clearSecretsMark, createSecretsMark, writeSecretsMark } from './secrets-mark.ts';
import { GATE, ofKinds, withoutSwitches } from './settled.ts';
import { tellStateAtTheEnd } from './tell-state.ts';
import {
  assertSameConnections,
  assertSameFlow,
  assertSameVersions,
  assertUnchanged,
} from './unchanged.ts';

/**
 * Carries out a plan that has changes. Interrupted anywhere and run again, it ends in the same
 * place: what is there is found by its name, and the mark of the secrets is written last.
 * @throws {UserError} when the tenant changed meanwhile, or is not as it was meant to be; it says in
 *   what state the tenant is.
 */
export async function deployToTenant(
  prepared: Prepared,
  importer: Importer = importAssets,
): Promise<void> {
  const journal = createJournal();
  const workshop = { journal, importer };
  await tellStateAtTheEnd(prepared, journal, () => carryOut(prepared, workshop));
}

async function carryOut(prepared: Prepared, workshop: Workshop): Promise<void> {
  const { journal } = workshop;
  const { api, declared } = prepared;
  const before = await readTenantState(api, declared);
  assertUnchanged(prepared.state, before);
  const ready = await makeMachineApplication(prepared, before, journal);
  // Until the Actions are bound, nothing is made that somebody could sign in to.
  const gate = { ...prepared, declared: withoutMissing(declared, ready) };
  const credentials = readCredentials(declared, ready);
  // What ends in the middle has left secrets behind that no mark may vouch for.
  if (ready.machineClient !== undefined) await clearSecretsMark(api, ready.machineClient);

  // A deploy that only switches on makes no new versions: Auth0 keeps fifty.
  const differences = compareWith(gate, ready);
  if (differences.some(({ kind, change }) => GATE.includes(kind) && change !== 'none')) {
    await importGate(gate, ready, credentials, workshop);
  }
  const deployed = await showStep('Reading back what was deployed', () =>
    readUntilSettled(gate, ofKinds(GATE)),
  );
  assertSameFlow(before, deployed);
  await bindAll(gate, deployed, credentials, journal);
  const gated = await showStep('Reading back what is bound', () =>
    readUntilSettled(gate, ofKinds([...GATE, 'flow'])),
  );
  assertSameConnections(before, gated);

  await importConnections(prepared, gated, credentials, workshop);
  await addApplications(prepared, gated, credentials, workshop);
  const written = await showStep('Reading back the tenant', () =>
    readUntilSettled(prepared, withoutSwitches),
  );
  assertSameVersions(deployed, written);
  assertOurs(written, prepared.env);
  for (const { resource, fields } of findDeviations(prepared, written)) {
    for (const { field, from, to } of fields) {
      tell(`${resource}: Auth0 shows ${field} as ${from}, though ${to} was written`);
    }
  }
  await switchOnAll(prepared, written, credentials, journal);
  if (written.machineClient === undefined) return;
  const assets = createAssets(prepared, written, credentials);
  const mark = createSecretsMark(assets, credentials, written.actions);
  await writeSecretsMark(api, written.machineClient, mark);
}
