/** The one line an Action logs: JSON, of what an admin may see. */

import type { Refusal } from '../policy/refusal.ts';
import type { Source } from './gather.ts';

/** Auth0 keeps no more of an Action's console output. */
const MAX_LENGTH = 256;

export interface LogEntry {
  readonly action: string;
  readonly refusal: Refusal | undefined;
  readonly source?: Source | undefined;
  /** Requests sent, retries included. */
  readonly calls: number;
  readonly ms: number;
}

/** At most 256 characters, whatever the cause says; always whole JSON, in ASCII. */
export function createLogLine({ action, refusal, source, calls, ms }: LogEntry): string {
  const line = (cause: string | undefined) =>
    JSON.stringify({
      action,
      outcome: refusal === undefined ? 'allowed' : 'denied',
      code: refusal?.code,
      cause,
      source,
      calls,
      ms,
    });
  if (refusal === undefined) return line(undefined);
  const cause = refusal.cause.replace(/[^\x20-\x7e]|["\\]/g, '?');
  return line(cause.slice(0, Math.max(0, MAX_LENGTH - line('').length)));
}
