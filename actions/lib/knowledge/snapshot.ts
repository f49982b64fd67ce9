/**
 * What the last live look found, kept in `app_metadata`: `bitbucket` for everybody who reads it,
 * and `bitbucket_look`, which says what that look was about. Neither holds a token or an address.
 * Values in, values out: no I/O, no clock, no `api`.
 */
import { createHmac } from 'node:crypto';
import { MAX_LISTED } from '../bitbucket/look.ts';
import { satisfiesPolicy } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { MAX_WORKSPACES, workspacesOf } from '../policy/rules.ts';
import { foldAscii, parseSlug, parseUuid, readField, readString } from '../read.ts';
import { type Facts, isNamedBy, isTrouble, type Membership, PERMISSIONS } from './facts.ts';

export const SNAPSHOT_KEY = 'bitbucket';
export const LOOK_KEY = 'bitbucket_look';

/** Written as `app_metadata.bitbucket`. */
export interface StoredSnapshot {
  readonly uuid: string;
  readonly email_verified: boolean;
  readonly workspaces: readonly Membership[];
  /** ISO 8601. */
  readonly checked_at: string;
}

/** Written as `app_metadata.bitbucket_look`. */
export interface StoredLook {
  /** What the look was about: see `fingerprint`. A look that was not answered whole is `partial`. */
  readonly about: string;
  /** Whose it was: see `ownerMark`. */
  readonly who: string;
  readonly email_is_primary: boolean;
  /** ISO 8601. The consumer can renew what is known of workspaces, and not this. */
  readonly email_checked_at: string;
  readonly workspaces_truncated: boolean;
}

/** What is asked of a snapshot, and by whom: it answers for nothing and nobody else. */
export interface Asked {
  readonly policy: Policy;
  /** The address that Auth0 holds for the user. */
  readonly address: string | undefined;
  /** The connection of this login, and the accounts of it that are linked to the user. */
  readonly connection: string;
  readonly accounts: readonly string[];
}

/** A snapshot that answers for what is asked. */
export interface Snapshot {
  readonly facts: Facts & { readonly uuid: string };
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
  readonly emailCheckedAt: number;
}

/**
 * Reads what `app_metadata` holds; `undefined` when there is nothing, it cannot be read, or it was
 * made for another policy, address or account. One without its `bitbucket_look` (restored by an
 * admin's script, say) answers only where it satisfies the whole policy by itself.
 */
export function readSnapshot(appMetadata: unknown, asked: Asked): Snapshot | undefined {
  const { policy, address } = asked;
  const stored = readField(appMetadata, SNAPSHOT_KEY);
  const look = readField(appMetadata, LOOK_KEY);
  const uuid = parseUuid(readField(stored, 'uuid'));
  const verified = readField(stored, 'email_verified');
  const memberships = parseMemberships(readField(stored, 'workspaces'));
  const checkedAt = Date.parse(readString(stored, 'checked_at') ?? '');
  if (uuid === undefined || typeof verified !== 'boolean') return undefined;
  if (memberships === undefined || Number.isNaN(checkedAt)) return undefined;

  const isMarked = look !== undefined && look !== null;
  if (isMarked && readField(look, 'about') !== fingerprint(asked)) return undefined;
  const emailCheckedAt = Date.parse(readString(look, 'email_checked_at') ?? '');
  const isPrimary = verified && readField(look, 'email_is_primary') === true;
  const facts = {
    uuid,
    email: { verified, ...(isPrimary && address !== undefined ? { primary: address } : {}) },
    workspaces: {
      memberships: ofTheList(memberships, policy),
      truncated: readField(look, 'workspaces_truncated') === true,
    },
  };
  if (!isMarked && !satisfiesPolicy(facts, policy)) return undefined;
  return {
    facts,
    checkedAt,
    emailCheckedAt: Number.isNaN(emailCheckedAt) ? checkedAt : emailCheckedAt,
  };
}

/** The Bitbucket account of the last look, whatever its policy, where it was of the same owner. */
export function readSnapshotUuid(appMetadata: unknown, asked: Asked): string | undefined {
  if (readField(readField(appMetadata, LOOK_KEY), 'who') !== ownerMark(asked)) return undefined;
  return parseUuid(readField(readField(appMetadata, SNAPSHOT_KEY), 'uuid'));
}

export interface SnapshotTimes {
  readonly checkedAt: number;
  readonly emailCheckedAt: number;
}

/**
 * What to store of these facts. What nothing answered counts as no, and then the look is partial:
 * it says less than was asked, and must not answer for it.
 */
export function createSnapshot(
  facts: Facts & { readonly uuid: string },
  asked: Asked,
  times: SnapshotTimes,
): { readonly snapshot: StoredSnapshot; readonly look: StoredLook } {
  const { email, workspaces } = facts;
  const isWhole = !isTrouble(email) && workspaces.unanswered === undefined;
  const primary = isTrouble(email) ? undefined : email.primary;
  return {
    snapshot: {
      uuid: facts.uuid,
      email_verified: !isTrouble(email) && email.verified,
      workspaces: workspaces.memberships,
      checked_at: new Date(times.checkedAt).toISOString(),
    },
    look: {
      about: isWhole ? fingerprint(asked) : 'partial',
      who: ownerMark(asked),
      email_is_primary:
        primary !== undefined &&
        asked.address !== undefined &&
        foldAscii(primary) === foldAscii(asked.address),
      email_checked_at: new Date(times.emailCheckedAt).toISOString(),
      workspaces_truncated: workspaces.truncated,
    },
  };
}

/** Says whether two looks were about the same rules, address and account, without telling which. */
export function fingerprint(asked: Asked): string {
  const { policy, address } = asked;
  const rules = policy.allowedWorkspaces.map((rule) => `${rule.workspace}:${rule.permission}`);
  return keyedHash(asked, [
    [...new Set(rules)].sort(),
    address === undefined ? null : foldAscii(address),
    ...ownerOf(asked),
  ]);
}

/** Says whether two looks were at the same linked account of the same connection. */
function ownerMark(asked: Asked): string {
  return keyedHash(asked, ownerOf(asked));
}

function ownerOf({ connection, accounts }: Asked): readonly unknown[] {
  return [connection, [...accounts].sort()];
}

/** An address could be guessed from a plain hash, so this one has a key. */
function keyedHash({ policy }: Asked, value: readonly unknown[]): string {
  return createHmac('sha256', policy.settings.managementClientSecret)
    .update(JSON.stringify(value))
    .digest('base64url')
    .slice(0, 22);
}

/** `undefined` when any entry is not as this project writes it. */
export function parseMemberships(value: unknown): readonly Membership[] | undefined {
  if (!Array.isArray(value) || value.length > Math.max(MAX_LISTED, MAX_WORKSPACES))
    return undefined;
  const memberships = value.map(parseStoredMembership);
  const readable = memberships.filter((membership) => membership !== undefined);
  return readable.length === memberships.length ? readable : undefined;
}

function parseStoredMembership(value: unknown): Membership | undefined {
  const uuid = parseUuid(readField(value, 'uuid'));
  const slug = parseSlug(readField(value, 'slug'));
  const name = readField(value, 'permission');
  const permission = PERMISSIONS.find((known) => known === name);
  if (uuid === undefined || slug === undefined) return undefined;
  if (permission === undefined) return name === undefined ? { uuid, slug } : undefined;
  return { uuid, slug, permission };
}

function ofTheList(memberships: readonly Membership[], policy: Policy): readonly Membership[] {
  const workspaces = workspacesOf(policy.allowedWorkspaces);
  if (workspaces.length === 0) return memberships;
  return memberships.filter((membership) =>
    workspaces.some((workspace) => isNamedBy(membership, workspace)),
  );
}
