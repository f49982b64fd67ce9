/**
 * One HTTP call with axios, and what may go wrong with it. Every call goes to a fixed origin,
 * follows no redirect, has a time-out that covers the body, and refuses a body over 256 kB. It
 * judges no status: the caller does. An error here carries a code and the endpoint's name; never
 * a request, a header, a body or a URL.
 *
 * Of axios this takes the fetch adapter alone, which is all that these calls need: without the
 * rest (interceptors, transformations, the other adapters) the bundle is 18 kB smaller. It is loaded
 * at the first call, because it starts Node's fetch: a login of another connection, or one that is
 * decided from a snapshot, does not wait for it.
 */
import type { InternalAxiosRequestConfig } from 'axios';
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

/** What does not change from call to call. */
const CONFIG = {
  maxRedirects: 0,
  maxContentLength: MAX_BODY_BYTES,
  responseType: 'text',
  validateStatus: () => true,
} as const;

/**
 * Sends one call.
 * @throws {HttpError} when no whole reply came.
 */
export async function sendWithAxios(call: Call): Promise<Reply> {
  const url = new URL(call.path, call.origin);
  if (url.origin !== call.origin || url.protocol !== 'https:') {
    throw new TypeError(`${call.endpoint}: a path that leaves its origin`);
  }
  const { default: send } = await import('axios/unsafe/adapters/fetch.js');
  try {
    const { status, data, headers } = await send({
      ...CONFIG,
      method: call.method.toLowerCase(),
      url: url.href,
      headers: { ...call.headers },
      ...(call.body === undefined ? {} : { data: call.body }),
      timeout: call.timeoutMs,
      // The adapter makes axios' own headers of a plain object.
    } as unknown as InternalAxiosRequestConfig);
    const retryAfterSeconds = readSeconds(headers['retry-after']);
    const rateLimitReset = readSeconds(headers['x-ratelimit-reset']);
    return {
      status,
      text: typeof data === 'string' ? data : '',
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
  switch (readField(error, 'code')) {
    case 'ECONNABORTED':
    case 'ETIMEDOUT':
    case 'ERR_CANCELED':
      return 'timed_out';
    case 'ERR_BAD_RESPONSE':
      return 'too_large';
    default:
      return 'dropped';
  }
}
