/** Everything that the doctor looks at, in the order in which it is told. Changes nothing. */
import { buildActions } from '../build/build-actions.ts';
import type { Environment } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { checkConsumer, checkRoutes } from './consumer.ts';
import type { Finding } from './finding.ts';
import { checkNames } from './names.ts';
import { checkPolicy } from './policy.ts';
import { checkTenant } from './tenant.ts';
import { checkTargets } from './workspaces.ts';

export async function examine(env: Environment): Promise<readonly Finding[]> {
  const { finding: policy, targets } = checkPolicy(env);
  const bitbucket = await showStep('Asking Bitbucket', async () => {
    const { findings, token } = await checkConsumer(env, targets);
    if (targets === undefined) return findings;
    const routes = token === undefined ? [] : await checkRoutes(token, targets);
    return [...findings, ...(await checkTargets(targets, token)), ...routes];
  });
  // The gate is compared with what this checkout builds.
  await showStep('Building the Actions', buildActions);
  const tenant = await checkTenant(env, targets !== undefined);
  return [...checkNames(env), policy, ...bitbucket, ...tenant];
}
