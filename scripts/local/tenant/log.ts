/**
 * The tenant's log: what happened, newest last, for as long as the plan keeps it. Field names are
 * those of the Management API. It is told what happened; who writes what is not its matter.
 */

/** As a reader of the log gets it. Which other fields an event has depends on its type. */
export interface LogEvent {
  /** ISO 8601. */
  readonly date: string;
  /** A code, such as `s` or `fertft`. */
  readonly type: string;
  readonly log_id: string;
  readonly _id: string;
  readonly isMobile: boolean;
  readonly [field: string]: unknown;
}

/** An event as it is written: its id is given by the log, and its date where there is none. */
export interface LogEntry {
  readonly type: string;
  readonly date?: string;
  readonly [field: string]: unknown;
}

export interface TenantLog {
  append(entry: LogEntry): LogEvent;
  /** Those that can be read now, in the order in which they were written. */
  list(): readonly LogEvent[];
}

export interface LogOptions {
  readonly now: () => number;
  /** How long an event is kept: Auth0 keeps it for 1 to 30 days, by the plan. */
  readonly retentionDays?: number;
  /** How long after it was written an event can be read; Auth0: "you may see some delays". */
  readonly delayMs?: number;
}

const RETENTION_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1_000;

export function createTenantLog(options: LogOptions): TenantLog {
  const { now, retentionDays = RETENTION_DAYS, delayMs = 0 } = options;
  const entries: { readonly writtenAtMs: number; readonly event: LogEvent }[] = [];
  return {
    append: ({ date, ...entry }) => {
      const writtenAtMs = now();
      const id = createLogId(writtenAtMs, entries.length);
      const event = {
        date: date ?? new Date(writtenAtMs).toISOString(),
        ...entry,
        log_id: id,
        _id: id,
        isMobile: false,
      };
      entries.push({ writtenAtMs, event });
      return event;
    },
    list: () => {
      const nowMs = now();
      const oldest = new Date(nowMs - retentionDays * DAY_MS).toISOString();
      return entries
        .filter(({ writtenAtMs, event }) => writtenAtMs + delayMs <= nowMs && event.date >= oldest)
        .map(({ event }) => event);
    },
  };
}

/** 56 digits: ordered by when the event reached the log, which need not be when it happened. */
function createLogId(writtenAtMs: number, sequence: number): string {
  const time = new Date(writtenAtMs).toISOString().replace(/\D/g, '');
  return `900${time}${String(sequence).padStart(36, '0')}`;
}
