/**
 * However a deploy ends early, whoever started it is told in what state the tenant is: what was
 * written, and whether anybody gets in through the connection.
 */
import { styleText } from 'node:util';
import { explainInterruption } from '../cli/interruption.ts';
import { UserError } from '../cli/report-error.ts';
import { readTenantState } from '../tenant/tenant-state.ts';
import { describeDoors } from './door.ts';
import { describeWritten, type Journal } from './journal.ts';
import type { Prepared } from './prepare.ts';

const AGAIN = 'Run it again: it ends where this one would have.';

/** Of something that goes on and takes its time. */
export function tell(text: string): void {
  console.error(`${styleText('yellow', '!')} ${text}`);
}

/**
 * Does `work`; a UserError of it is told the state of the tenant, read anew where it can be. So is
 * whoever ends the process, as far as it is known by then.
 * @throws {UserError}
 */
export async function tellStateAtTheEnd(
  prepared: Prepared,
  journal: Journal,
  work: () => Promise<void>,
): Promise<void> {
  const explain = () =>
    [
      'The deploy was ended in its middle. Connections are switched on last, after the Actions stand before them.',
      ...describeWritten(journal),
      AGAIN,
    ].join('\n');
  try {
    await explainInterruption(explain, work);
  } catch (error) {
    // Of what nobody foresaw the stack matters more.
    if (!(error instanceof UserError)) throw error;
    throw new UserError([error.message, ...(await describeState(prepared, journal))].join('\n'));
  }
}

async function describeState(
  { api, declared, ours }: Prepared,
  journal: Journal,
): Promise<readonly string[]> {
  if (journal.written.length === 0) return describeWritten(journal);
  const doors = await readTenantState(api, declared).then(
    (state) => describeDoors(declared, ours, state),
    () => [
      'Whom the connection is on for could not be read after that; this deploy switches it on last.',
    ],
  );
  return [...describeWritten(journal), ...doors, AGAIN];
}
