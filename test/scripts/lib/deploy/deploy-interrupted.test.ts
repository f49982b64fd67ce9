/**
 * A deploy that fails half-way, and the one after it: the real auth0-deploy-cli, twice. It ends in
 * the same place, and waits for what Auth0 shows a moment late.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from '#scripts/lib/deploy/plan.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  policy: { CLAIM_NAMESPACE: 'https://example.com/bitbucket', ALLOWED_WORKSPACES: 'acme' },
});
const { store, faults } = sandbox.tenant;
addAction(store, 'marketing', { isBound: true });
afterAll(() => sandbox.close());

const machineClients = () =>
  [...store.clients.values()].filter(({ name }) => name === 'Bitbucket login checks');

describe('a deploy', () => {
  test('that cannot make its application says so, and has written nothing', async () => {
    faults.set('POST /api/v2/clients', {
      reply: { status: 403, body: '{"message":"You reached the limit of entities of this type."}' },
    });
    sandbox.tenant.clearCalls();
    await expect(deployToTenant(await prepare(sandbox.environment))).rejects.toThrow(
      'was refused: 403, You reached the limit of entities of this type.',
    );
    faults.clear();
    const writes = sandbox.tenant.calls.filter(({ method }) => method === 'PATCH');
    expect(writes).toEqual([]);
    expect(machineClients()).toEqual([]);
  });

  test('that fails half-way says what auth0-deploy-cli said, and no secret', {
    timeout: 90_000,
  }, async () => {
    faults.set('POST /api/v2/actions/actions/{id}/deploy', {
      reply: { status: 400, body: '{"statusCode":400,"message":"The build is broken."}' },
    });
    const failure = await deployToTenant(await prepare(sandbox.environment)).catch(
      (error) => error,
    );
    faults.clear();

    expect(failure.message).toMatch(/^auth0-deploy-cli failed\. Its last words:/);
    expect(failure.message).toContain('The build is broken');
    const secrets = [sandbox.environment.BITBUCKET_SECRET, machineClients()[0]?.client_secret];
    for (const secret of secrets) expect(failure.message).not.toContain(secret);
    // What others have is still there.
    expect(store.bindings).toHaveLength(1);
  });

  test('that comes after it ends where the first would have', { timeout: 90_000 }, async () => {
    const prepared = await prepare(sandbox.environment);
    expect(hasChanges(prepared.changes)).toBe(true);
    let reads = 0;
    faults.set('GET /api/v2/actions/triggers/post-login/bindings', {
      // The second read, after the import, still shows what was bound before it.
      reply: (_, reply) => {
        reads += 1;
        if (reads !== 2) return reply;
        const { bindings, ...page } = JSON.parse(reply.body);
        return { ...reply, body: JSON.stringify({ ...page, bindings: bindings.slice(2) }) };
      },
    });
    await deployToTenant(prepared);
    faults.clear();

    expect(reads).toBe(3);
    expect(machineClients()).toHaveLength(1);
    expect(store.bindings.map(({ actionId }) => store.actions.get(actionId)?.name)).toEqual([
      'bitbucket-email-verification',
      'bitbucket-workspace-membership',
      'marketing',
    ]);
    const { changes } = await prepare(sandbox.environment);
    expect(hasChanges(changes)).toBe(false);
  });
});
