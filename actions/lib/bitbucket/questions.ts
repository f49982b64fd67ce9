/**
 * What Bitbucket is asked about a person: one function a question. An answer about another
 * workspace, repository or person than the one that was asked about is unreadable.
 */
import type { Account, No, Permission, Workspace } from '../knowledge/facts.ts';
import { outage } from '../trouble.ts';
import {
  ask,
  askForBody,
  askForPages,
  type Bitbucket,
  get,
  readAnswer,
  readPages,
} from './requests.ts';
import {
  type BitbucketEmail,
  parseAccount,
  parseEmail,
  parseMembership,
  parsePermission,
  parseRepositoryAccess,
  parseWorkspace,
  parseWorkspaceAccess,
  type RepositoryAccess,
  type WorkspaceAccess,
} from './responses.ts';

/** Everything below throws {TroubleError} where there is no answer. */
export async function askAccount(bitbucket: Bitbucket): Promise<Account> {
  const endpoint = 'bitbucket user';
  const account = parseAccount(await askForBody(bitbucket, endpoint, '/2.0/user'));
  if (account === undefined) throw outage(`${endpoint}: unreadable`);
  return account;
}

/** The addresses that can be read, and whether there were others. */
export async function askEmails(
  bitbucket: Bitbucket,
): Promise<{ readonly emails: readonly BitbucketEmail[]; readonly someUnreadable: boolean }> {
  const pages = await askForPages(bitbucket, 'bitbucket emails', '/2.0/user/emails', Infinity);
  const emails = pages.values.map(parseEmail);
  const readable = emails.filter((email) => email !== undefined);
  return { emails: readable, someUnreadable: readable.length < emails.length };
}

export interface Reachable {
  readonly workspaces: readonly WorkspaceAccess[];
  /** There are others, on further pages or unreadable. */
  readonly hasMore: boolean;
}

/** At least `wanted` of the workspaces that the person can reach, where there are as many. */
export async function askReachable(bitbucket: Bitbucket, wanted: number): Promise<Reachable> {
  const endpoint = 'bitbucket workspaces';
  const pages = await askForPages(bitbucket, endpoint, '/2.0/user/workspaces', wanted);
  const workspaces = pages.values.map(parseWorkspaceAccess).filter((one) => one !== undefined);
  // When none can be read, nothing was answered.
  if (workspaces.length === 0 && pages.values.length > 0) throw outage(`${endpoint}: unreadable`);
  return { workspaces, hasMore: pages.hasMore || workspaces.length < pages.values.length };
}

/** A membership, and whose it is: the caller compares that with whom it asked about. */
export interface Membership {
  readonly userUuid: string;
  readonly workspace: Workspace;
}

/** The person's own membership of one workspace, with the highest permission. */
export async function askPermission(
  bitbucket: Bitbucket,
  workspace: string,
): Promise<(Membership & { readonly permission: Permission | 'unknown' }) | No> {
  const endpoint = 'bitbucket permission';
  const path = `/2.0/user/workspaces/${encodeURIComponent(workspace)}/permission`;
  const answer = await ask(bitbucket, endpoint, path);
  if (answer.is === 'no') return { reason: String(answer.status) };
  const membership = readMembership(answer.body, workspace, endpoint);
  const permission = parsePermission(answer.body);
  if (permission === undefined) throw outage(`${endpoint}: unreadable`);
  return { ...membership, permission };
}

/** Somebody's membership, asked as the consumer: it proves that, and no permission. */
export async function askMember(
  bitbucket: Bitbucket,
  workspace: string,
  userUuid: string,
): Promise<Membership | No> {
  const endpoint = 'bitbucket member';
  const path = `/2.0/workspaces/${encodeURIComponent(workspace)}/members/${encodeURIComponent(userUuid)}`;
  const answer = await ask(bitbucket, endpoint, path);
  if (answer.is === 'no') return { reason: String(answer.status) };
  const membership = readMembership(answer.body, workspace, endpoint);
  if (membership.userUuid !== userUuid) throw outage(`${endpoint}: another person`);
  return membership;
}

/** Whether the caller can see the workspace at all. */
export async function askIsVisible(bitbucket: Bitbucket, workspace: string): Promise<boolean> {
  const endpoint = 'bitbucket workspace';
  const answer = await ask(bitbucket, endpoint, `/2.0/workspaces/${encodeURIComponent(workspace)}`);
  if (answer.is === 'no') return false;
  const found = parseWorkspace(answer.body);
  if (found === undefined) throw outage(`${endpoint}: unreadable`);
  if (!isNamedBy(found, workspace)) throw outage(`${endpoint}: another workspace`);
  return true;
}

/** What was found of a repository, and whose permission it is. */
export type RepositoryAnswer = RepositoryAccess;

/**
 * The person's effective permission on repositories of one workspace, by their names as asked. One
 * that is not in the list is one without access.
 * @param names at least one, all of one workspace.
 * @returns `undefined` where Bitbucket does not take the question (400), or not its length (414).
 */
export async function askRepositories(
  bitbucket: Bitbucket,
  names: readonly string[],
): Promise<ReadonlyMap<string, RepositoryAnswer | No> | undefined> {
  const endpoint = 'bitbucket repositories';
  const { workspace } = splitRepositoryName(names[0] ?? '');
  const path = `/2.0/user/workspaces/${encodeURIComponent(workspace)}/permissions/repositories`;
  const q = encodeURIComponent(names.map(clauseOf).join(' OR '));
  const reply = await get(bitbucket, endpoint, `${path}?pagelen=100&q=${q}`);
  if (reply.status === 400 || reply.status === 414) return undefined;
  const answer = readAnswer(reply, endpoint, bitbucket.as);
  if (answer.is === 'no') {
    return new Map(names.map((name) => [name, { reason: String(answer.status) }]));
  }
  const { values } = await readPages(bitbucket, endpoint, path, Infinity, answer.body);
  const found = new Map<string, RepositoryAnswer>();
  for (const entry of values) {
    const access = parseRepositoryAccess(entry);
    if (access === undefined) throw outage(`${endpoint}: unreadable`);
    const name = names.find((asked) => isRepositoryNamedBy(access, asked));
    if (name === undefined) throw outage(`${endpoint}: another repository`);
    found.set(name, access);
  }
  return new Map(names.map((name) => [name, found.get(name) ?? { reason: 'no access' }]));
}

/** Names of rules hold no quote and no backslash. */
function clauseOf(name: string): string {
  const { repository } = splitRepositoryName(name);
  return repository.startsWith('{')
    ? `repository.uuid="${repository}"`
    : `repository.full_name="${name}"`;
}

function isRepositoryNamedBy(
  { uuid, fullName }: { readonly uuid: string; readonly fullName: string },
  name: string,
): boolean {
  const { repository } = splitRepositoryName(name);
  return repository.startsWith('{') ? uuid === repository : fullName === name;
}

/** `workspace/repository` in its two parts. */
export function splitRepositoryName(name: string): {
  readonly workspace: string;
  readonly repository: string;
} {
  const [workspace = '', repository = ''] = name.split('/');
  return { workspace, repository };
}

function readMembership(body: unknown, workspace: string, endpoint: string): Membership {
  const membership = parseMembership(body);
  if (membership === undefined) throw outage(`${endpoint}: unreadable`);
  if (!isNamedBy(membership.workspace, workspace)) throw outage(`${endpoint}: another workspace`);
  return membership;
}

/** Whether `name`, a slug or a `{uuid}` in lower case, names this workspace. */
export function isNamedBy({ uuid, slug }: Workspace, name: string): boolean {
  return uuid === name || slug === name;
}
