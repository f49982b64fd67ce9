/** How somebody's last logins went: what the log says, and what the Action kept. Values only. */

import type { StoredRefusal } from '#actions/lib/knowledge/stored.ts';
import type { Application } from './judge.ts';
import type { Person } from './person.ts';
import { type LogEntry, MOST_REFUSALS } from './read-logs.ts';

export interface ToldRefusal {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `undefined`: not of our Actions. */
  readonly code: string | undefined;
  /** For the admin: only the last one's is kept. */
  readonly cause: string | undefined;
  readonly kind: 'login' | 'refresh' | undefined;
  readonly application: string;
  /** `undefined`: the profile alone tells of it. */
  readonly logId: string | undefined;
  /** Of a refusal that is not ours: what Auth0 says. */
  readonly description: string | undefined;
}

/** The same again within it is not kept anew. */
const SAME_MS = 60_000;
/** An entry is written when the flow has ended: a login takes no longer, and clocks differ. */
const FLOW_MS = 20_000;
const CLOCKS_MS = 5_000;

/** The last ones, the newest first. */
export function tellRefusals(
  { accounts }: Person,
  logs: readonly LogEntry[],
  applications: readonly Application[],
): readonly ToldRefusal[] {
  const nameOf = (id: string | undefined, name?: string) =>
    name ?? applications.find(({ clientId }) => clientId === id)?.name ?? id ?? '(unknown)';
  const kept = accounts.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  const isOf = (entry: LogEntry, { at, code, clientId }: StoredRefusal) =>
    entry.code === code &&
    (entry.clientId ?? clientId) === (clientId ?? entry.clientId) &&
    entry.at >= at - CLOCKS_MS &&
    entry.at <= at + SAME_MS + FLOW_MS;
  const logged = logs
    .filter(({ isRefused }) => isRefused)
    .map((entry) => ({
      at: entry.at,
      code: entry.code,
      cause: kept.find((refusal) => isOf(entry, refusal))?.cause,
      kind: entry.kind,
      application: nameOf(entry.clientId, entry.clientName),
      logId: entry.logId,
      description: entry.code === undefined ? entry.description : undefined,
    }));
  const alone = kept
    .filter((refusal) => !logs.some((entry) => isOf(entry, refusal)))
    .map(({ at, code, cause, clientId }) => ({
      ...{ at, code, cause, kind: undefined, application: nameOf(clientId) },
      ...{ logId: undefined, description: undefined },
    }));
  return [...logged, ...alone].sort((one, other) => other.at - one.at).slice(0, MOST_REFUSALS);
}

export interface Outcome {
  readonly at: number;
  /** Of the refusal; `undefined`: let in. */
  readonly code: string | undefined;
  readonly clientId: string | undefined;
}

/**
 * How the last login went, as far as it is known: by the newest of the log, the refusal that is kept,
 * and the last look, which let in where no refusal followed it.
 */
export function lastOutcomeOf(
  { accounts }: Person,
  log: LogEntry | undefined,
): Outcome | undefined {
  const refusals = accounts.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  const looks = accounts.flatMap(({ lastLook }) => (lastLook === undefined ? [] : [lastLook]));
  const wasRefused = (look: number) => refusals.some(({ at }) => at >= look || look - at < SAME_MS);
  const outcomes: readonly Outcome[] = [
    ...looks
      .filter((at) => !wasRefused(at))
      .map((at) => ({ at, code: undefined, clientId: undefined })),
    ...refusals.map(({ at, code, clientId }) => ({ at, code, clientId })),
    ...(log === undefined ? [] : [{ at: log.at, code: log.code, clientId: log.clientId }]),
  ];
  return outcomes.reduce<Outcome | undefined>(
    (newest, one) => (newest === undefined || one.at >= newest.at ? one : newest),
    undefined,
  );
}

/** Of each user the newest login at each application that was let in, or refused by our Actions. */
export function newestByUser(
  logs: readonly LogEntry[],
): ReadonlyMap<string, readonly [LogEntry, ...LogEntry[]]> {
  const newest = new Map<string, [LogEntry, ...LogEntry[]]>();
  for (const entry of logs.toSorted((one, other) => other.at - one.at)) {
    if (entry.userId === undefined || entry.kind === undefined) continue;
    if (entry.isRefused && entry.code === undefined) continue;
    const known = newest.get(entry.userId);
    if (known === undefined) newest.set(entry.userId, [entry]);
    else if (!known.some(({ clientId }) => clientId === entry.clientId)) known.push(entry);
  }
  return newest;
}
