/** `npm run bench`: the measurements, as tables, or with --json for a program. */
import { measureCommands } from './bench/commands.ts';
import { measureFirstLogin } from './bench/first-login.ts';
import { measureGrowth } from './bench/growth.ts';
import { measureLoading } from './bench/loading.ts';
import { renderSection, type Section } from './bench/measure.ts';
import { measureRoundTrips } from './bench/round-trips.ts';
import { measureScale } from './bench/scale.ts';
import { measureSize } from './bench/size.ts';
import { measureTests } from './bench/tests.ts';
import { buildActions } from './lib/build/build-actions.ts';
import { JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';

const SECTIONS: readonly (readonly [string, () => Promise<Section>])[] = [
  ['Round trips', measureRoundTrips],
  ['First login', measureFirstLogin],
  ['Loading', measureLoading],
  ['Size', measureSize],
  ['Growth', measureGrowth],
  ['Scale', measureScale],
  ['Commands', measureCommands],
  ['Tests', measureTests],
];

async function main(): Promise<void> {
  const { json } = readCommandLine({
    name: 'bench',
    does: 'Measures what a login, a build and the commands cost.',
    options: { json: JSON_REPORT },
    ends: { 0: 'measured', 1: 'an error' },
  });
  await buildActions();
  const sections: Section[] = [];
  for (const [title, measure] of SECTIONS) {
    const section = await showStep(`Measuring: ${title}`, measure);
    sections.push(section);
    if (!json) console.log(`\n${renderSection(section)}\n`);
  }
  if (json) console.log(JSON.stringify(sections, null, 2));
}

await main().catch(reportAndExit);
