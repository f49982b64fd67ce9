/**
 * `npx a0deploy import -i tenant.yaml`, for those who insist: it works, and it overwrites what the
 * README says it overwrites.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '#scripts/lib/root.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { deployedVersionOf } from '#scripts/local/tenant/store.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [],
  policy: {},
});
const { store, domain } = sandbox.tenant;
addAction(store, 'marketing', { isBound: true });
addConnection(store, 'bitbucket', 'bitbucket', [], { non_persistent_attrs: ['nickname'] });
afterAll(() => sandbox.close());

test('auth0-deploy-cli alone imports tenant.yaml, and replaces', { timeout: 180_000 }, async () => {
  const env = {
    ...sandbox.environment,
    BITBUCKET_SECRET: 'plain',
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    ...{ MANAGEMENT_CLIENT_ID: 'id', MANAGEMENT_CLIENT_SECRET: 'secret' },
    ...{ ALLOWED_WORKSPACES: 'acme', REQUIRE_VERIFIED_EMAIL: 'true', ON_OUTAGE: 'deny' },
    ...{
      RECHECK_AFTER_MINUTES: '60',
      EMAIL_RECHECK_AFTER_DAYS: '30',
      LAST_KNOWN_MAX_AGE_HOURS: '24',
    },
    ...{ ROLES: 'member=acme', GROUP_NAMES: 'slug', LOGIN_APPLICATION: 'Bitbucket login test' },
  };
  const command = join(ROOT, 'node_modules', 'auth0-deploy-cli', 'lib', 'index.js');
  const args = [command, 'import', '-i', join(ROOT, 'tenant.yaml')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: ROOT });
  expect(stdout).toContain('Import Successful');

  const actions = [...store.actions.values()].filter(({ name }) => name.startsWith('bitbucket-'));
  expect(actions).toHaveLength(2);
  for (const action of actions) {
    const secrets = deployedVersionOf(action)?.secrets ?? [];
    expect(secrets.find(({ name }) => name === 'MANAGEMENT_DOMAIN')?.value).toBe(domain);
    expect(secrets).toHaveLength(14);
  }
  expect(store.bindings.map(({ display_name }) => display_name)).toEqual([
    'bitbucket-email-verification',
    'bitbucket-workspace-membership',
  ]);
  const [connection] = store.connections.values();
  expect(connection?.options).not.toHaveProperty('non_persistent_attrs');
});
