/**
 * The calls of one run of one Action: one deadline over all of them, a shorter time-out for each,
 * at most one retry a call, and a count for the log.
 */
import { type Call, HttpError, type Reply, type Send } from './send.ts';

/** The outside world, as the entry file hands it in. */
export interface Ports {
  readonly send: Send;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Caller {
  /**
   * @throws {HttpError} when no whole reply came, or no time is left to ask.
   */
  call(call: Omit<Call, 'timeoutMs'>): Promise<Reply>;
  /** How many requests were sent, retries included. */
  count(): number;
}

/** Everything a run does at Bitbucket and the Management API, retries included. */
export const DEADLINE_MS = 8_000;
/** One call, its body included. */
export const CALL_TIMEOUT_MS = 3_000;
const RETRY_PAUSE_MS = 100;
/** A call that has less than this is not begun. */
const LEAST_USEFUL_MS = 50;

export function createCaller(ports: Ports): Caller {
  const endsAt = ports.now() + DEADLINE_MS;
  const remainingMs = () => endsAt - ports.now();
  let sent = 0;

  const attempt = (call: Omit<Call, 'timeoutMs'>): Promise<Reply> => {
    const timeoutMs = Math.min(CALL_TIMEOUT_MS, remainingMs());
    if (timeoutMs < LEAST_USEFUL_MS) throw new HttpError(call.endpoint, 'no_time_left');
    sent += 1;
    return ports.send({ ...call, timeoutMs });
  };

  /** How long to wait before the one retry; `undefined` when there is to be none. */
  const pauseBeforeRetry = (outcome: Reply | HttpError): number | undefined => {
    const pauseMs = retryPauseMs(outcome);
    return pauseMs !== undefined && remainingMs() - pauseMs >= LEAST_USEFUL_MS
      ? pauseMs
      : undefined;
  };

  return {
    count: () => sent,
    async call(call) {
      const first = await attempt(call).catch(asHttpError);
      const pauseMs = pauseBeforeRetry(first);
      if (pauseMs === undefined) {
        if (first instanceof HttpError) throw first;
        return first;
      }
      await ports.sleep(pauseMs);
      return attempt(call);
    },
  };
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  throw error;
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
