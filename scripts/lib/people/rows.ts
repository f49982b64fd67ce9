/** Everybody of the Bitbucket connections, a row each. Values in, values out. */

import { tellWorkspaces } from './known.ts';
import { type ApplicationVerdict, judgePerson, type Person, summarize } from './person.ts';
import type { Surroundings } from './surroundings.ts';
import type { TenantUser } from './tenant-user.ts';
import { nameOf as nameOfUser } from './tenant-user.ts';
import { daysToMs, readTime, writeTime } from './times.ts';

/** The columns, by the names that programs rely on; nothing is an empty text. */
export const COLUMNS = [
  'user_id',
  'email',
  'bitbucket_uuid',
  'workspaces',
  'last_look',
  'last_login',
  'status',
  'reason',
] as const;

export interface PersonRow {
  readonly columns: Readonly<Record<(typeof COLUMNS)[number], string>>;
  /** For people. */
  readonly name: string;
  readonly status: 'in' | 'out' | 'unknown';
  /** Milliseconds since the epoch. */
  readonly lastLook: number | undefined;
  readonly lastLogin: number | undefined;
}

export function createRow(
  user: TenantUser,
  surroundings: Pick<Surroundings, 'doors' | 'gate'>,
  nowMs: number,
): PersonRow {
  const person = judgePerson(user, surroundings, nowMs);
  const summary = summarize(person);
  const { accounts } = person;
  // Auth0 refuses who is blocked before it asks an Action.
  const status = user.isBlocked ? 'out' : (summary?.verdict.status ?? 'unknown');
  const looks = accounts.flatMap(({ lastLook }) => (lastLook === undefined ? [] : [lastLook]));
  const lastLook = looks.length === 0 ? undefined : Math.max(...looks);
  const lastLogin = readTime(user.lastLogin);
  const reason =
    summary?.verdict.status === 'unknown'
      ? describeUnknown(summary, judgePerson(user, surroundings, nowMs, 'last seen'))
      : describe(summary);
  const workspaces = new Set(accounts.flatMap(({ facts }) => tellWorkspaces(facts)));
  return {
    name: nameOfUser(user),
    status,
    lastLook,
    lastLogin,
    columns: {
      user_id: user.userId,
      email: user.email ?? '',
      bitbucket_uuid: uuidOf(person),
      workspaces: [...workspaces].join(' '),
      last_look: writeTime(lastLook),
      last_login: writeTime(lastLogin),
      status,
      reason: user.isBlocked ? `blocked in Auth0; else ${reason}` : reason,
    },
  };
}

/** Of the account that something is known of, before others. */
function uuidOf({ accounts }: Person): string {
  const known = accounts.find(({ lastLook }) => lastLook !== undefined);
  return known?.uuid ?? accounts.find(({ uuid }) => uuid !== undefined)?.uuid ?? '';
}

/** The code of a refusal, or the rule that lets in. */
export function describe(summary: ApplicationVerdict | undefined): string {
  if (summary === undefined) return '';
  const { code, status, satisfied } = summary.verdict;
  return code ?? (status === 'in' ? (satisfied ?? 'confirmed address') : '');
}

/** Why it cannot be told, and what the last look would say however old it is. */
function describeUnknown(now: ApplicationVerdict, lastSeen: Person): string {
  const { notBelieved } = now.account;
  if (notBelieved !== undefined) return notBelieved;
  const seen = summarize(lastSeen);
  const told = describe(seen);
  return told === '' ? 'a fact is missing' : `too old; last seen ${told}`;
}

export interface Filters {
  readonly isOut: boolean;
  /** Not looked at for so many days, or never. */
  readonly staleDays: number | undefined;
}

export function filterRows(
  rows: readonly PersonRow[],
  { isOut, staleDays }: Filters,
  nowMs: number,
): readonly PersonRow[] {
  const isStale = ({ lastLook }: PersonRow) =>
    staleDays === undefined || lastLook === undefined || nowMs - lastLook >= daysToMs(staleDays);
  return rows.filter((row) => (!isOut || row.status === 'out') && isStale(row));
}
