/**
 * `npm run rollback`: puts the previously deployed version of each Action back. Exit code 0, or 1
 * and a clear error.
 */
import { confirm, readCommandLine } from './lib/command-line.ts';
import { loadEnvironment, readDeployer } from './lib/environment.ts';
import { connectToTenant } from './lib/management-api.ts';
import { showStep } from './lib/progress.ts';
import { reportAndExit } from './lib/report-error.ts';
import { planRollback, renderRollback, rollBack } from './lib/rollback.ts';
import { readTenantFile } from './lib/tenant-file.ts';

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
