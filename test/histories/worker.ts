/** The entry of a worker thread: plays histories by chance, with globals of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadHandlers } from './load.ts';
import { runHistories } from './run.ts';

const { seed, steps } = workerData as { readonly seed: number; readonly steps: number };

parentPort?.postMessage(await runHistories(loadHandlers(), seed, steps));
