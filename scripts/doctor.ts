/**
 * `npm run doctor`: checks the policy, the consumer, the tenant and what is deployed, and says what
 * to do. Changes nothing.
 */

import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { examine } from './lib/doctor/examine.ts';
import { renderFindings } from './lib/doctor/finding.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'doctor',
    does: 'Checks the consumer, the connection, the tenant and the policy, and says what to do.\nChanges nothing.',
    options: { env: ENV, json: JSON_REPORT },
    ends: { 0: 'no problem; there may be warnings', 1: 'a problem, or an error' },
  });
  const findings = await examine(loadEnvironment(options.env));
  console.log(options.json ? JSON.stringify({ findings }, null, 2) : renderFindings(findings));
  if (findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
}

await main().catch(reportAndExit);
