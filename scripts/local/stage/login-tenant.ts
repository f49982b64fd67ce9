/** A local tenant for one sign-in, deployed to as any other. Nothing of it outlives the process. */
import { showStep } from '#scripts/lib/cli/progress.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { createCast } from './cast.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const NAMESPACE = 'https://example.com/bitbucket';
const LOGIN_APPLICATION = 'Bitbucket login test';

/** With the people of `npm start`, and the application of `npm run login`. */
export async function startLoginTenant(): Promise<Sandbox> {
  const { world, allowed, policy } = createCast();
  const sandbox = await showStep('Starting a local Bitbucket and a local tenant', () =>
    startSandbox({
      world,
      consumerWorkspace: allowed,
      applications: [],
      policy: { CLAIM_NAMESPACE: NAMESPACE, LOGIN_APPLICATION, ...policy },
    }),
  );
  try {
    await deployToTenant(await prepare(sandbox.environment));
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
