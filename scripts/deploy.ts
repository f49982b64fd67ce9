/**
 * `npm run deploy`: builds, plans, deploys tenant.yaml with auth0-deploy-cli, and reads back what
 * arrived: the Actions first, the connection then, and whom it is on for last. Without changes it
 * writes nothing.
 */
import { ENV, YES } from './lib/cli/command.ts';
import { readCommandLine } from './lib/cli/command-line.ts';
import { confirm } from './lib/cli/confirm.ts';
import { loadEnvironment } from './lib/cli/environment.ts';
import { reportAndExit, UserError } from './lib/cli/report-error.ts';
import { deployToTenant } from './lib/deploy/deploy-to-tenant.ts';
import { BITBUCKET } from './lib/deploy/door.ts';
import { hasChanges } from './lib/deploy/plan.ts';
import { type Prepared, prepare } from './lib/deploy/prepare.ts';
import { renderPlan } from './lib/deploy/show-plan.ts';

async function main(): Promise<void> {
  const options = readCommandLine({
    name: 'deploy',
    does: 'Plans, asks, deploys tenant.yaml with auth0-deploy-cli, and reads back what arrived.\nWithout changes it writes nothing.',
    options: {
      env: ENV,
      plan: { about: 'deploy only the plan that has this fingerprint', value: 'FINGERPRINT' },
      yes: YES,
    },
    ends: { 0: 'the tenant is as it should be', 1: 'an error' },
    example: '--env staging --yes',
  });
  const prepared = await prepare(loadEnvironment(options.env));
  console.log(renderPlan(prepared));
  if (!hasChanges(prepared.changes)) return;
  assertAgreed(prepared, options.plan);
  await confirm(`Deploy this to ${prepared.deployer.domain}?`, options);
  await deployToTenant(prepared);
  for (const name of findSilentConnections(prepared)) {
    console.log(
      `The connection ${name} is on for no application: name some in AUTH0_ENABLED_CLIENTS.`,
    );
  }
}

/** What somebody agreed to is what is deployed. */
function assertAgreed({ fingerprint }: Prepared, agreed: string | undefined): void {
  if (agreed === undefined || agreed.trim() === fingerprint) return;
  throw new UserError(
    `This is not the plan that was agreed to (${agreed.trim()}): the tenant, the configuration or the code has changed since. Nothing was changed. Look at this one, and agree to ${fingerprint}.`,
  );
}

/** Bitbucket connections that nobody can sign in with yet. */
function findSilentConnections({ declared, state, applications }: Prepared): readonly string[] {
  return declared.connections
    .filter(({ strategy }) => strategy === BITBUCKET)
    .map(({ name }) => name)
    .filter((name) => (applications.get(name) ?? []).length === 0)
    .filter((name) => {
      const found = state.connections.find(({ connection }) => connection.name === name);
      return (found?.enabledClients ?? []).length === 0;
    });
}

await main().catch(reportAndExit);
