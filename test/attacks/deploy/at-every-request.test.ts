/**
 * The application of `npm run login` in a tenant that enables its connections for new applications:
 * looked at before every request that the tenant gets, each write with its answer lost, and two
 * deploys at once.
 */
import { expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { leftToDo, lookAtDoor, startTenant } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

const NAME = 'Bitbucket login test';

/** @param isThere whether the connection is, on for nobody. */
async function startEager(isThere: boolean): Promise<Sandbox> {
  const sandbox = await startTenant({ policy: { LOGIN_APPLICATION: NAME } });
  const { store } = sandbox.tenant;
  if (isThere) addConnection(store, 'bitbucket', 'bitbucket', []);
  addConnection(store, 'another', 'bitbucket', []);
  store.flags.set('enable_client_connections', true);
  return sandbox;
}

/** Those that somebody can sign in to with Bitbucket, and nothing of ours stands before it. */
function findUnchecked(sandbox: Sandbox): readonly string[] {
  if (lookAtDoor(sandbox).isGated) return [];
  const { clients, enabledClients } = sandbox.tenant.store;
  return [...enabledClients.values()]
    .flatMap((enabled) => [...enabled].map((id) => clients.get(id)))
    .filter((client) => client?.grant_types?.includes('authorization_code'))
    .map((client) => client?.name ?? '');
}

/** What was unchecked when a request had been answered. */
function watch(sandbox: Sandbox): { readonly seen: string[]; looks: number } {
  const watched = { seen: [] as string[], looks: 0 };
  const calls = sandbox.tenant.calls as unknown[];
  const push = calls.push.bind(calls);
  Object.assign(calls, {
    push: (...entries: unknown[]) => {
      watched.looks += 1;
      watched.seen.push(...findUnchecked(sandbox));
      return push(...entries);
    },
  });
  return watched;
}

const run = async (sandbox: Sandbox): Promise<string> =>
  prepare(sandbox.environment)
    .then((prepared) => deployToTenant(prepared, importHere))
    .then(
      () => '',
      (error: Error) => (error.name === 'UserError' ? error.message : `${error.stack}`),
    );
const countLogins = ({ tenant: { store } }: Sandbox) =>
  [...store.clients.values()].filter(({ name }) => name === NAME).length;

test('an answer that is lost lets nobody in unchecked, and makes one application', {
  timeout: 240_000,
}, async () => {
  let after = 0;
  for (let isOver = false; !isOver && after < 20; after += 1) {
    const sandbox = await startEager(false);
    const watched = watch(sandbox);
    sandbox.tenant.faults.set('write', { drop: 'at_once', isDone: true }, { after, times: 1 });
    const before = sandbox.tenant.calls.length;
    const message = await run(sandbox);
    sandbox.tenant.faults.clear();
    const hits = sandbox.tenant.calls
      .slice(before)
      .filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token').length;
    isOver = hits <= after;
    expect.soft(message.includes('    at '), message).toBe(false);
    if (message !== '') expect.soft(await run(sandbox), `after ${after}: ${message}`).toBe('');
    expect.soft(await leftToDo(sandbox), `after ${after}`).toEqual([]);
    expect.soft(countLogins(sandbox), `after ${after}`).toBe(1);
    expect.soft(watched.seen, `after ${after}`).toEqual([]);
    expect.soft(watched.looks).toBeGreaterThan(10);
    expect.soft(lookAtDoor(sandbox).isGated).toBe(true);
    await sandbox.close();
  }
  expect(after).toBeGreaterThan(8);
});

test('of two deploys at once nobody is let in unchecked, and one more ends right', {
  timeout: 120_000,
}, async () => {
  const sandbox = await startEager(true);
  const watched = watch(sandbox);
  const prepared = await prepare(sandbox.environment);
  // The second one whole, in the middle of the first: before its imports, one after the other.
  let other: string | undefined;
  const first = await deployToTenant(prepared, async (...request) => {
    other ??= await run(sandbox);
    return importHere(...request);
  }).then(
    () => '',
    (error: Error) => error.message,
  );
  expect(other).toBe('');
  expect(first).not.toContain('    at ');
  expect(watched).toEqual({ seen: [], looks: sandbox.tenant.calls.length });
  expect(await run(sandbox)).toBe('');
  expect(countLogins(sandbox)).toBe(1);
  expect(await leftToDo(sandbox)).toEqual([]);
  await sandbox.close();
});
