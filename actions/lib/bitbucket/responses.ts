/**
 * Bitbucket's answers, read field by field. Unknown JSON in, values or `undefined` (unreadable)
 * out: no I/O. Source: https://developer.atlassian.com/cloud/bitbucket/rest/
 */
import {
  type Account,
  PERMISSIONS,
  type Permission,
  REPOSITORY_PERMISSIONS,
  type Repository,
  type Workspace,
} from '../knowledge/facts.ts';
import { parseFullName, parseSlug, parseUuid, readField, readString } from '../read.ts';

export interface BitbucketEmail {
  readonly address: string;
  readonly isPrimary: boolean;
  readonly isConfirmed: boolean;
}

/** `GET /2.0/user`. An app user is not a person. */
export function parseAccount(body: unknown): Account | undefined {
  const uuid = readField(body, 'type') === 'user' ? parseUuid(readField(body, 'uuid')) : undefined;
  const status = readField(body, 'account_status') ?? 'active';
  if (uuid === undefined || typeof status !== 'string') return undefined;
  return { uuid, isActive: status === 'active' };
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

/** A workspace that the caller can reach. */
export interface WorkspaceAccess extends Workspace {
  readonly isAdministrator: boolean;
}

/** One entry of `GET /2.0/user/workspaces`. */
export function parseWorkspaceAccess(entry: unknown): WorkspaceAccess | undefined {
  const workspace = parseWorkspace(readField(entry, 'workspace'));
  if (workspace === undefined) return undefined;
  return { ...workspace, isAdministrator: readField(entry, 'administrator') === true };
}

/** Who and where a `workspace_membership` is about; `undefined` where that is unreadable. */
export function parseMembership(
  body: unknown,
): { readonly userUuid: string; readonly workspace: Workspace } | undefined {
  const userUuid = parseUuid(readField(readField(body, 'user'), 'uuid'));
  const workspace = parseWorkspace(readField(body, 'workspace'));
  if (userUuid === undefined || workspace === undefined) return undefined;
  return { userUuid, workspace };
}

/** `'unknown'` for a word that Bitbucket may add one day; `undefined` when there is none. */
export function parsePermission(body: unknown): Permission | 'unknown' | undefined {
  const name = readString(body, 'permission');
  if (name === undefined) return undefined;
  return PERMISSIONS.find((known) => known === name) ?? 'unknown';
}

/** `GET /2.0/workspaces/{workspace}`. */
export function parseWorkspace(workspace: unknown): Workspace | undefined {
  const uuid = parseUuid(readField(workspace, 'uuid'));
  const slug = parseSlug(readField(workspace, 'slug'));
  return uuid === undefined || slug === undefined ? undefined : { uuid, slug };
}

export interface RepositoryAccess extends Omit<Repository, 'permission'> {
  readonly userUuid: string;
  readonly permission: Repository['permission'] | 'unknown';
}

/** One entry of `GET /2.0/user/workspaces/{workspace}/permissions/repositories`. */
export function parseRepositoryAccess(entry: unknown): RepositoryAccess | undefined {
  const repository = readField(entry, 'repository');
  const uuid = parseUuid(readField(repository, 'uuid'));
  const fullName = parseFullName(readField(repository, 'full_name'));
  const userUuid = parseUuid(readField(readField(entry, 'user'), 'uuid'));
  const name = readString(entry, 'permission');
  if (uuid === undefined || fullName === undefined) return undefined;
  if (userUuid === undefined || name === undefined) return undefined;
  const permission = REPOSITORY_PERMISSIONS.find((known) => known === name) ?? 'unknown';
  return { uuid, fullName, userUuid, permission };
}

/** Bitbucket's own way to refuse: without it, a 403 or 404 is somebody else's, a proxy's perhaps. */
export function parseError(body: unknown): { readonly lacks: readonly string[] } | undefined {
  const error = readField(body, 'error');
  if (readField(body, 'type') !== 'error' || readString(error, 'message') === undefined) {
    return undefined;
  }
  const detail = readField(error, 'detail');
  const required = readField(detail, 'required');
  if (required === undefined) return { lacks: [] };
  const granted = readScopes(readField(detail, 'granted'));
  const lacks = readScopes(required).filter((scope) => !granted.includes(scope));
  return { lacks: lacks.length === 0 ? ['a scope'] : lacks };
}

function readScopes(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isScope) : [];
}

function isScope(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z:_-]{1,40}$/.test(value);
}
