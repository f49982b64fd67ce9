/**
 * An Action's instance: loads its code once and runs it for every login that it is sent. The entry
 * file of a worker thread.
 */
import { isBuiltin } from 'node:module';
import { format } from 'node:util';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { LOG_CHARACTERS } from './limits.ts';
import { moveClock } from './moved-clock.ts';
import { redirectNetwork } from './network.ts';
import type { ActionResult, RunReply, RunRequest, WorkerMessage, WorkerSetup } from './protocol.ts';
import { createRunRecord, createRunRecorder, nameCacheKey } from './run-recorder.ts';
import { createWorkerApi } from './worker-api.ts';

const setup = workerData as WorkerSetup;
const recorder = createRunRecorder();
const clock = moveClock();

redirectNetwork(new Map(setup.network), setup.certificate);
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  console[method] = (...args: unknown[]) => void recorder.current()?.lines.push(format(...args));
}

// Nobody reads what is printed: it would pile up, and reading it would keep the tenant alive.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

const loaded = load(setup);
parentPort?.on('message', async (request: RunRequest) => {
  const reply: RunReply = { runId: request.runId, result: await run(request) };
  parentPort?.postMessage(reply satisfies WorkerMessage);
});
parentPort?.postMessage('loaded' satisfies WorkerMessage);

/** The handler, or why there is none. */
function load({ name, code }: WorkerSetup): { handler?: unknown; error?: string } {
  try {
    const module = { exports: {} as Record<string, unknown> };
    const compiled = compileFunction(
      code,
      ['module', 'exports', 'require', '__filename', '__dirname'],
      { filename: `${name}.cjs` },
    );
    const filename = `/actions/${name}.cjs`;
    compiled.call(module.exports, module, module.exports, requireBuiltin, filename, '/actions');
    const handler = module.exports.onExecutePostLogin;
    return typeof handler === 'function'
      ? { handler }
      : { error: 'onExecutePostLogin is not exported' };
  } catch (error) {
    return { error: describe(error) };
  }
}

/** No npm dependency is declared, so none is there. */
function requireBuiltin(name: string): unknown {
  if (isBuiltin(name)) return process.getBuiltinModule(name);
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

async function run({ event, cache, clockAheadMs }: RunRequest): Promise<ActionResult> {
  const transaction = event.transaction as { protocol?: string; metadata: Record<string, string> };
  clock.setAhead(clockAheadMs);
  const record = createRunRecord();
  const { requests, cacheUses, lines, startedAt } = record;
  const { api, result } = createWorkerApi(
    cache,
    transaction.metadata,
    transaction.protocol === 'oauth2-refresh-token',
    () => clock.realNow() + clockAheadMs,
    (did, key) =>
      cacheUses.push({ did, key: nameCacheKey(key), atMs: performance.now() - startedAt }),
  );
  let error: string | undefined;
  try {
    if (typeof loaded.handler !== 'function') throw new Error(loaded.error);
    const handler = loaded.handler as (event: unknown, api: unknown) => unknown;
    await recorder.record(record, () => handler(event, api));
  } catch (thrown) {
    error = describe(thrown);
  }
  const log = lines.join('\n').slice(0, LOG_CHARACTERS);
  return { ...result(), requests, cacheUses, log, ...(error === undefined ? {} : { error }) };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
