/**
 * `npm run plan`: what a deploy would change on the tenant. Changes nothing. Exit code 0: no
 * change, 2: changes, 1: an error.
 */
import { readCommandLine } from './lib/command-line.ts';
import { loadEnvironment } from './lib/environment.ts';
import { hasChanges } from './lib/plan.ts';
import { prepare } from './lib/prepare.ts';
import { reportAndExit } from './lib/report-error.ts';
import { renderPlan, renderPlanAsJson } from './lib/show-plan.ts';

async function main(): Promise<void> {
  const { json } = readCommandLine(['json']);
  const prepared = await prepare(loadEnvironment());
  console.log(json ? renderPlanAsJson(prepared) : renderPlan(prepared));
  process.exitCode = hasChanges(prepared.changes) ? 2 : 0;
}

await main().catch(reportAndExit);
