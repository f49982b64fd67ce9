/**
 * What went wrong between us and the tenant, in one sentence: the call, the status, Auth0's own
 * words. The SDK's errors hold the request, and its messages the whole body: neither goes on.
 */
import { toHarmless } from '../cli/harmless.ts';
import { UserError } from '../cli/report-error.ts';

/** The tenant answered no, or not at all. */
export class TenantError extends UserError {
  /** The HTTP status; absent where there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** What the SDK threw, read without trusting its shape. */
export interface Failure {
  readonly status: number | undefined;
  /** Auth0's own words; absent where it said nothing readable. */
  readonly message: string | undefined;
  /** Of a network that failed: `ECONNREFUSED`, `ENOTFOUND`, … */
  readonly code: string | undefined;
  readonly isTimeout: boolean;
  readonly headers: Headers | undefined;
}

const LONGEST_MESSAGE = 300;

export function readFailure(error: unknown): Failure {
  const status = readNumber(error, 'statusCode');
  return {
    status,
    message: status === undefined ? undefined : readMessage(error),
    code: findCode(error),
    isTimeout: isTimeout(error),
    headers: findHeaders(error),
  };
}

/** As it stands after “… was refused: ” or “… cannot be reached: ”. */
export function describeFailure({ status, message, code, isTimeout: late }: Failure): string {
  if (status !== undefined) return message === undefined ? `${status}` : `${status}, ${message}`;
  if (late) return 'no answer in time';
  return code ?? 'the connection failed';
}

/** Without anything that looks like a token or that a terminal obeys, and not endless. */
export function shorten(text: string): string {
  const clean = toHarmless(text.replace(/\beyJ[\w-]+(?:\.[\w-]+)*/g, '(token)').trim());
  return clean.length > LONGEST_MESSAGE ? `${clean.slice(0, LONGEST_MESSAGE)}…` : clean;
}

/** `message` of the Management API, `error_description` of the token endpoint. */
function readMessage(error: unknown): string | undefined {
  const body = readBody(error);
  const text = [
    readField(body, 'message'),
    readField(body, 'error_description'),
    readField(body, 'error'),
  ].find((part): part is string => typeof part === 'string' && part !== '');
  // It may quote what was asked for, which may be other people's text.
  return text === undefined ? undefined : shorten(text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' '));
}

/** The SDK has it parsed, or as the text that arrived. */
function readBody(error: unknown): unknown {
  const body = readField(error, 'body');
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // a page of HTML, say
  }
}

function findCode(error: unknown): string | undefined {
  const chain = causesOf(error);
  const code = chain.map((cause) => readField(cause, 'code')).find(isText);
  if (code !== undefined) return code;
  // What fetch itself refuses has no code: a port that is none for https, say.
  const isNetwork = chain.some((cause) => readField(cause, 'message') === 'fetch failed');
  const reason = readField(chain.at(-1), 'message');
  return isNetwork && isText(reason) ? shorten(reason) : undefined;
}

function isTimeout(error: unknown): boolean {
  return causesOf(error).some((cause) =>
    /Timeout|^AbortError$/.test(String(readField(cause, 'name') ?? '')),
  );
}

/** The error, and what it came from. */
function causesOf(error: unknown): readonly unknown[] {
  const chain = [error];
  for (let cause = readField(error, 'cause'); cause !== undefined && chain.length < 5; ) {
    chain.push(cause);
    cause = readField(cause, 'cause');
  }
  return chain;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function findHeaders(error: unknown): Headers | undefined {
  const raw = readField(error, 'rawResponse');
  const headers = readField(raw, 'headers') ?? readField(error, 'headers');
  return headers instanceof Headers ? headers : undefined;
}

function readNumber(value: unknown, name: string): number | undefined {
  const field = readField(value, name);
  return typeof field === 'number' ? field : undefined;
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
