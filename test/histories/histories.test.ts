/**
 * Whoever is let in satisfies the policy by the latest answer about each thing; whoever's every
 * question is answered yes is let in; whatever happens in between, in any order. On the shipped
 * files, against a model that knows nothing but the answers that were given (see model/).
 *
 * HISTORIES=1000000 takes more steps, HISTORIES_SEED other ones.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { RunReport } from './run.ts';

const STEPS = Number(process.env.HISTORIES ?? 100_000);
const SEED = Number(process.env.HISTORIES_SEED ?? 20_261_125);
const WORKERS = 2;
/** Far more than it takes on one slow core. */
const MS_PER_STEP = 5;

test(`no history of ${STEPS} steps lets in whom it should not, or refuses whom it should let in`, {
  timeout: 60_000 + STEPS * MS_PER_STEP,
}, async () => {
  const reports = await Promise.all(
    Array.from({ length: WORKERS }, (_, index) =>
      runInWorker({ seed: SEED + index, steps: STEPS / WORKERS }),
    ),
  );

  for (const { failure } of reports) expect(failure?.told ?? 'all is well').toBe('all is well');
  const total = (read: (report: RunReport) => number) =>
    reports.reduce((sum, report) => sum + read(report), 0);
  expect(total(({ steps }) => steps)).toBeGreaterThan(STEPS * 0.9);
  // The histories reach every outcome often, so none of this holds for want of an occasion.
  for (const outcome of [
    'in',
    'bitbucket_workspace_required',
    'bitbucket_email_unverified',
    'bitbucket_unavailable',
    'bitbucket_login_required',
    'bitbucket_misconfigured',
  ]) {
    expect(total(({ outcomes }) => outcomes[outcome] ?? 0)).toBeGreaterThan(STEPS / 200);
  }
});

async function runInWorker(workerData: { seed: number; steps: number }): Promise<RunReport> {
  const url = new URL('./worker.ts', import.meta.url);
  const worker = new Worker(url, { workerData, execArgv: [] });
  const [report] = await once(worker, 'message');
  await worker.terminate();
  return report;
}
