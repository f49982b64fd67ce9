/**
 * How axios sends here: over Node's own HTTPS, on the connections of this instance. Reads the whole
 * answer, within a time-out and a size, and follows nothing. An error has a code and no request.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as createRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { AxiosAdapter, AxiosHeaders, RawAxiosResponseHeaders } from 'axios';
import { connections, IDLE_MS } from './connections.ts';

export type ExchangeErrorCode = 'timed_out' | 'dropped' | 'too_large';

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: ExchangeErrorCode;

  constructor(code: ExchangeErrorCode) {
    super(code);
    this.code = code;
  }
}

interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Of a configuration it takes url, method, headers, data, timeout and maxContentLength. */
export const httpsAdapter: AxiosAdapter = async (config) => {
  const outgoing: Outgoing = {
    url: config.url ?? '',
    method: (config.method ?? 'get').toUpperCase(),
    headers: {
      ...((config.headers as AxiosHeaders).toJSON() as Record<string, string>),
      'Accept-Encoding': 'gzip',
      'User-Agent': 'auth0-bitbucket-login',
    },
    body: config.data,
  };
  const timeOut = new AbortController();
  const timer = setTimeout(() => timeOut.abort(), config.timeout);
  try {
    const response = await send(outgoing, timeOut.signal);
    const data = await readText(response, config.maxContentLength ?? 0);
    const { statusCode = 0, headers } = response;
    return {
      status: statusCode,
      statusText: '',
      headers: headers as RawAxiosResponseHeaders,
      data,
      config,
    };
  } catch (error) {
    if (timeOut.signal.aborted) throw new ExchangeError('timed_out');
    throw error instanceof ExchangeError ? error : new ExchangeError('dropped');
  } finally {
    clearTimeout(timer);
  }
};

/** Who closes connections that are idle does it after so long, at the earliest. */
const MAY_BE_STALE_MS = 2_000;

/**
 * Where a connection turns out to be gone that was there before the call, the call takes another. It
 * is sent twice at most, and only a GET is: what must not be takes no connection that may be gone.
 */
async function send(outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(outgoing.url);
  const isGet = outgoing.method === 'GET';
  if (connections.hasIdle(url)) await seeWhatCame();
  connections.dropIdle(url, isGet ? IDLE_MS : MAY_BE_STALE_MS);
  for (;;) {
    const takenAt = performance.now();
    const request = createRequest(url, {
      agent: connections,
      method: outgoing.method,
      headers: outgoing.headers,
      signal,
    });
    try {
      return await answerTo(request, outgoing.body);
    } catch (error) {
      const idleMs = request.socket === null ? 0 : connections.idleMsOf(request.socket, takenAt);
      const isUnseen = idleMs === Number.POSITIVE_INFINITY;
      const isStale = isGet && idleMs >= MAY_BE_STALE_MS;
      if (signal.aborted || !(isUnseen || isStale)) throw error;
      // Those that are as old have gone the same way.
      if (isStale) connections.dropAsOld(url, MAY_BE_STALE_MS);
    }
  }
}

/** What was closed or said unasked until now is known after a whole turn of the event loop. */
async function seeWhatCame(): Promise<void> {
  // The first may come in the turn that is under way.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

function answerTo(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // After the answer has begun, its body tells of an error.
    request.on('error', reject);
    // An answer that switches to another protocol is none, and no error either.
    request.once('close', () => reject(new ExchangeError('dropped')));
    request.end(body);
  });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const isCompressed = response.headers['content-encoding']?.toLowerCase() === 'gzip';
  const body = isCompressed ? pipeline(response, createGunzip(), () => {}) : response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new ExchangeError('too_large');
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
