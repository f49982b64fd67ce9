/**
 * Round trips one after another: every answer is delayed by 100 ms, so the time of a flow tells how
 * many there are. Beside it, the same work as published Actions do it, and as dex does.
 */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { bundlePathOf, listActionNames } from '../lib/build/actions.ts';
import { startFlow } from '../local/stage/shipped-flow.ts';
import { measureInTurns, type Section } from './measure.ts';
import type { RoundTripReply, RoundTripRequest, RoundTripSetup } from './round-trips-worker.ts';
import type { Way } from './ways.ts';

export const DELAY_MS = 100;
const ROUNDS = 7;
const AIMS: Readonly<Record<Way, string>> = {
  'nothing cached': 'limit 3',
  'Management token cached': 'limit 2',
  'decided by facts': 'limit 0',
  'auth0 SDK, one call after another': 'as published Actions do',
  'token, user, e-mails, workspaces in a row': 'as dex does',
};

export async function measureRoundTrips(): Promise<Section> {
  const flow = await startFlow([], { ALLOWED_WORKSPACES: 'acme' });
  const { tenant, bitbucket } = flow.sandbox;
  const user = [...tenant.store.users.values()][0];
  const setup: RoundTripSetup = {
    codes: await Promise.all(
      (await listActionNames()).map((name) => readFile(bundlePathOf(name), 'utf8')),
    ),
    network: tenant.network,
    certificate: flow.sandbox.certificate,
    secrets: flow.secrets,
    userId: user?.user_id ?? '',
    email: user?.email ?? '',
    upstreamToken: user?.identities[0]?.access_token ?? '',
  };
  const worker = new Worker(new URL('./round-trips-worker.ts', import.meta.url), {
    workerData: setup,
    execArgv: [],
  });
  const run = (way: Way): Promise<number> =>
    new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', ({ ms, error }: RoundTripReply) => {
        worker.off('error', reject);
        if (error === undefined) resolve(ms);
        else reject(new Error(`${way}: ${error}`));
      });
      worker.postMessage({ way } satisfies RoundTripRequest);
    });
  try {
    const ways = Object.keys(AIMS) as Way[];
    // Connections and code are warm: what is measured is waiting.
    for (const way of ways) await run(way);
    bitbucket.faults.set('*', { delayMs: DELAY_MS });
    tenant.faults.set('*', { delayMs: DELAY_MS });
    const medians = await measureInTurns(new Map(ways.map((way) => [way, () => run(way)])), ROUNDS);
    return {
      title: `Round trips one after another, by a delay of ${DELAY_MS} ms`,
      rows: ways.map((way) => ({
        name: way,
        value: (medians.get(way) ?? Number.NaN) / DELAY_MS,
        unit: 'x',
        note: AIMS[way],
      })),
    };
  } finally {
    await worker.terminate();
    await flow.close();
  }
}
