/**
 * `npm run rollback`: puts the previously deployed version of each Action back.
 */
import { ENV, YES } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { confirm } from './lib/cli/confirm.ts';
import { loadEnvironment, readDeployer } from './lib/cli/environment.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { planRollback, renderRollback, rollBack } from './lib/deploy/rollback.ts';
import { readTenantFile } from './lib/deploy/tenant-file.ts';
import { connectToTenant } from './lib/tenant/management-api.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'rollback',
    does: 'Puts the previously deployed version of each Action back.',
    options: { env: ENV, yes: YES },
    ends: { 0: 'rolled back', 1: 'an error' },
  });
  const deployer = readDeployer(loadEnvironment(options.env));
  const assets = await readTenantFile();
  const api = await connectToTenant(deployer);
  const steps = await planRollback(api, assets);
  console.log(renderRollback(steps));
  await confirm(`Roll these back on ${deployer.domain}?`, options);
  await showStep('Rolling back', () => rollBack(api, assets, steps));
}

await main().catch(reportAndExit);
