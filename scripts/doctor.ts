/**
 * `npm run doctor`: checks the policy, the consumer, the tenant and what is deployed, and says what
 * to do. Changes nothing.
 */
import { ENV, JSON_REPORT } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { type Environment, loadEnvironment } from './lib/cli/environment.ts';
import { showStep } from './lib/cli/progress.ts';
import { reportAndExit } from './lib/cli/report-error.ts';
import { checkConsumer, checkRules } from './lib/doctor/consumer.ts';
import { type Finding, renderFindings } from './lib/doctor/finding.ts';
import { checkPolicy } from './lib/doctor/policy.ts';
import { checkTenant } from './lib/doctor/tenant.ts';

async function examine(env: Environment): Promise<readonly Finding[]> {
  const policy = checkPolicy(env);
  const consumer = await showStep('Asking Bitbucket', () => checkConsumer(env));
  const workspaces = policy.isReadable ? await checkRules(policy.rules, consumer.token) : [];
  return [policy.finding, ...consumer.findings, ...workspaces, ...(await checkTenant(env))];
}

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'doctor',
    does: 'Checks the consumer, the connection, the tenant and the policy, and says what to do.\nChanges nothing.',
    options: { env: ENV, json: JSON_REPORT },
    ends: { 0: 'no problem; there may be warnings', 1: 'a problem, or an error' },
  });
  const findings = await examine(loadEnvironment(options.env));
  console.log(options.json ? JSON.stringify({ findings }, null, 2) : renderFindings(findings));
  if (findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
}

await main().catch(reportAndExit);
