/**
 * `npm run plan`: what a deploy would change on the tenant. Changes nothing.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderPlan, renderPlanAsJson } from './lib/deploy/show-plan.ts';

async function main(): Promise<void> {
  const { env, json } = readCommandLine({
    name: 'plan',
    does: 'Shows what a deploy would change on the tenant. Changes nothing.',
    options: { env: ENV, json: JSON_REPORT },
    ends: { 0: 'no change', 2: 'changes', 1: 'an error' },
  });
  const prepared = await prepare(loadEnvironment(env));
  console.log(json ? renderPlanAsJson(prepared) : renderPlan(prepared));
  process.exitCode = hasChanges(prepared.changes) ? 2 : 0;
}

await main().catch(reportAndExit);
