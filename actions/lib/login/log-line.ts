/** The one line an Action logs: JSON, of what an admin may see. */
import type { Refusal } from '../policy/refusal.ts';
import type { Gathered } from './gather.ts';

/** Auth0 keeps no more of an Action's console output. */
const MAX_LENGTH = 256;

export interface LogEntry {
  readonly action: string;
  readonly refusal: Refusal | undefined;
  readonly source?: Gathered['source'] | 'last_known' | undefined;
  /** Rules of roles that could not be told: those roles are left out. */
  readonly rolesUnknown?: number | undefined;
  /** Requests sent, retries included. */
  readonly calls: number;
  readonly ms: number;
}

/** At most 256 characters, whatever the cause says; always whole JSON, in ASCII. */
export function createLogLine(entry: LogEntry): string {
  const { action, refusal, source, rolesUnknown, calls, ms } = entry;
  const line = (cause: string | undefined) =>
    JSON.stringify({
      action,
      outcome: refusal === undefined ? 'allowed' : 'denied',
      code: refusal?.code,
      cause,
      source,
      roles_unknown: rolesUnknown === 0 ? undefined : rolesUnknown,
      calls,
      ms,
    });
  if (refusal === undefined) return line(undefined);
  const cause = refusal.cause.replace(/[^\x20-\x7e]|["\\]/g, '?');
  return line(cause.slice(0, Math.max(0, MAX_LENGTH - line('').length)));
}
