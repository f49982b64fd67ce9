/**
 * `npm run deploy`: builds, plans, deploys tenant.yaml with auth0-deploy-cli in one import, and
 * reads back what arrived. Without changes it writes nothing.
 */
import { ENV, YES } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { confirm } from './lib/cli/confirm.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { deployToTenant } from './lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { prepare } from './lib/deploy/prepare.ts';
import { renderPlan } from './lib/deploy/show-plan.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'deploy',
    does: 'Plans, asks, deploys tenant.yaml with auth0-deploy-cli, and reads back what arrived.\nWithout changes it writes nothing.',
    options: { env: ENV, yes: YES },
    ends: { 0: 'the tenant is as it should be', 1: 'an error' },
  });
  const prepared = await prepare(loadEnvironment(options.env));
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
