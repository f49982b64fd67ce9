/**
 * The calls of one run of one Action: one deadline over all of them, a shorter time-out for each, a
 * budget for those to Bitbucket, at most one retry a call (a limit of the tenant is waited out as
 * often as there is time), and a count for the log. After `close` nothing is sent.
 */
import { type Call, HttpError, type Reply, type Send } from './send.ts';

/** The outside world, as the entry file hands it in. */
export interface Ports {
  readonly send: Send;
  /** Opens so many connections to `origin`; the result closes those that are not used. */
  readonly openEarly?: (origin: string, count: number) => () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

export type Request = Omit<Call, 'timeoutMs'> & {
  /** Its 429 passes within seconds, as the tenant's do, and says when: wait for it. */
  readonly waitsForLimit?: boolean;
};

export interface Caller {
  /** @throws {HttpError} when no whole reply came, or no time or budget is left to ask. */
  call(request: Request): Promise<Reply>;
  /**
   * Before calls that will come: opens connections for them, so that their handshakes take place while
   * others answer. Sends nothing. A failure is none of the calls'.
   */
  prepare(origin: string, calls: number): void;
  /** How many requests were sent, retries included. */
  count(): number;
  /** From now on nothing is sent, and what was prepared in vain is closed. */
  close(): void;
}

/** How many requests may be sent to these origins together, retries included. */
export interface Budget {
  readonly origins: readonly string[];
  readonly calls: number;
}

/** Everything a run does at Bitbucket and the Management API, retries included. */
export const DEADLINE_MS = 7_900;
/** One call, its body included. */
export const CALL_TIMEOUT_MS = 3_000;
const RETRY_PAUSE_MS = 100;
/** Connections that are opened for calls to come; more are opened with the calls. */
const MAX_PREPARED = 4;
/** A call that has less than this is not begun. */
const LEAST_USEFUL_MS = 50;
/** After waiting for a limit, the rest of the login needs some time too. */
const KEPT_FOR_THE_REST_MS = 1_500;
const MAX_LIMIT_WAITS = 8;

export function createCaller(ports: Ports, budget: Budget): Caller {
  const endsAt = ports.now() + DEADLINE_MS;
  const remainingMs = () => endsAt - ports.now();
  let sent = 0;
  let spent = 0;
  let isClosed = false;
  const prepared: (() => void)[] = [];

  const isAffordable = ({ origin }: Request) =>
    !budget.origins.includes(origin) || spent < budget.calls;

  const attempt = async ({ waitsForLimit, ...call }: Request): Promise<Reply> => {
    const timeoutMs = Math.min(CALL_TIMEOUT_MS, remainingMs());
    if (isClosed || timeoutMs < LEAST_USEFUL_MS) throw new HttpError(call.endpoint, 'no_time_left');
    if (!isAffordable(call)) throw new HttpError(call.endpoint, 'not_asked');
    sent += 1;
    if (budget.origins.includes(call.origin)) spent += 1;
    return ports.send({ ...call, timeoutMs });
  };

  const waitForLimit = async (request: Request, limited: Reply): Promise<Reply> => {
    let reply = limited;
    for (let wait = 1; reply.status === 429 && wait <= MAX_LIMIT_WAITS; wait += 1) {
      const pauseMs = limitPauseMs(reply, ports.now(), ports.random());
      if (remainingMs() - pauseMs < KEPT_FOR_THE_REST_MS) return reply;
      await ports.sleep(pauseMs);
      reply = await attempt(request);
    }
    return reply;
  };

  return {
    count: () => sent,
    prepare: (origin, calls) => {
      if (isClosed) return;
      const close = ports.openEarly?.(origin, Math.min(calls, MAX_PREPARED));
      if (close !== undefined) prepared.push(close);
    },
    close: () => {
      isClosed = true;
      for (const closeUnused of prepared) closeUnused();
    },
    call: async (request) => {
      const first = await attempt(request).catch(asHttpError);
      if (request.waitsForLimit && !(first instanceof HttpError) && first.status === 429) {
        return waitForLimit(request, first);
      }
      const pauseMs = retryPauseMs(first);
      const isWorthIt =
        pauseMs !== undefined &&
        remainingMs() - pauseMs >= LEAST_USEFUL_MS &&
        isAffordable(request);
      if (!isWorthIt) {
        if (first instanceof HttpError) throw first;
        return first;
      }
      await ports.sleep(pauseMs);
      const second = await attempt(request).catch(asHttpError);
      // A limit is told as one, whatever came of asking again.
      if (isLimit(first) && isFailure(second)) return first;
      if (second instanceof HttpError) throw second;
      return second;
    },
  };
}

function isLimit(outcome: Reply | HttpError): outcome is Reply {
  return !(outcome instanceof HttpError) && outcome.status === 429;
}

function isFailure(outcome: Reply | HttpError): boolean {
  return outcome instanceof HttpError || outcome.status >= 500;
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  throw error;
}

/**
 * Until the limit is reset, and a little more that is another for everybody: those who waited
 * together do not all come back at once. The two clocks may differ, so never very long.
 */
function limitPauseMs(reply: Reply, nowMs: number, random: number): number {
  const resetMs = (reply.rateLimitReset ?? 0) * 1_000 - nowMs;
  const wantedMs = resetMs > 0 ? resetMs : (reply.retryAfterSeconds ?? 0) * 1_000;
  return Math.round(Math.min(Math.max(wantedMs, 200), 3_000) + random * 800);
}

/**
 * Only what is likely to be gone in a moment is asked again: a time-out has already used its time,
 * and a 500 or an unreadable answer tends to come back.
 */
function retryPauseMs(outcome: Reply | HttpError): number | undefined {
  if (outcome instanceof HttpError) {
    return outcome.code === 'dropped' ? RETRY_PAUSE_MS : undefined;
  }
  switch (outcome.status) {
    // Said to a connection as the call came on it: it was not read.
    case 408:
    case 502:
    case 503:
    case 504:
      return Math.max(RETRY_PAUSE_MS, (outcome.retryAfterSeconds ?? 0) * 1_000);
    case 429:
      return outcome.retryAfterSeconds === undefined
        ? undefined
        : outcome.retryAfterSeconds * 1_000;
    default:
      return undefined;
  }
}
