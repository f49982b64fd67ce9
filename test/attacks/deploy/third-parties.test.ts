/** A connection that is promoted to domain level is open to applications that no list of it names. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { describeDoors } from '#scripts/lib/deploy/door.ts';
import { createJournal } from '#scripts/lib/deploy/journal.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { prepareRemoval } from '#scripts/lib/deploy/prepare-removal.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import { removeFromTenant } from '#scripts/lib/deploy/undeploy.ts';
import { checkConnection } from '#scripts/lib/doctor/connections.ts';
import { checkTenant } from '#scripts/lib/doctor/tenant.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { OURS, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startTenant();
  await deployToTenant(await prepare(sandbox.environment), importHere);
  const { store } = sandbox.tenant;
  for (const enabled of store.enabledClients.values()) enabled.clear();
  for (const [id, connection] of store.connections) {
    store.connections.set(id, { ...connection, is_domain_connection: true });
  }
}, 60_000);
afterAll(() => sandbox?.close());

describe('a connection of domain level', () => {
  test('is never left without the Actions by an undeploy', async () => {
    sandbox.tenant.clearCalls();
    await expect(prepareRemoval(sandbox.environment, false)).rejects.toThrow(
      'bitbucket is promoted to domain level',
    );
    const { removal } = await prepareRemoval(sandbox.environment, true);
    expect(removal.leftOpen).toEqual(['bitbucket']);
    expect(writesOf(sandbox)).toEqual([]);
  });

  test('that is promoted while the question is asked stays gated', async () => {
    const { api, removal } = await prepareRemoval(sandbox.environment, true);
    const work = removeFromTenant(api, { ...removal, leaveEnabled: false }, createJournal());
    await expect(work).rejects.toThrow('bitbucket was switched on meanwhile');
    expect(sandbox.tenant.store.bindings).toHaveLength(3);
  });

  test('is told as what it is', async () => {
    const { declared, state } = await prepare(sandbox.environment);
    const [told] = describeDoors(declared, OURS, state);
    expect(told).toContain('is on for every third-party application');
    const [connection] = state.connections;
    expect(connection && checkConnection(connection)).toMatchObject([
      { level: 'warning' },
      { level: 'warning', message: expect.stringContaining('third-party') },
    ]);
  });

  test('without a gate is a problem of the doctor, and a warning of the plan', async () => {
    const { store } = sandbox.tenant;
    const { bindings } = store;
    store.bindings = [];
    const { warnings } = await prepare(sandbox.environment);
    expect(warnings.join()).toMatch(/third-party .* people get in unchecked/);
    const findings = await checkTenant(sandbox.environment, true);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'Gate', level: 'problem' }));
    store.bindings = bindings;
  });

  test('is refused where tenant.yaml binds nothing of ours', async () => {
    const file = await readTenantFile();
    const work = prepare(
      { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: '' },
      {
        ...file,
        connections: file.connections.map((one) => ({ ...one, is_domain_connection: true })),
        triggers: { 'post-login': [] },
      },
    );
    // Bound already, they stay: it is the tenant without them that is refused.
    await expect(work).resolves.toBeDefined();
    sandbox.tenant.store.bindings = [];
    await expect(
      prepare(
        { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: '' },
        {
          ...file,
          connections: file.connections.map((one) => ({ ...one, is_domain_connection: true })),
          triggers: { 'post-login': [] },
        },
      ),
    ).rejects.toThrow('everybody would get in');
  });
});
