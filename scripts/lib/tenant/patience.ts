/**
 * How often a call to Auth0 is tried, and that whoever watches is told. The SDK would try again by
 * itself, up to a minute apart and without a word; so it is asked for one try at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFailure, type Failure, readFailure, TenantError } from './tenant-error.ts';

export interface Patience {
  /** As `GET /api/v2/clients`. */
  readonly what: string;
  readonly domain: string;
  /** Asking twice does no harm. What makes something new is not asked twice. */
  readonly isRepeatable: boolean;
  readonly tell: (text: string) => void;
}

/** All pauses of a call together. */
const LONGEST_MS = 45_000;
const MOST_TRIES = 3;
const MOST_TRIES_WHEN_LIMITED = 10;
/** Of connections that broke: the next may hold. A name that is not found stays so. */
const PASSING = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);

/**
 * Waits out the rate limit as long as Auth0 asks for (`x-ratelimit-reset`, in seconds since the
 * epoch), and tries a server error three times.
 * @throws {TenantError} with what the last try came to.
 */
export async function tryPatiently<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  let waitedMs = 0;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof TenantError) throw error;
      const failure = readFailure(error);
      const pauseMs = pauseAfter(failure, tries, patience.isRepeatable);
      if (pauseMs === undefined || waitedMs + pauseMs > LONGEST_MS) {
        throw createError(patience, failure);
      }
      const seconds = (pauseMs / 1_000).toFixed(1);
      patience.tell(
        `${patience.what}: ${describeFailure(failure)}; trying again in ${seconds} s (try ${tries + 1})`,
      );
      await sleep(pauseMs);
      waitedMs += pauseMs;
    }
  }
}

function pauseAfter(failure: Failure, tries: number, isRepeatable: boolean): number | undefined {
  if (failure.status === 429) {
    return tries < MOST_TRIES_WHEN_LIMITED ? readLimitMs(failure) : undefined;
  }
  const mayPass =
    failure.status === undefined ? PASSING.has(failure.code ?? '') : failure.status >= 500;
  if (!mayPass || !isRepeatable || tries >= MOST_TRIES) return undefined;
  return 1_000 * 2 ** (tries - 1);
}

/** Milliseconds until the limit is over; a second where Auth0 does not say. */
function readLimitMs({ headers }: Failure): number {
  const reset = Number(headers?.get('x-ratelimit-reset')) * 1_000 - Date.now();
  const retryAfter = Number(headers?.get('retry-after')) * 1_000;
  return [retryAfter, reset].find((ms) => ms > 0) ?? 1_000;
}

function createError({ what, domain }: Patience, failure: Failure): TenantError {
  const { status, code, isTimeout } = failure;
  if (status !== undefined) {
    const message = `${what} on ${domain} was refused: ${describeFailure(failure)}`;
    return new TenantError(message, status);
  }
  if (isTimeout) return new TenantError(`${what} on ${domain} was not answered in time`);
  if (code !== undefined) return new TenantError(`https://${domain} cannot be reached: ${code}`);
  // Something answered, and the SDK could make nothing of it.
  return new TenantError(
    `${what} on ${domain} was answered with something that is not Auth0's: is AUTH0_DOMAIN the tenant's own domain?`,
  );
}
