/** One Action's worker thread, as the tenant holds it. */
import { Worker } from 'node:worker_threads';
import type { ActionResult, RunRequest, WorkerMessage, WorkerSetup } from './protocol.ts';

export interface ActionInstance {
  /** False once it crashed or was ended: another has to be made. */
  isAlive(): boolean;
  /** Resolves when its code is loaded, or it ended before. */
  loaded(): Promise<void>;
  /** @throws {Error} when the worker ends before it answers. */
  run(request: Omit<RunRequest, 'runId'>): Promise<ActionResult>;
  /** Takes no more runs, and ends when those that are in it are over; waits only when none is. */
  retire(reason: string): Promise<void>;
  /** Ends it at once; what runs in it fails with `reason`. */
  end(reason: string): Promise<void>;
}

export function createInstance(setup: WorkerSetup): ActionInstance {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: setup,
    // Nothing of this process is the Action's to see.
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  // It must not keep the process alive; only a run that waits for it does.
  worker.unref();
  const waiting = new Map<
    number,
    { resolve: (result: ActionResult) => void; reject: (error: Error) => void }
  >();
  let lastRunId = 0;
  let endedBecause: string | undefined;

  const fail = (reason: string) => {
    endedBecause ??= reason;
    for (const { reject } of waiting.values()) reject(new Error(endedBecause));
    waiting.clear();
  };
  const loading = Promise.withResolvers<void>();
  worker.on('message', (message: WorkerMessage) => {
    if (message === 'loaded') {
      loading.resolve();
      return;
    }
    const { runId, result } = message;
    waiting.get(runId)?.resolve(result);
    waiting.delete(runId);
    if (waiting.size > 0) return;
    worker.unref();
    if (endedBecause !== undefined) void worker.terminate();
  });
  worker.on('error', (error: unknown) => {
    // Not failed before it exits: a reply that was sent in time is still to come.
    endedBecause ??=
      error instanceof Error ? `${error.name}: ${error.message}` : 'the worker crashed';
  });
  worker.on('exit', () => {
    fail('the worker ended');
    loading.resolve();
  });

  return {
    isAlive: () => endedBecause === undefined,
    loaded: () => loading.promise,
    run: (request) =>
      new Promise((resolve, reject) => {
        if (endedBecause !== undefined) {
          reject(new Error(endedBecause));
          return;
        }
        lastRunId += 1;
        waiting.set(lastRunId, { resolve, reject });
        worker.ref();
        worker.postMessage({ ...request, runId: lastRunId } satisfies RunRequest);
      }),
    retire: async (reason) => {
      endedBecause ??= reason;
      if (waiting.size === 0) await worker.terminate();
    },
    end: async (reason) => {
      fail(reason);
      await worker.terminate();
    },
  };
}
