/**
 * `npm run deploy`: builds, plans, deploys tenant.yaml with auth0-deploy-cli in one import, and
 * reads back what arrived. Without changes it writes nothing. Exit code 0, or 1 and a clear error.
 */
import { confirm, readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { deployToTenant } from './lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderPlan } from './lib/deploy/show-plan.ts';

async function main(): Promise<void> {
  const options = readCommandLine(['yes']);
  const prepared = await prepare(loadEnvironment());
  console.log(renderPlan(prepared));
  if (!hasChanges(prepared.changes)) return;
  await confirm(`Deploy this to ${prepared.deployer.domain}?`, options);
  await deployToTenant(prepared);
  if (prepared.enabledClients.length === 0 && prepared.state.enabledClients.length === 0) {
    console.log(
      'The connection is not enabled for any application: name some in AUTH0_ENABLED_CLIENTS.',
    );
  }
}

await main().catch(reportAndExit);
