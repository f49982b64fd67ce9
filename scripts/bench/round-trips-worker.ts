/** The entry of a worker thread: runs one flow in the way it is told, on a redirected network. */
import { parentPort, workerData } from 'node:worker_threads';
import { redirectNetwork } from '../local/tenant/action-runtime/network.ts';
import { createWays, type Way, type WaysSetup } from './ways.ts';

export interface RoundTripSetup extends WaysSetup {
  readonly network: readonly (readonly [string, number])[];
  readonly certificate: string;
}
export interface RoundTripRequest {
  readonly way: Way;
}
export interface RoundTripReply {
  readonly ms: number;
  readonly error?: string;
}

const setup = workerData as RoundTripSetup;
redirectNetwork(new Map(setup.network), setup.certificate);
console.log = () => {};
const ways = createWays(setup);

parentPort?.on('message', async ({ way }: RoundTripRequest) => {
  const startedAt = performance.now();
  const error = await ways.run(way).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  const ms = performance.now() - startedAt;
  parentPort?.postMessage(error === undefined ? { ms } : { ms, error });
});
