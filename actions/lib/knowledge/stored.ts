/**
 * What is kept of a person in `app_metadata`: `bitbucket` is the summary for people and other
 * Actions, `bitbucket_look` the facts that this package goes by. Neither holds a token or an
 * address; together they have at most 4 kB. The shape is in docs/stored-data.md. Reading: values in,
 * values out, no I/O.
 */
import { parseFullName, parseSlug, parseUuid, readField, readString } from '../read.ts';
import {
  type Account,
  type Address,
  type Answers,
  type Dated,
  type Facts,
  NOTHING_KNOWN,
  PERMISSIONS,
  type Permission,
  REPOSITORY_PERMISSIONS,
  type Repository,
  type Workspace,
} from './facts.ts';
import { type Owner, ownerMark } from './owner.ts';

export const SUMMARY_KEY = 'bitbucket';
export const LOOK_KEY = 'bitbucket_look';
/** Another version is not believed. */
export const VERSION = 2;

/** Clocks differ; what is further in the future than this was not written by a clock. */
const MAX_AHEAD_MS = 60_000;
/** More than 4 kB holds. */
const MAX_ENTRIES = 200;

/** The last refusal, for whoever asks why. */
export interface StoredRefusal {
  readonly at: number;
  readonly code: string;
  readonly cause: string;
  readonly clientId: string | undefined;
}

/**
 * The facts of this owner. Nothing, where they are another's, of another version, or not as this
 * project writes them.
 * @param address the address that Auth0 holds: which one is primary is kept only of this.
 */
export function readFacts(
  appMetadata: unknown,
  owner: Owner,
  address: { readonly text: string; readonly mark: string } | undefined,
  nowMs: number,
): Facts {
  const look = readField(appMetadata, LOOK_KEY);
  if (readField(look, 'v') !== VERSION || readField(look, 'who') !== ownerMark(owner)) {
    return NOTHING_KNOWN;
  }
  try {
    const base = readTime(look, 'at', nowMs);
    const dated = <T>(
      value: unknown,
      read: (value: unknown) => T,
      isNo: (fact: T) => boolean = () => false,
    ): Dated<T> => {
      const fact = read(value);
      const at = readField(value, 'at') === undefined ? base : readTime(value, 'at', nowMs);
      // A clock that was fast makes no yes newer than what this login finds; to a no it gives way.
      return { ...fact, at: isNo(fact) ? at : Math.min(at, nowMs - 1) };
    };
    const optional = <T>(name: string, read: (value: unknown) => T): T | undefined => {
      const value = readField(look, name);
      return value === undefined ? undefined : read(value);
    };
    const facts: Facts = {
      account: optional('account', (value) => dated(value, readAccount, (one) => !one.isActive)),
      anotherAccountAt: optional('another_account', (value) => {
        return dated(
          value,
          () => ({}),
          () => true,
        ).at;
      }),
      address: optional('address', (value) =>
        dated(
          value,
          (one) => readAddress(one, address),
          (one) => !one.isConfirmed,
        ),
      ),
      reachable: optional('reachable', (value) => dated(value, readReachable)),
      ...readWorkspaces(look, dated),
      // What a list denied is not kept: the permission that it ended is gone.
      noOwner: new Map(),
      repositories: readRepositories(look, dated),
    } as Facts;
    return Object.fromEntries(
      Object.entries(facts).filter(([, fact]) => fact !== undefined),
    ) as unknown as Facts;
  } catch (error) {
    if (error instanceof Unreadable) return NOTHING_KNOWN;
    throw error;
  }
}

/** The last refusal that is kept for this owner. */
export function readRefusal(appMetadata: unknown, owner: Owner): StoredRefusal | undefined {
  const look = readField(appMetadata, LOOK_KEY);
  const refusal = readField(look, 'refusal');
  if (readField(look, 'who') !== ownerMark(owner)) return undefined;
  const at = Date.parse(readString(refusal, 'at') ?? '');
  const code = readString(refusal, 'code');
  const cause = readString(refusal, 'cause');
  if (Number.isNaN(at) || code === undefined || cause === undefined) return undefined;
  return { at, code, cause, clientId: readString(refusal, 'client_id') };
}

const MARK = /^[\w-]{0,22}$/;

class Unreadable extends Error {}

type ReadDated = <T>(
  value: unknown,
  read: (value: unknown) => T,
  isNo?: (fact: T) => boolean,
) => Dated<T>;

function readWorkspaces(
  look: unknown,
  dated: ReadDated,
): Pick<Facts, 'workspaces' | 'permissions'> {
  const workspaces = new Map<string, Answers<Workspace>>();
  const permissions = new Map<string, Dated<{ readonly permission: Permission }>>();
  for (const entry of readList(look, 'workspaces')) {
    const yes = dated(entry, readWorkspace);
    for (const name of [yes.uuid, yes.slug]) workspaces.set(name, { yes });
    const known = readField(entry, 'permission');
    if (known !== undefined) permissions.set(yes.uuid, dated(known, readPermission));
  }
  for (const [name, no] of readNoes(look, 'no', dated)) {
    workspaces.set(name, { ...workspaces.get(name), no });
  }
  return { workspaces, permissions };
}

function readRepositories(look: unknown, dated: ReadDated): Facts['repositories'] {
  const repositories = new Map<string, Answers<Repository>>();
  for (const entry of readList(look, 'repositories')) {
    const yes = dated(entry, readRepository);
    const name = readString(entry, 'name') ?? yes.fullName;
    for (const key of [name, yes.fullName]) repositories.set(key, { yes });
  }
  for (const [name, no] of readNoes(look, 'no_repositories', dated)) {
    repositories.set(name, { ...repositories.get(name), no });
  }
  return repositories;
}

/** Entries of one time and one reason stand together. */
function readNoes(
  look: unknown,
  field: string,
  dated: ReadDated,
): readonly (readonly [name: string, no: Dated<{ readonly reason: string }>])[] {
  return readList(look, field).flatMap((entry) => {
    const no = dated(
      entry,
      (value) => ({ reason: orUnreadable(readString(value, 'reason')) }),
      () => true,
    );
    return readList(entry, 'names').map((name) => [orUnreadable(asName(name)), no] as const);
  });
}

function readAccount(value: unknown): Account {
  const uuid = orUnreadable(parseUuid(readField(value, 'uuid')));
  return { uuid, isActive: readField(value, 'active') !== false };
}

function readAddress(
  value: unknown,
  address: { readonly text: string; readonly mark: string } | undefined,
): Address {
  const mark = readField(value, 'mark');
  const isConfirmed = readField(value, 'confirmed');
  // Only a mark: whatever else stands there is not written back.
  if (typeof mark !== 'string' || !MARK.test(mark)) throw new Unreadable();
  if (typeof isConfirmed !== 'boolean') throw new Unreadable();
  const isPrimary = readField(value, 'primary') === true && address?.mark === mark;
  return { mark, isConfirmed, ...(isPrimary ? { primary: address.text } : {}) };
}

function readReachable(value: unknown): {
  readonly workspaces: readonly Workspace[];
  readonly hasMore: boolean;
} {
  const workspaces = readList(value, 'workspaces').map(readWorkspace);
  return { workspaces, hasMore: readField(value, 'more') === true };
}

function readWorkspace(value: unknown): Workspace {
  const uuid = orUnreadable(parseUuid(readField(value, 'uuid')));
  return { uuid, slug: orUnreadable(parseSlug(readField(value, 'slug'))) };
}

function readPermission(value: unknown): { readonly permission: Permission } {
  const name = readField(value, 'name');
  return { permission: orUnreadable(PERMISSIONS.find((known) => known === name)) };
}

function readRepository(value: unknown): Repository {
  const uuid = orUnreadable(parseUuid(readField(value, 'uuid')));
  const fullName = orUnreadable(parseFullName(readField(value, 'full_name')));
  const name = readField(value, 'permission');
  const permission = orUnreadable(REPOSITORY_PERMISSIONS.find((known) => known === name));
  return { uuid, fullName, permission };
}

function readTime(value: unknown, field: string, nowMs: number): number {
  const at = Date.parse(readString(value, field) ?? '');
  if (Number.isNaN(at) || at > nowMs + MAX_AHEAD_MS) throw new Unreadable();
  return at;
}

function readList(value: unknown, field: string): readonly unknown[] {
  const list = readField(value, field) ?? [];
  if (!Array.isArray(list) || list.length > MAX_ENTRIES) throw new Unreadable();
  return list;
}

/** A name of a workspace or repository, as the rules write it. */
function asName(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z0-9_.{}/-]{1,240}$/.test(value) ? value : undefined;
}

function orUnreadable<T>(value: T | undefined): T {
  if (value === undefined) throw new Unreadable();
  return value;
}
