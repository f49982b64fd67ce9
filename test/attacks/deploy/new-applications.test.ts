/**
 * A tenant that switches every connection on for every application that is made: nobody signs in to
 * one that tenant.yaml declares before the Actions stand before the connection.
 */
import { describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import type { StoredClient } from '#scripts/local/tenant/store.ts';
import { lookAtDoor, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

const NAME = 'Bitbucket login test';

/** With a Bitbucket connection that is on for nobody yet, and the tenant's flag. */
async function startEager(): Promise<Sandbox> {
  const sandbox = await startTenant({ policy: { LOGIN_APPLICATION: NAME } });
  const { store } = sandbox.tenant;
  addConnection(store, 'bitbucket', 'bitbucket', []);
  store.flags.set('enable_client_connections', true);
  return sandbox;
}

/** Whom somebody can sign in to with Bitbucket. */
function findOpen({ tenant: { store } }: Sandbox): string[] {
  const ids = [...store.enabledClients.values()].flatMap((enabled) => [...enabled]);
  return ids
    .map((id) => store.clients.get(id))
    .filter((client): client is StoredClient => client !== undefined)
    .filter(({ grant_types: types }) => types?.includes('authorization_code'))
    .map(({ name }) => name);
}

/** Whether it ever was open without the Actions: looked at whenever an application is made. */
function watch(sandbox: Sandbox): { readonly opened: string[] } {
  const { clients } = sandbox.tenant.store;
  const opened: string[] = [];
  const set = clients.set.bind(clients);
  clients.set = (id, client) => {
    if (client.grant_types?.includes('authorization_code') && !lookAtDoor(sandbox).isGated) {
      opened.push(client.name);
    }
    return set(id, client);
  };
  return { opened };
}

const failureOf = async (sandbox: Sandbox): Promise<string> =>
  deployToTenant(await prepare(sandbox.environment), importHere).then(
    () => 'it did not fail',
    (error: Error) => (error.name === 'UserError' ? error.message : `${error.stack}`),
  );

test('the application is made when the Actions stand there, and is open then', {
  timeout: 60_000,
}, async () => {
  const sandbox = await startEager();
  const { opened } = watch(sandbox);
  await deployToTenant(await prepare(sandbox.environment), importHere);
  expect(opened).toEqual([]);
  const writes = writesOf(sandbox);
  const bound = writes.indexOf('PATCH actions/triggers/post-login/bindings');
  expect(writes.lastIndexOf('POST clients')).toBeGreaterThan(bound);
  expect(findOpen(sandbox).sort()).toEqual(['App', NAME].sort());
  expect(lookAtDoor(sandbox).isGated).toBe(true);
  await sandbox.close();
});

describe('a deploy that is refused one of its writes', () => {
  test('opens it to nobody unchecked, and run again ends right', { timeout: 180_000 }, async () => {
    let after = 0;
    for (; after < 20; after += 1) {
      const sandbox = await startEager();
      sandbox.tenant.faults.set('write', { reply: { status: 403 } }, { after, times: 1 });
      const message = await failureOf(sandbox);
      const isOver = message === 'it did not fail';
      expect.soft(findOpen(sandbox).length === 0 || lookAtDoor(sandbox).isGated).toBe(true);
      sandbox.tenant.faults.clear();
      if (after % 4 === 3 && !isOver) {
        await deployToTenant(await prepare(sandbox.environment), importHere);
        expect.soft(findOpen(sandbox).sort()).toEqual(['App', NAME].sort());
        const names = [...sandbox.tenant.store.clients.values()].map(({ name }) => name);
        expect.soft(new Set(names).size).toBe(names.length);
      }
      await sandbox.close();
      if (isOver) break;
    }
    expect(after).toBeGreaterThan(8);
  });
});

test('an Action that is unbound while it is made leaves it open to nobody', {
  timeout: 60_000,
}, async () => {
  const sandbox = await startEager();
  const { clients } = sandbox.tenant.store;
  const set = clients.set.bind(clients);
  clients.set = (id, client) => {
    if (client.name === NAME) sandbox.tenant.store.bindings = [];
    return set(id, client);
  };
  const message = await failureOf(sandbox);
  expect(message).toContain('Somebody else unbound bitbucket-email-verification and');
  expect(message).toContain(`  - made the application ${NAME}`);
  expect(findOpen(sandbox)).toEqual([]);
  await sandbox.close();
});
