/**
 * `npm run rollback`: puts the previously deployed version of each Action back. Run again, it goes
 * one further back, and never forward.
 */
import { ENV, YES } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { confirm } from './lib/cli/confirm.ts';
import { loadEnvironment, readDeployer } from './lib/cli/environment.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { planRollback, renderRollback, rollBack } from './lib/deploy/rollback.ts';
import { readTenantFile } from './lib/deploy/tenant-file.ts';
import { assertScopes, DEPLOYER_SCOPES } from './lib/tenant/deployer-scopes.ts';
import { connectToTenant } from './lib/tenant/management-api.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'rollback',
    does: 'Puts the previously deployed version of each Action back; run again, one further back.\nThe connection, the grant and what others have stay as they are.',
    options: { env: ENV, yes: YES },
    ends: { 0: 'rolled back', 1: 'an error' },
  });
  const deployer = readDeployer(loadEnvironment(options.env));
  const assets = await readTenantFile();
  const api = await connectToTenant(deployer);
  assertScopes(api.token, DEPLOYER_SCOPES);
  const plan = await planRollback(api, assets);
  console.log(renderRollback(plan));
  await confirm(`Roll these back on ${deployer.domain}?`, options);
  await showStep('Rolling back', () => rollBack(api, plan));
}

await main().catch(reportAndExit);
