/** What somebody agreed to is what is deployed: the plan's fingerprint goes from plan to deploy. */
import { afterAll, expect, test } from 'vitest';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { runScript } from '../support/run-script.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  policy: { CLAIM_NAMESPACE: 'https://example.com/bitbucket', ALLOWED_WORKSPACES: 'acme' },
});
const { store } = sandbox.tenant;
afterAll(() => sandbox.close());

const fingerprintOf = async (change: Readonly<Record<string, string>> = {}) =>
  (await prepare({ ...sandbox.environment, ...change })).fingerprint;

test('the plan that was agreed to is deployed, and no other', { timeout: 120_000 }, async () => {
  const { code, stdout } = await runScript(sandbox, 'plan');
  expect(code).toBe(2);
  const agreed = /^Fingerprint: ([0-9a-f]+)$/m.exec(stdout)?.[1] ?? '';
  expect(await fingerprintOf()).toBe(agreed);

  sandbox.tenant.clearCalls();
  const change = { ALLOWED_WORKSPACES: '*' };
  const refused = await runScript(sandbox, 'deploy', ['--yes', '--plan', agreed], change);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`This is not the plan that was agreed to (${agreed})`);
  const methods = sandbox.tenant.calls.filter(({ path }) => path !== '/oauth/token');
  expect(methods.every(({ method }) => method === 'GET')).toBe(true);

  const done = await runScript(sandbox, 'deploy', ['--yes', '--plan', agreed]);
  expect(done.stderr).not.toContain('✗');
  expect(done.code).toBe(0);
  expect(store.bindings).toHaveLength(2);
});

test('another secret, and another state of the tenant, make another plan', async () => {
  const now = await fingerprintOf();
  // Nothing of a secret is in the plan that people see.
  expect(await fingerprintOf({ BITBUCKET_SECRET: 'another' })).not.toBe(now);
  addAction(store, 'marketing', { isBound: true });
  expect(await fingerprintOf()).not.toBe(now);
});
