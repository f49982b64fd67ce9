/** The tenant read until it is as it was meant to be, or until it is plain that it is not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli/report-error.ts';
import { readTenantState, type TenantState } from '../tenant/tenant-state.ts';
import { hasChanges, type ResourceChange } from './plan.ts';
import { compareWith, type Prepared } from './prepare.ts';

/** What was written is not always read at once: bindings, above all, can take a moment. */
const READS = 5;
const PAUSE_MS = 1_000;

/**
 * @param select what of the comparison has to be settled by now.
 * @throws {UserError} naming each difference that stays.
 */
export async function readUntilSettled(
  prepared: Prepared,
  select: (change: ResourceChange) => ResourceChange | undefined,
): Promise<TenantState> {
  for (let read = 1; ; read += 1) {
    const state = await readTenantState(prepared.api, prepared.declared);
    // The secrets cannot be read back; their names can.
    const differences = compareWith(prepared, state, { trustSecrets: true })
      .map(select)
      .filter((change) => change !== undefined);
    if (!hasChanges(differences)) return state;
    if (read === READS) throw createDifferenceError(differences);
    await sleep(PAUSE_MS);
  }
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
      'What was written is not what the tenant shows:',
      ...lines,
      'Run it again; if this stays, look at the tenant’s logs in the Auth0 dashboard.',
    ].join('\n'),
  );
}
