/**
 * What the last live look found, kept in `app_metadata`: `bitbucket` for everybody who reads it,
 * and `bitbucket_look`, which says what that look was about. Neither holds a token or an address.
 * Values in, values out: no I/O, no clock, no `api`.
 */
import { createHmac } from 'node:crypto';
import { satisfiesPolicy } from './decide.ts';
import { type Facts, isNamedBy, isTrouble, type Membership, PERMISSIONS } from './facts.ts';
import { MAX_LISTED } from './look.ts';
import type { Policy } from './policy.ts';
import { foldAscii, parseSlug, parseUuid, readField, readString } from './read.ts';
import { MAX_WORKSPACES, workspacesOf } from './rules.ts';

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
  /** Which workspaces and which address the look was about: see `fingerprint`. */
  readonly about: string;
  readonly email_is_primary: boolean;
  readonly workspaces_truncated: boolean;
}

/** A snapshot that answers for the policy and the address at hand. */
export interface Snapshot {
  readonly facts: Facts;
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
}

/**
 * Reads what `app_metadata` holds; `undefined` when there is nothing, it cannot be read, or it was
 * made for other workspaces or another address. One without its `bitbucket_look` (restored by a
 * script, say) answers only where it satisfies the whole policy by itself.
 */
export function readSnapshot(
  appMetadata: unknown,
  policy: Policy,
  address: string | undefined,
): Snapshot | undefined {
  const stored = readField(appMetadata, SNAPSHOT_KEY);
  const look = readField(appMetadata, LOOK_KEY);
  const uuid = parseUuid(readField(stored, 'uuid'));
  const verified = readField(stored, 'email_verified');
  const memberships = parseMemberships(readField(stored, 'workspaces'));
  const checkedAt = Date.parse(readString(stored, 'checked_at') ?? '');
  if (uuid === undefined || typeof verified !== 'boolean') return undefined;
  if (memberships === undefined || Number.isNaN(checkedAt)) return undefined;

  const isMarked = look !== undefined && look !== null;
  if (isMarked && readField(look, 'about') !== fingerprint(policy, address)) return undefined;
  const isPrimary = verified && readField(look, 'email_is_primary') === true;
  const facts: Facts = {
    uuid,
    email: { verified, ...(isPrimary && address !== undefined ? { primary: address } : {}) },
    workspaces: {
      memberships: ofTheList(memberships, policy),
      truncated: readField(look, 'workspaces_truncated') === true,
    },
  };
  return isMarked || satisfiesPolicy(facts, policy) ? { facts, checkedAt } : undefined;
}

/** The account of the last look, whatever that look was about. */
export function readSnapshotUuid(appMetadata: unknown): string | undefined {
  return parseUuid(readField(readField(appMetadata, SNAPSHOT_KEY), 'uuid'));
}

/**
 * What to store of these facts. What nothing answered counts as no, and then there is no `look`:
 * the snapshot says less than was asked, and must not answer for it.
 */
export function createSnapshot(
  facts: Facts,
  policy: Policy,
  address: string | undefined,
  nowMs: number,
): { readonly snapshot: StoredSnapshot; readonly look: StoredLook | null } {
  const { email, workspaces } = facts;
  const snapshot = {
    uuid: facts.uuid,
    email_verified: !isTrouble(email) && email.verified,
    workspaces: workspaces.memberships,
    checked_at: new Date(nowMs).toISOString(),
  };
  if (isTrouble(email) || workspaces.unanswered !== undefined) return { snapshot, look: null };
  const isPrimary =
    email.primary !== undefined &&
    address !== undefined &&
    foldAscii(email.primary) === foldAscii(address);
  return {
    snapshot,
    look: {
      about: fingerprint(policy, address),
      email_is_primary: isPrimary,
      workspaces_truncated: workspaces.truncated,
    },
  };
}

/**
 * Says whether two looks were about the same workspaces and address, without telling which: the
 * address could be guessed from a plain hash, so this one has a key.
 */
export function fingerprint(policy: Policy, address: string | undefined): string {
  const workspaces = [...workspacesOf(policy.allowedWorkspaces)].sort();
  return createHmac('sha256', policy.settings.managementClientSecret)
    .update(JSON.stringify([workspaces, address === undefined ? null : foldAscii(address)]))
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
