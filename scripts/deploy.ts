/**
 * `npm run deploy`: builds, plans, deploys tenant.yaml with auth0-deploy-cli in one import, and
 * reads back what arrived. Without changes it writes nothing. Exit code 0, or 1 and a clear error.
 */
import { confirm, readCommandLine } from './lib/command-line.ts';
import { deployToTenant } from './lib/deploy-to-tenant.ts';
import { loadEnvironment } from './lib/environment.ts';
import { hasChanges } from './lib/plan.ts';
import { prepare } from './lib/prepare.ts';
import { reportAndExit } from './lib/report-error.ts';
import { renderPlan } from './lib/show-plan.ts';

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
