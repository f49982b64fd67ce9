/**
 * `npm run deploy` in a process of its own, killed in its middle: nothing of it can say anything any
 * more, and still nobody gets in whom nothing checks.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { ROOT } from '#scripts/lib/root.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import {
  forEachAtOnce,
  isSafe,
  leftToDo,
  lookAtDoor,
  startTenant,
  writesOf,
} from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

const PRELOAD = fileURLToPath(new URL('../../../support/redirect-network.ts', import.meta.url));

function startDeploy({ environment, tenant }: Sandbox): ChildProcess {
  const args = ['--import', PRELOAD, 'scripts/deploy.ts', '--yes'];
  const env = { ...environment, TEST_NETWORK: JSON.stringify(tenant.network) };
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The tenant has been sent so many writes, or the deploy is over. */
async function untilWrites(sandbox: Sandbox, count: number, deploy: ChildProcess): Promise<void> {
  while (writesOf(sandbox).length < count && deploy.exitCode === null) await sleep(2);
}

/** What was under way has arrived, and the process that imports has seen that it is alone. */
async function untilQuiet(sandbox: Sandbox): Promise<void> {
  for (let before = -1; before !== writesOf(sandbox).length; ) {
    before = writesOf(sandbox).length;
    await sleep(QUIET_MS);
    expect.soft(isSafe(sandbox), `after ${before} writes`).toBe(true);
  }
}
const QUIET_MS = 800;

test('killed at its first write, or any one after it, a deploy leaves nobody in unchecked', {
  timeout: 180_000,
}, async () => {
  const ends: string[] = [];
  await forEachAtOnce([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2, async (count) => {
    const sandbox = await startTenant();
    const deploy = startDeploy(sandbox);
    await untilWrites(sandbox, count, deploy);
    deploy.kill('SIGKILL');
    await untilQuiet(sandbox);
    // It did not go on to the end without the one that was killed.
    expect.soft(count < 10 && lookAtDoor(sandbox).enabled > 0, `killed at ${count}`).toBe(false);
    ends.push(`${deploy.signalCode}`);
    if ([2, 5, 9].includes(count)) {
      await deployToTenant(await prepare(sandbox.environment), importHere);
      expect.soft(await leftToDo(sandbox), `killed at ${count}`).toEqual([]);
      expect.soft(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
    }
    await sandbox.close();
  });
  expect(ends).toEqual(Array(10).fill('SIGKILL'));
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'ended by %s, a deploy says what it has written, and leaves no process',
  {
    timeout: 60_000,
  },
  async (signal, code) => {
    const sandbox = await startTenant();
    const deploy = startDeploy(sandbox);
    let said = '';
    deploy.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    await untilWrites(sandbox, 4, deploy);
    const startedAt = performance.now();
    deploy.kill(signal);
    const [exitCode] = await once(deploy, 'close');
    expect(exitCode).toBe(code);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(said).toContain('Written to the tenant before that:\n  - made the application');
    expect(isSafe(sandbox)).toBe(true);
    await untilQuiet(sandbox);
    expect(lookAtDoor(sandbox).enabled).toBe(0);
    await sandbox.close();
  },
);
