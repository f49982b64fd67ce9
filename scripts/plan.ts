/**
 * `npm run plan`: what a deploy would change on the tenant. Changes nothing.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { toHarmlessText } from './lib/cli/harmless.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { readWholeNumber } from './lib/cli/whole-number.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderPlan, renderPlanAsJson } from './lib/deploy/show-plan.ts';
import { planPeople } from './lib/people/plan-people.ts';
import { planPeopleToPlain, renderPlanPeople } from './lib/people/show-plan-people.ts';
import { PEOPLE_SCOPES } from './lib/tenant/deployer-scopes.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'plan',
    does: 'Shows what a deploy would change on the tenant. Changes nothing.',
    options: {
      env: ENV,
      people: { about: 'also whom it would refuse or let in otherwise than their last login did' },
      'max-locked-out': {
        about: 'with --people: an error where it would newly refuse more',
        value: 'N',
      },
      json: JSON_REPORT,
    },
    ends: { 0: 'no change', 2: 'changes', 1: 'an error, or more locked out than are allowed' },
    example: '--people --max-locked-out 3',
  });
  const { people: withPeople, json } = options;
  const most = readWholeNumber('--max-locked-out', options['max-locked-out']);
  if (most !== undefined && !withPeople)
    throw new UserError('--max-locked-out goes with --people.');
  const env = loadEnvironment(options.env);
  const prepared = await prepare(env, undefined, { alsoNeeded: withPeople ? PEOPLE_SCOPES : [] });
  const people = withPeople ? await planPeople(prepared) : undefined;
  if (json) {
    const plain = people === undefined ? {} : { people: planPeopleToPlain(people) };
    console.log(toHarmlessText(renderPlanAsJson(prepared, plain)));
  } else {
    console.log(renderPlan(prepared));
    if (people !== undefined) console.log(`\n${renderPlanPeople(people)}`);
  }
  process.exitCode = hasChanges(prepared.changes) ? 2 : 0;
  const lockedOut = people?.newlyRefused.length ?? 0;
  if (most === undefined || lockedOut <= most) return;
  console.error(`✗ ${lockedOut} would be newly refused, and --max-locked-out allows ${most}.`);
  process.exitCode = 1;
}

await main().catch(reportAndExit);
