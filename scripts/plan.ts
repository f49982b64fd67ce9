/**
 * `npm run plan`: what a deploy would change on the tenant. Changes nothing. Exit code 0: no
 * change, 2: changes, 1: an error.
 */
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderPlan, renderPlanAsJson } from './lib/deploy/show-plan.ts';

async function main(): Promise<void> {
  const { json } = readCommandLine(['json']);
  const prepared = await prepare(loadEnvironment());
  console.log(json ? renderPlanAsJson(prepared) : renderPlan(prepared));
  process.exitCode = hasChanges(prepared.changes) ? 2 : 0;
}

await main().catch(reportAndExit);
