/** So many calls in a rolling hour, counted by whoever calls. */
import type { AccessToken } from './tokens.ts';

const HOUR_MS = 60 * 60 * 1_000;

/**
 * By the person, whichever of their tokens it is and whichever consumer has it. A consumer that
 * acts for itself is somebody of its own.
 * @returns whether one more call is within the limit; it then counts.
 */
export function createRateLimit(
  callsPerHour: number,
  now: () => number,
): (token: AccessToken) => boolean {
  const times = new Map<string, number[]>();
  return ({ owner, consumerKey }) => {
    const caller = owner.kind === 'user' ? owner.userUuid : `consumer ${consumerKey}`;
    const recent = (times.get(caller) ?? []).filter((time) => time > now() - HOUR_MS);
    times.set(caller, recent);
    if (recent.length >= callsPerHour) return false;
    recent.push(now());
    return true;
  };
}
