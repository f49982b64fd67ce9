/**
 * Bitbucket's answers, read field by field. Unknown JSON in, values or `undefined` (unreadable)
 * out: no I/O. Source: https://developer.atlassian.com/cloud/bitbucket/rest/
 */
import { type Membership, PERMISSIONS, type Permission } from '../knowledge/facts.ts';
import { parseSlug, parseUuid, readField, readString } from '../read.ts';

export interface BitbucketEmail {
  readonly address: string;
  readonly isPrimary: boolean;
  readonly isConfirmed: boolean;
}

/** The uuid of `GET /2.0/user`. An app user is not a person. */
export function parseUserUuid(body: unknown): string | undefined {
  return readField(body, 'type') === 'user' ? parseUuid(readField(body, 'uuid')) : undefined;
}

/** One entry of `GET /2.0/user/emails`. */
export function parseEmail(entry: unknown): BitbucketEmail | undefined {
  const address = readString(entry, 'email');
  const isPrimary = readField(entry, 'is_primary');
  const isConfirmed = readField(entry, 'is_confirmed');
  if (address === undefined) return undefined;
  if (typeof isPrimary !== 'boolean' || typeof isConfirmed !== 'boolean') return undefined;
  return { address, isPrimary, isConfirmed };
}

/** One entry of `GET /2.0/user/workspaces`: a workspace the caller can reach. */
export function parseWorkspaceAccess(entry: unknown): Membership | undefined {
  return parseWorkspace(readField(entry, 'workspace'));
}

/** Who and where a `workspace_membership` is about; `undefined` where that is unreadable. */
export function parseMembership(
  body: unknown,
): { readonly userUuid: string; readonly membership: Membership } | undefined {
  const userUuid = parseUuid(readField(readField(body, 'user'), 'uuid'));
  const membership = parseWorkspace(readField(body, 'workspace'));
  if (userUuid === undefined || membership === undefined) return undefined;
  return { userUuid, membership };
}

/** `'unknown'` for a word that Bitbucket may add one day; `undefined` when there is none. */
export function parsePermission(body: unknown): Permission | 'unknown' | undefined {
  const name = readString(body, 'permission');
  if (name === undefined) return undefined;
  return PERMISSIONS.find((known) => known === name) ?? 'unknown';
}

function parseWorkspace(workspace: unknown): Membership | undefined {
  const uuid = parseUuid(readField(workspace, 'uuid'));
  const slug = parseSlug(readField(workspace, 'slug'));
  return uuid === undefined || slug === undefined ? undefined : { uuid, slug };
}
