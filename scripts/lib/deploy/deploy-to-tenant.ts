/**
 * A deploy, from the plan to the proof that it arrived. The gate before the door: the Actions are
 * deployed, bound and read back before a connection is written, and a connection is switched on
 * for an application last of all. Wherever it ends, nobody is let in whom nothing checks.
 */
import { showStep } from '../cli/progress.ts';
import { readTenantState } from '../tenant/tenant-state.ts';
import {
  bindAll,
  importConnections,
  importGate,
  makeApplications,
  readCredentials,
  switchOnAll,
} from './deploy-steps.ts';
import { createJournal, type Journal } from './journal.ts';
import { ENABLED_FOR, type ResourceChange } from './plan.ts';
import { createAssets, type Prepared } from './prepare.ts';
import { readUntilSettled } from './read-back.ts';
import { clearSecretsMark, createSecretsMark, writeSecretsMark } from './secrets-mark.ts';
import { tellStateAtTheEnd } from './tell-state.ts';
import { assertSameConnections, assertSameFlow, assertUnchanged } from './unchanged.ts';

/**
 * Carries out a plan that has changes. Interrupted anywhere and run again, it ends in the same
 * place: what is there is found by its name, and the mark of the secrets is written last.
 * @throws {UserError} when the tenant changed meanwhile, or is not as it was meant to be; it says in
 *   what state the tenant is.
 */
export async function deployToTenant(prepared: Prepared): Promise<void> {
  const journal = createJournal();
  await tellStateAtTheEnd(prepared, journal, () => carryOut(prepared, journal));
}

async function carryOut(prepared: Prepared, journal: Journal): Promise<void> {
  const { api, declared } = prepared;
  const before = await readTenantState(api, declared);
  assertUnchanged(prepared.state, before);
  const ready = await makeApplications(prepared, before, journal);
  const credentials = readCredentials(declared, ready);
  // What ends in the middle has left secrets behind that no mark may vouch for.
  if (ready.machineClient !== undefined) await clearSecretsMark(api, ready.machineClient);

  // A deploy that only switches on makes no new versions: Auth0 keeps fifty.
  if (prepared.changes.some(({ kind, change }) => GATE.includes(kind) && change !== 'none')) {
    await importGate(prepared, ready, credentials, journal);
  }
  const deployed = await showStep('Reading back what was deployed', () =>
    readUntilSettled(prepared, isOf(GATE)),
  );
  assertSameFlow(before, deployed);
  await bindAll(prepared, deployed, credentials, journal);
  const gated = await showStep('Reading back what is bound', () =>
    readUntilSettled(prepared, isOf([...GATE, 'flow'])),
  );
  assertSameConnections(before, gated);

  await importConnections(prepared, gated, credentials, journal);
  const written = await showStep('Reading back the tenant', () =>
    readUntilSettled(prepared, withoutSwitches),
  );
  await switchOnAll(prepared, written, credentials, journal);
  if (written.machineClient === undefined) return;
  const mark = createSecretsMark(createAssets(prepared, written, credentials), credentials);
  await writeSecretsMark(api, written.machineClient, mark);
}

const GATE: readonly ResourceChange['kind'][] = ['application', 'grant', 'action'];

type Selection = (change: ResourceChange) => ResourceChange | undefined;

function isOf(kinds: readonly ResourceChange['kind'][]): Selection {
  return (change) => (kinds.includes(change.kind) ? change : undefined);
}

/** Whom a connection is on for is written after this, and read back then. */
function withoutSwitches(change: ResourceChange): ResourceChange | undefined {
  if (change.change !== 'update') return change;
  const fields = change.fields.filter(({ field }) => field !== ENABLED_FOR);
  return fields.length === 0 ? undefined : { ...change, fields };
}
