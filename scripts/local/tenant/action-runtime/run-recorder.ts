/**
 * What one run does, for whoever asks why: its HTTP calls, by fetch or by node:https, and its use of
 * the cache. A call belongs to the run that made it, not to the one that was under way. Of a call
 * there is never a query, a header or a body; of the cache never a value, and of a key no more than
 * its kind.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { CacheUse, RecordedRequest } from './protocol.ts';

/** Changed while the run goes on; read when it is over. */
export interface RunRecord {
  readonly startedAt: number;
  readonly requests: RecordedRequest[];
  readonly cacheUses: CacheUse[];
  /** The lines of its console. */
  readonly lines: string[];
}

export interface RunRecorder {
  /** Everything that `run` does, and what comes of it later, is written to the record. */
  record<T>(record: RunRecord, run: () => T): T;
  current(): RunRecord | undefined;
}

export function createRunRecord(): RunRecord {
  return { startedAt: performance.now(), requests: [], cacheUses: [], lines: [] };
}

/** Listens to all calls of this thread from now on. */
export function createRunRecorder(): RunRecorder {
  const runs = new AsyncLocalStorage<RunRecord>();
  const known = new WeakMap<object, { readonly run: RunRecord; readonly call: RecordedRequest }>();

  const begin = (request: object, method: string, url: URL) => {
    const run = runs.getStore();
    if (run === undefined || known.has(request)) return;
    const call = {
      method,
      host: url.host,
      path: url.pathname,
      startedMs: performance.now() - run.startedAt,
    };
    run.requests.push(call);
    known.set(request, { run, call });
  };
  const answer = (request: object, status: number) => {
    const found = known.get(request);
    if (found !== undefined) found.call.status = status;
  };
  const end = (request: object, failure?: string) => {
    const found = known.get(request);
    if (found === undefined || found.call.durationMs !== undefined) return;
    found.call.durationMs = performance.now() - found.run.startedAt - found.call.startedMs;
    if (failure !== undefined) found.call.failure = failure;
  };

  // https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
  listen<UndiciMessage>('undici:request:create', ({ request }) =>
    begin(request, request.method, new URL(request.path, String(request.origin))),
  );
  listen<UndiciMessage>('undici:request:headers', ({ request, response }) =>
    answer(request, response.statusCode),
  );
  listen<UndiciMessage>('undici:request:trailers', ({ request }) => end(request));
  listen<UndiciMessage>('undici:request:error', ({ request, error }) =>
    end(request, nameFailure(error)),
  );
  // https://nodejs.org/docs/latest-v22.x/api/diagnostics_channel.html#built-in-channels
  const beginHttp = ({ request }: HttpMessage) => {
    const host = String(request.getHeader('host') ?? request.host);
    begin(request, request.method, new URL(request.path, `${request.protocol}//${host}`));
  };
  listen<HttpMessage>('http.client.request.created', beginHttp);
  listen<HttpMessage>('http.client.request.start', beginHttp);
  listen<HttpMessage>('http.client.response.finish', ({ request, response }) => {
    answer(request, response.statusCode);
    response.once('close', () =>
      end(request, response.complete ? undefined : nameFailure(response.errored)),
    );
  });
  listen<HttpMessage>('http.client.request.error', ({ request, error }) =>
    end(request, nameFailure(error)),
  );

  return {
    record: (record, run) => runs.run(record, run),
    current: () => runs.getStore(),
  };
}

/** The kind that stands before the hash of the owner; of anybody else's key a hash. */
export function nameCacheKey(key: unknown): string {
  const text = String(key);
  const [, kind] = /^([a-z-]{1,40})-[\w-]{22}$/.exec(text) ?? [];
  return kind ?? `key ${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** Of undici's messages, what is read here. */
interface UndiciMessage {
  readonly request: { readonly origin: unknown; readonly path: string; readonly method: string };
  readonly response: { readonly statusCode: number };
  readonly error: unknown;
}

/** Of node:http's. */
interface HttpMessage {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly host: string;
    readonly protocol: string;
    getHeader(name: string): unknown;
  };
  readonly response: {
    readonly statusCode: number;
    readonly complete: boolean;
    readonly errored: unknown;
    once(event: 'close', listener: () => void): unknown;
  };
  readonly error: unknown;
}

function listen<T>(channel: string, listener: (message: T) => void): void {
  subscribe(channel, (message) => listener(message as T));
}

/** A code or a name; a message could hold an address. */
function nameFailure(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'ended early';
}
