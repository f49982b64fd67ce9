/**
 * `npm run people`: everybody who signed in with Bitbucket, and whether today's policy lets them in.
 * Changes nothing, and keeps nothing.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { readWholeNumber } from './lib/cli/whole-number.ts';
import { listPeople } from './lib/people/list.ts';
import { renderPeople, renderPeopleAsCsv, renderPeopleAsJson } from './lib/people/show-people.ts';

const WIDTH_OF_A_FILE = 120;

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'people',
    does: 'Lists everybody who signed in with Bitbucket, linked accounts too: their workspaces, the last\nlook, and whether today’s policy lets them in. Changes nothing.',
    options: {
      env: ENV,
      out: { about: 'only those whom it refuses' },
      stale: {
        about: 'only those who were not looked at for so many days, or never',
        value: 'DAYS',
      },
      csv: { about: 'for a spreadsheet' },
      json: JSON_REPORT,
    },
    ends: { 0: 'they were listed', 1: 'an error' },
    example: '--csv --stale 90 > people.csv',
  });
  if (options.csv && options.json) throw new UserError('--csv or --json, not both.');
  const people = await listPeople(loadEnvironment(options.env), {
    isOut: options.out,
    staleDays: readWholeNumber('--stale', options.stale),
  });
  if (options.csv) process.stdout.write(renderPeopleAsCsv(people));
  else if (options.json) console.log(renderPeopleAsJson(people));
  else console.log(renderPeople(people, process.stdout.columns || WIDTH_OF_A_FILE));
  if (options.csv || options.json) for (const note of people.notes) console.error(note);
}

await main().catch(reportAndExit);
