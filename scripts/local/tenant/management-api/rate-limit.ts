/** How many calls the Management API takes in a while: a fixed window, for all callers together. */

export interface RateLimitOptions {
  /** Of one window. */
  readonly calls: number;
  readonly windowMs: number;
}

/** What a call is told of the limit, in the names of Auth0's headers. */
export interface RateLimitStatus {
  readonly isExceeded: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** @returns a function that counts the call that is made at `nowMs`, since the epoch. */
export function createRateLimit({
  calls,
  windowMs,
}: RateLimitOptions): (nowMs: number) => RateLimitStatus {
  let used = 0;
  let resetMs = 0;
  return (nowMs) => {
    if (nowMs >= resetMs) {
      used = 0;
      resetMs = nowMs + windowMs;
    }
    used += 1;
    return {
      isExceeded: used > calls,
      headers: {
        'x-ratelimit-limit': String(calls),
        'x-ratelimit-remaining': String(Math.max(0, calls - used)),
        'x-ratelimit-reset': String(Math.ceil(resetMs / 1_000)),
      },
    };
  };
}
