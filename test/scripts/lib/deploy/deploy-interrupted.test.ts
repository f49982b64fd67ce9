/**
 * A first deploy, each of its writes refused in turn, and each done with its answer lost: wherever
 * it ends, nobody gets in whom nothing checks; it says in what state the tenant is; and run again it
 * ends where the first would have. The real auth0-deploy-cli, every time.
 */
import { describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import {
  isSafe,
  leftToDo,
  lookAtDoor,
  startTenant,
  writesOf,
} from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

/** What a first deploy writes; what stands beside another of the same may come before it. */
const WRITES = [
  'POST clients',
  'PATCH clients/{id}',
  'POST actions/actions',
  'POST actions/actions',
  'POST actions/actions/{id}/deploy',
  'POST actions/actions/{id}/deploy',
  'POST client-grants',
  'PATCH actions/triggers/post-login/bindings',
  'POST connections',
  'PATCH connections/{id}/clients',
  'PATCH clients/{id}',
];

const failureOf = async (sandbox: Sandbox): Promise<string> =>
  deployToTenant(await prepare(sandbox.environment), importHere).then(
    () => 'it did not fail',
    (error: Error) => (error.name === 'UserError' ? error.message : `${error.stack}`),
  );

test('a first deploy writes the gate, then the door, and switches it on last', {
  timeout: 60_000,
}, async () => {
  const sandbox = await startTenant();
  await deployToTenant(await prepare(sandbox.environment), importHere);
  expect(writesOf(sandbox)).toEqual(WRITES);
  expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  await sandbox.close();
});

describe('a first deploy that is refused', () => {
  test('any one of its writes leaves the connection on for nobody unchecked', {
    timeout: 180_000,
  }, async () => {
    const messages: string[] = [];
    for (const after of WRITES.keys()) {
      const sandbox = await startTenant();
      const body = JSON.stringify({ statusCode: 403, message: 'Refused on purpose.' });
      sandbox.tenant.faults.set('write', { reply: { status: 403, body } }, { after, times: 1 });
      const message = await failureOf(sandbox);
      messages[after] = message;
      expect.soft(isSafe(sandbox), `write ${after}`).toBe(true);
      // The write of the mark is the last: by then everything is as it should be.
      expect.soft(lookAtDoor(sandbox).enabled, `write ${after}`).toBe(after < 10 ? 0 : 1);
      expect.soft(message).toContain('Refused on purpose.');
      for (const secret of secretsOf(sandbox)) expect.soft(message).not.toContain(secret);
      // A few of them are run again: after a part of the gate, the gate, the door.
      sandbox.tenant.faults.clear();
      if ([3, 7, 9].includes(after)) {
        await deployToTenant(await prepare(sandbox.environment), importHere);
        expect.soft(await leftToDo(sandbox), `after write ${after}`).toEqual([]);
        expect.soft(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
      }
      await sandbox.close();
    }
    expect(messages[0]).toMatch(/Nothing was written to the tenant\.$/);
    expect(messages[5]).toContain('  - made the Action bitbucket-email-verification');
    expect(messages[5]).toContain('There is no connection bitbucket: nobody gets in through it.');
    expect(messages[8]).toContain('  - bound the Actions to the login flow');
    expect(messages[9]).toContain('The connection bitbucket is on for nobody.');
    expect(messages[10]).toContain('and bitbucket-workspace-membership stand before it.');
  });

  test('goes on where a write was done and its answer lost, or ends as safely', {
    timeout: 120_000,
  }, async () => {
    for (const after of [0, 3, 5, 7, 8, 9]) {
      const sandbox = await startTenant();
      const fault = { drop: 'at_once', isDone: true } as const;
      sandbox.tenant.faults.set('write', fault, { after, times: 1 });
      const message = await failureOf(sandbox);
      expect.soft(isSafe(sandbox), `write ${after}: ${message}`).toBe(true);
      sandbox.tenant.faults.clear();
      const names = [...sandbox.tenant.store.clients.values()].map(({ name }) => name);
      expect.soft(new Set(names).size, `write ${after}`).toBe(names.length);
      await sandbox.close();
    }
  });
});

function secretsOf({ environment, tenant: { store } }: Sandbox): readonly string[] {
  const machine = [...store.clients.values()].find(({ name }) => name === 'Bitbucket login checks');
  return [environment.BITBUCKET_SECRET, machine?.client_secret].filter(
    (secret) => typeof secret === 'string',
  );
}
