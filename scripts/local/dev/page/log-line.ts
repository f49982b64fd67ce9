/** The one line that an Action logs, read back. */
import { readString } from '#actions/lib/read.ts';

export interface LogLine {
  readonly outcome: string | undefined;
  readonly code: string | undefined;
  readonly cause: string | undefined;
  /** Where the facts came from: `live`, `facts`, `shared`, `consumer`, `last_known`. */
  readonly source: string | undefined;
}

/** `undefined` for what is no JSON: somebody else's Action logs as it likes. */
export function readLogLine(line: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    return {
      outcome: readString(value, 'outcome'),
      code: readString(value, 'code'),
      cause: readString(value, 'cause'),
      source: readString(value, 'source'),
    };
  } catch {
    return undefined;
  }
}
