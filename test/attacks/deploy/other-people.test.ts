/**
 * Somebody else works on the tenant too: in the dashboard, between any two of our calls. Nothing of
 * theirs is lost, the door does not open, and a plan sees what they changed.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bindActions } from '#scripts/lib/deploy/bind-actions.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { findGate } from '#scripts/lib/deploy/door.ts';
import { createJournal } from '#scripts/lib/deploy/journal.ts';
import { renderRemoval } from '#scripts/lib/deploy/plan-removal.ts';
import { type Prepared, prepare } from '#scripts/lib/deploy/prepare.ts';
import { prepareRemoval } from '#scripts/lib/deploy/prepare-removal.ts';
import { planRollback, rollBack } from '#scripts/lib/deploy/rollback.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import { removeFromTenant } from '#scripts/lib/deploy/undeploy.ts';
import type { ManagementApi } from '#scripts/lib/tenant/management-api.ts';
import { readTenantState } from '#scripts/lib/tenant/tenant-state.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { createUuid, type StoredAction } from '#scripts/local/tenant/store.ts';
import { isSafe, leftToDo, lookAtDoor, OURS, startTenant } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

let sandbox: Sandbox;
/** What is in the tenant after a deploy. */
let deployed: Record<string, unknown>;
beforeAll(async () => {
  sandbox = await startTenant();
  await deployToTenant(await prepare(sandbox.environment), importHere);
  deployed = structuredClone({ ...sandbox.tenant.store });
}, 60_000);
afterAll(() => sandbox?.close());
beforeEach(() => {
  Object.assign(sandbox.tenant.store, structuredClone(deployed));
  sandbox.tenant.faults.clear();
});

const findAction = (name: string): StoredAction => {
  const found = [...sandbox.tenant.store.actions.values()].find((action) => action.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
/** In the dashboard: another value for a secret, and Deploy. */
const deployWith = (action: StoredAction, secret: string, value: string): void => {
  const secrets = action.draft.secrets.map((entry) =>
    entry.name === secret ? { ...entry, value } : entry,
  );
  action.draft = { ...action.draft, secrets };
  const number = (action.versions.at(-1)?.number ?? 0) + 1;
  const version = {
    ...action.draft,
    ...{ id: createUuid(), number },
    ...{ supported_triggers: action.supported_triggers, created_at: '2026-01-02T00:00:00.000Z' },
  };
  action.versions.push(version);
  action.deployedVersionId = version.id;
};
/** Does `then` after every call whose name matches. */
const spyOn = (api: ManagementApi, pattern: RegExp, then: () => void): ManagementApi => {
  const after = async <T>(what: string, result: Promise<T>): Promise<T> => {
    const answer = await result.finally(() => pattern.test(what) && then());
    return answer;
  };
  return {
    ...api,
    ask: (what, call, options) => after(what, api.ask(what, call, options)),
    send: (what, call) => after(what, api.send(what, call)),
    list: (what, field, call) => after(what, api.list(what, field, call)),
  };
};
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: Error) => (error.name === 'UserError' ? error.message : `${error.stack}`),
  );

describe('a policy that was changed in the dashboard', () => {
  test('is a change of the plan, though no secret can be read', async () => {
    deployWith(findAction('bitbucket-workspace-membership'), 'ALLOWED_WORKSPACES', '*');
    expect(await leftToDo(sandbox)).toContain('Action bitbucket-workspace-membership');
  });

  test('while a deploy was going on switches nothing on', { timeout: 60_000 }, async () => {
    for (const enabled of sandbox.tenant.store.enabledClients.values()) enabled.clear();
    const prepared = await prepare(sandbox.environment);
    let reads = 0;
    const api = spyOn(prepared.api, /triggers\/post-login\/bindings$/, () => {
      reads += 1;
      // After the Actions were read back, before whom the connection is on for is written.
      if (reads === 3) deployWith(findAction(OURS[1] ?? ''), 'ALLOWED_WORKSPACES', '*');
    });
    const message = await messageOf(deployToTenant({ ...prepared, api }, importHere));
    expect(message).toContain('Somebody else deployed an Action of ours');
    expect(lookAtDoor(sandbox).enabled).toBe(0);
    expect(await leftToDo(sandbox)).toContain('Action bitbucket-workspace-membership');
  });
});

describe('an Action that is unbound in the dashboard', () => {
  test('just before the connection is switched on switches it off again', {
    timeout: 60_000,
  }, async () => {
    for (const enabled of sandbox.tenant.store.enabledClients.values()) enabled.clear();
    const prepared = await prepare(sandbox.environment);
    const api = spyOn(prepared.api, /^PATCH .*connections\/{id}\/clients$/, () => {
      sandbox.tenant.store.bindings = [];
    });
    const message = await messageOf(deployToTenant({ ...prepared, api }, importHere));
    expect(message).toContain('Somebody else unbound bitbucket-email-verification and');
    expect(message).toContain('The connection bitbucket is on for nobody.');
    expect(isSafe(sandbox)).toBe(true);
  });
});

describe('the login flow', () => {
  const wantedOf = ({ state }: Prepared) =>
    [...state.bindings].map(({ action, display_name }) => ({
      ...{ action_name: action.name, display_name },
    }));

  test('keeps what somebody binds while a new Action is waited for', async () => {
    const prepared = await prepare(sandbox.environment);
    const body = JSON.stringify({ statusCode: 400, message: 'The Action has not been deployed.' });
    sandbox.tenant.faults.set('write', { reply: { status: 400, body } }, { times: 1 });
    const bound = bindActions(prepared.api, wantedOf(prepared), prepared.state, () =>
      addAction(sandbox.tenant.store, 'of-others', { isBound: true }),
    );
    expect(await messageOf(bound)).toContain('Somebody else changed the login flow');
    const names = sandbox.tenant.store.bindings.map(({ display_name: name }) => name);
    expect(names).toContain('of-others');
  });

  test('keeps two of others that have one name', async () => {
    addAction(sandbox.tenant.store, 'marketing', { isBound: true });
    const before = sandbox.tenant.store.bindings.map(({ actionId }) => actionId);
    const prepared = await prepare(sandbox.environment);
    await bindActions(prepared.api, wantedOf(prepared), prepared.state, () => {});
    expect(sandbox.tenant.store.bindings.map(({ actionId }) => actionId)).toEqual(before);
  });

  test('with an Action of others that has the name of ours has no gate', async () => {
    const { store } = sandbox.tenant;
    store.bindings = [];
    for (const name of OURS) addAction(store, name, { isBound: true });
    const prepared = await prepare(sandbox.environment);
    const state = await readTenantState(prepared.api, prepared.declared);
    const mine = state.actions.filter(({ deployed_version: version }) =>
      version?.code?.includes('bitbucket_workspace_required'),
    );
    expect(findGate(OURS, { ...state, actions: mine })).toEqual([]);
  });
});

test('an undeploy says that refresh tokens go on without the Actions', async () => {
  const { removal, state } = await prepareRemoval(sandbox.environment, false);
  expect(renderRemoval(removal, state)).toContain('Refresh tokens');
  expect(renderRemoval({ ...removal, unbind: [] }, state)).not.toContain('Refresh tokens');
});

test('an undeploy says that a connection was switched on while it unbound', async () => {
  const { api, removal } = await prepareRemoval(sandbox.environment, false);
  const { store } = sandbox.tenant;
  const spied = spyOn(api, /^PATCH .*bindings$/, () => {
    for (const enabled of store.enabledClients.values()) enabled.add('app');
  });
  const message = await messageOf(removeFromTenant(spied, removal, createJournal()));
  expect(message).toContain('bitbucket was switched on while the Actions were unbound');
  expect([...store.actions.values()].map(({ name }) => name)).toEqual(expect.arrayContaining(OURS));
});

test('a rollback that only puts secrets back is not taken for done where it is not', {
  timeout: 30_000,
}, async () => {
  for (const name of OURS) deployWith(findAction(name), 'ALLOWED_WORKSPACES', 'other');
  const { api } = await prepare(sandbox.environment);
  const plan = await planRollback(api, await readTenantFile());
  const silent: ManagementApi = {
    ...api,
    ask: (what, call, options) =>
      what.endsWith('/versions/{id}/deploy') ? Promise.resolve({}) : api.ask(what, call, options),
  };
  expect(await messageOf(rollBack(silent, plan))).toContain('and something else is');
});
