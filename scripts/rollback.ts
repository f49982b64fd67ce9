/**
 * `npm run rollback`: puts the previously deployed version of each Action back. Exit code 0, or 1
 * and a clear error.
 */
import { confirm, readCommandLine } from './lib/cli/command-line.ts';
import { loadEnvironment, readDeployer } from './lib/cli/environment.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { planRollback, renderRollback, rollBack } from './lib/deploy/rollback.ts';
import { readTenantFile } from './lib/deploy/tenant-file.ts';
import { connectToTenant } from './lib/tenant/management-api.ts';

async function main(): Promise<void> {
  const options = readCommandLine(['yes']);
  const deployer = readDeployer(loadEnvironment());
  const assets = await readTenantFile();
  const api = await connectToTenant(deployer);
  const steps = await planRollback(api, assets);
  console.log(renderRollback(steps));
  await confirm(`Roll these back on ${deployer.domain}?`, options);
  await showStep('Rolling back', () => rollBack(api, assets, steps));
}

await main().catch(reportAndExit);
