/**
 * One HTTP call with axios, and what may go wrong with it. Every call goes to a fixed origin,
 * follows no redirect, has a time-out that covers connection, header and body, and refuses a body
 * over 256 kB. It judges no status: the caller does. An error here carries a code and the endpoint's
 * name; never a request, a header, a body or a URL.
 *
 * axios, and what it sends with, is loaded at the first call: a login of another connection, or one
 * that is decided from a snapshot, does not wait for it.
 */
import { readField } from '../read.ts';
import { TroubleError } from '../trouble.ts';

export interface Call {
  /** For the log: a name, without anything of the person in it. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** `https://host[:port]` */
  readonly origin: string;
  /** Begins with a slash; its variable parts are percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Whole seconds; absent when the header is missing or is not a number. */
  readonly retryAfterSeconds?: number;
  /** `x-ratelimit-reset` as it stands: Auth0 says a time in seconds since the epoch. */
  readonly rateLimitReset?: number;
}

export type Send = (call: Call) => Promise<Reply>;

export type HttpErrorCode = 'timed_out' | 'dropped' | 'too_large' | 'no_time_left' | 'not_asked';

/** There is no reply to read. */
export class HttpError extends TroubleError {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;

  constructor(endpoint: string, code: HttpErrorCode) {
    super('outage', `${endpoint}: ${code}`);
    this.code = code;
  }
}

const MAX_BODY_BYTES = 256_000;

/**
 * Sends one call.
 * @throws {HttpError} when no whole reply came.
 */
export async function sendWithAxios(call: Call): Promise<Reply> {
  const url = new URL(call.path, call.origin);
  if (url.origin !== call.origin || url.protocol !== 'https:') {
    throw new TypeError(`${call.endpoint}: a path that leaves its origin`);
  }
  const { client } = await import('./client.ts');
  try {
    const { status, data, headers } = await client.request<string>({
      method: call.method,
      url: url.href,
      headers: { ...call.headers },
      ...(call.body === undefined ? {} : { data: call.body }),
      timeout: call.timeoutMs,
      maxContentLength: MAX_BODY_BYTES,
    });
    const retryAfterSeconds = readSeconds(headers['retry-after']);
    const rateLimitReset = readSeconds(headers['x-ratelimit-reset']);
    return {
      status,
      text: data,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(rateLimitReset === undefined ? {} : { rateLimitReset }),
    };
  } catch (error) {
    // The axios error holds the request and with it the bearer token: it ends here.
    throw new HttpError(call.endpoint, codeOf(error));
  }
}

function readSeconds(header: unknown): number | undefined {
  const text = String(header ?? '');
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function codeOf(error: unknown): HttpErrorCode {
  const code = readField(error, 'code');
  return code === 'timed_out' || code === 'too_large' ? code : 'dropped';
}

/**
 * Opens connections to `origin` before there is anything to send: their handshakes take place while
 * others answer. The result closes those that no call has taken. Never fails.
 */
export function openEarly(origin: string, count: number): () => void {
  let close: (() => void) | undefined;
  let isClosed = false;
  const open = async () => {
    const { connections } = await import('./connections.ts');
    if (!isClosed) close = connections.open(new URL(origin).hostname, count);
  };
  open().catch(() => {});
  return () => {
    isClosed = true;
    close?.();
  };
}
