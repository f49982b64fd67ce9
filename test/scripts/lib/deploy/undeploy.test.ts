/**
 * What a deploy put into a tenant, taken out again: the door before the gate, nothing of others, and
 * wherever it ends nobody gets in unchecked.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { createJournal } from '#scripts/lib/deploy/journal.ts';
import { isNothing, renderRemoval, renderSwitchOn } from '#scripts/lib/deploy/plan-removal.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { prepareRemoval } from '#scripts/lib/deploy/prepare-removal.ts';
import { removeFromTenant } from '#scripts/lib/deploy/undeploy.ts';
import { DEPLOYER_SCOPES, REMOVER_SCOPES } from '#scripts/lib/tenant/deployer-scopes.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { isSafe, lookAtDoor, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';
import { runScript } from '#test/support/run-script.ts';

let sandbox: Sandbox;
/** What is in the tenant after a deploy. */
let deployed: Record<string, unknown>;
beforeAll(async () => {
  sandbox = await startTenant();
  await deployToTenant(await prepare(sandbox.environment), importHere);
  deployed = structuredClone({ ...sandbox.tenant.store });
});
afterAll(() => sandbox?.close());
beforeEach(() => {
  Object.assign(sandbox.tenant.store, structuredClone(deployed));
  sandbox.tenant.faults.clear();
  sandbox.tenant.clearCalls();
});

const undeploy = async (leaveEnabled = false): Promise<void> => {
  const { api, removal } = await prepareRemoval(sandbox.environment, leaveEnabled);
  await removeFromTenant(api, removal, createJournal());
};
const namesOf = (entries: Iterable<{ readonly name: string }>) =>
  [...entries].map(({ name }) => name);

/** The connection stays, on for nobody; of the rest only what others have. */
function expectRemoved(): void {
  const { actions, clients, grants, connections, bindings } = sandbox.tenant.store;
  expect.soft(namesOf(actions.values())).toEqual(['marketing']);
  expect.soft(namesOf(clients.values()).sort()).toEqual(['App', 'Deployer']);
  expect.soft([...grants.values()].map(({ client_id: id }) => id)).toEqual(['local-deployer']);
  expect.soft(namesOf(connections.values())).toEqual(['bitbucket']);
  expect.soft(bindings.map(({ display_name: name }) => name)).toEqual(['marketing']);
  expect.soft(lookAtDoor(sandbox).enabled).toBe(0);
}

const WRITES = [
  'PATCH connections/{id}/clients',
  'PATCH actions/triggers/post-login/bindings',
  'DELETE actions/actions/{id}',
  'DELETE actions/actions/{id}',
  'DELETE client-grants/{id}',
  'DELETE clients/{id}',
];

describe('an undeploy', () => {
  test('switches off, unbinds, removes what is ours, and leaves the rest', async () => {
    await undeploy();
    expect(writesOf(sandbox)).toEqual(WRITES);
    expectRemoved();
  });

  test.each(WRITES.map((write, index) => [index, write] as const))(
    'refused its write %i, %s, leaves nobody in unchecked, and run again ends right',
    async (after) => {
      sandbox.tenant.faults.set('write', { reply: { status: 403 } }, { after, times: 1 });
      await expect(undeploy()).rejects.toThrow('was refused: 403');
      expect(isSafe(sandbox)).toBe(true);
      expect(lookAtDoor(sandbox).enabled).toBe(after === 0 ? 1 : 0);
      await undeploy();
      expectRemoved();
    },
  );

  test('that cannot see that it is off goes no further', { timeout: 20_000 }, async () => {
    sandbox.tenant.faults.set('PATCH /api/v2/connections/{id}/clients', {
      reply: { status: 204, body: '' },
    });
    await expect(undeploy()).rejects.toThrow('was to be off for app, and is not');
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  });

  test('says what it does, and how to switch on again', async () => {
    const { removal, state } = await prepareRemoval(sandbox.environment, false);
    const text = renderRemoval(removal, state);
    expect(text).toContain('switch the connection bitbucket off for App');
    expect(text).toContain('The connection and its users stay.');
    expect(renderSwitchOn(removal, state)).toContain('app  (App, on bitbucket)');
  });

  test('with --leave-enabled switches nothing off, and says what that means', async () => {
    const { removal, state } = await prepareRemoval(sandbox.environment, true);
    expect(renderRemoval(removal, state)).toContain(
      'bitbucket stays on, and everybody with a Bitbucket account gets in unchecked.',
    );
    await undeploy(true);
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: false });
  });

  test('does not open a connection of somebody else', async () => {
    addConnection(sandbox.tenant.store, 'theirs', 'bitbucket', ['app']);
    await expect(undeploy()).rejects.toThrow('is not in tenant.yaml: theirs.');
    expect(writesOf(sandbox)).toEqual([]);
  });

  test('keeps the gate where somebody switched a connection on meanwhile', async () => {
    const { store } = sandbox.tenant;
    const { api, removal } = await prepareRemoval(sandbox.environment, false);
    const [connection] = store.connections.values();
    // After the question, and for an application that the plan did not know.
    store.enabledClients.get(connection?.id ?? '')?.add('local-deployer');
    await expect(removeFromTenant(api, removal, createJournal())).rejects.toThrow(
      'bitbucket was switched on meanwhile',
    );
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  });

  test('of nothing is nothing', async () => {
    await undeploy();
    const { removal } = await prepareRemoval(sandbox.environment, false);
    expect(isNothing(removal)).toBe(true);
  });

  test('works where the policy cannot be read', async () => {
    const broken = { ...sandbox.environment, ON_OUTAGE: 'allow', CLAIM_NAMESPACE: '' };
    const { removal } = await prepareRemoval(broken, false);
    expect(removal.actions).toHaveLength(2);
  });
});

describe('npm run undeploy', () => {
  test('asks, and where nobody can be asked changes nothing', { timeout: 60_000 }, async () => {
    const { code, stderr, stdout } = await runScript(sandbox, 'undeploy');
    expect(code).toBe(1);
    expect(stderr).toContain('Nobody is there to ask');
    expect(stdout).toContain('- remove the Action bitbucket-email-verification');
    expect(writesOf(sandbox)).toEqual([]);
  });

  test('ends with 0, and with 0 again where nothing is left', { timeout: 60_000 }, async () => {
    const first = await runScript(sandbox, 'undeploy', ['--yes']);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('To switch on again: npm run deploy');
    expectRemoved();
    const second = await runScript(sandbox, 'undeploy', ['--yes']);
    expect(second).toMatchObject({ code: 0, stdout: 'There is nothing to remove.\n' });
  });
});

test('what an undeploy may not do is named before it begins', async () => {
  const limited = await startTenant({ deployerScopes: DEPLOYER_SCOPES });
  await expect(prepareRemoval(limited.environment, false)).rejects.toThrow(
    `lacks the scopes ${REMOVER_SCOPES.join(', ')}`,
  );
  await limited.close();
});
