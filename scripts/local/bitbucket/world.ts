/**
 * Who and what is at the local Bitbucket. Mutable on purpose: people join, leave and confirm
 * addresses while it runs. No I/O.
 */
import { createHash } from 'node:crypto';

export type WorkspacePermission = 'owner' | 'create-project' | 'collaborator' | 'member';

/** From the least to the most. */
export const REPOSITORY_PERMISSIONS = ['read', 'write', 'admin'] as const;
export type RepositoryPermission = (typeof REPOSITORY_PERMISSIONS)[number];

export type AccountStatus = 'active' | 'inactive' | 'closed';

export interface EmailAddress {
  readonly email: string;
  readonly is_primary: boolean;
  readonly is_confirmed: boolean;
}

export interface BitbucketUser {
  /** With braces. */
  readonly uuid: string;
  readonly account_id: string;
  readonly nickname: string;
  readonly display_name: string;
  emails: EmailAddress[];
  account_status: AccountStatus;
}

export interface BitbucketWorkspace {
  readonly uuid: string;
  slug: string;
  name: string;
}

/** An OAuth consumer, which Bitbucket has people make by hand in the workspace's settings. */
export interface Consumer {
  readonly key: string;
  readonly secret: string;
  readonly name: string;
  /** A redirect must begin with it. */
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
  /** A private consumer may use the client credentials grant. */
  readonly isPrivate: boolean;
  /** The uuid of the workspace that it belongs to. */
  readonly workspaceUuid: string;
}

export interface BitbucketGroup {
  readonly uuid: string;
  readonly slug: string;
  readonly workspaceUuid: string;
  /** The uuids of users. */
  readonly members: Set<string>;
}

export interface BitbucketProject {
  readonly uuid: string;
  readonly key: string;
  readonly workspaceUuid: string;
}

export interface BitbucketRepository {
  readonly uuid: string;
  slug: string;
  name: string;
  readonly workspaceUuid: string;
  readonly projectUuid: string | undefined;
}

/** What the answers of an endpoint that is going to be removed say, as headers. */
export interface Deprecation {
  readonly deprecation: string;
  readonly sunset?: string;
}

export interface BitbucketWorld {
  readonly consumers: Map<string, Consumer>;
  readonly users: Map<string, BitbucketUser>;
  readonly workspaces: Map<string, BitbucketWorkspace>;
  readonly groups: Map<string, BitbucketGroup>;
  readonly projects: Map<string, BitbucketProject>;
  readonly repositories: Map<string, BitbucketRepository>;
  /** By `<user uuid> <workspace uuid>`. */
  readonly standings: Map<string, WorkspacePermission>;
  /** By `<uuid of a user or group> <uuid of a repository or project>`. */
  readonly grants: Map<string, RepositoryPermission>;
  /** By the pattern of the endpoint. */
  readonly deprecations: Map<string, Deprecation>;
  /** UNVERIFIED: whether a client credentials token may read a workspace's members. */
  appUserMayReadMembers: boolean;
  /** UNVERIFIED: whether who is on a repository alone has a permission in its workspace. */
  guestsAreMembers: boolean;
  /** UNVERIFIED: whether `q` may say `OR` about repositories. */
  filtersTakeOr: boolean;
}

export function createWorld(): BitbucketWorld {
  return {
    consumers: new Map(),
    users: new Map(),
    workspaces: new Map(),
    groups: new Map(),
    projects: new Map(),
    repositories: new Map(),
    standings: new Map(),
    grants: new Map(),
    deprecations: new Map(),
    appUserMayReadMembers: true,
    guestsAreMembers: false,
    filtersTakeOr: true,
  };
}

export function addWorkspace(
  world: BitbucketWorld,
  slug: string,
  name: string = slug,
): BitbucketWorkspace {
  const workspace = { uuid: createWorkspaceUuid(world, slug), slug, name };
  world.workspaces.set(workspace.uuid, workspace);
  return workspace;
}

/**
 * UNVERIFIED: the old slug is free then, for anybody; nothing leads from it to the new one.
 * @throws {Error} where another workspace has the slug.
 */
export function renameWorkspace(
  world: BitbucketWorld,
  workspace: BitbucketWorkspace,
  slug: string,
): void {
  const holder = findWorkspace(world, slug);
  if (holder !== undefined && holder !== workspace) throw new Error(`${slug} is taken`);
  workspace.slug = slug;
}

/** The first address is the primary one, unless told otherwise. */
export function addUser(
  world: BitbucketWorld,
  nickname: string,
  emails: readonly (Partial<EmailAddress> & { readonly email: string })[],
  displayName: string = nickname,
): BitbucketUser {
  const uuid = createUuid(`user ${nickname}`);
  const user = {
    uuid,
    account_id: `557058:${uuid.slice(1, -1)}`,
    nickname,
    display_name: displayName,
    emails: emails.map((email, index) => ({
      is_primary: index === 0,
      is_confirmed: true,
      ...email,
    })),
    account_status: 'active' as const,
  };
  world.users.set(uuid, user);
  return user;
}

export function setStanding(
  world: BitbucketWorld,
  user: BitbucketUser,
  workspace: BitbucketWorkspace,
  standing: WorkspacePermission | undefined,
): void {
  const key = `${user.uuid} ${workspace.uuid}`;
  if (standing === undefined) world.standings.delete(key);
  else world.standings.set(key, standing);
}

/** By slug or by uuid, as the API's paths take either. */
export function findWorkspace(world: BitbucketWorld, name: string): BitbucketWorkspace | undefined {
  return (
    world.workspaces.get(name) ??
    [...world.workspaces.values()].find((workspace) => workspace.slug === name)
  );
}

/** By uuid or by account_id; a nickname changes hands and is not taken. */
export function findUser(world: BitbucketWorld, name: string): BitbucketUser | undefined {
  return (
    world.users.get(name) ?? [...world.users.values()].find((user) => user.account_id === name)
  );
}

/** The same name has the same uuid in every run. */
export function createUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return `{${[...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')}}`;
}

/** Another one where a workspace that was renamed has it. */
function createWorkspaceUuid({ workspaces }: BitbucketWorld, slug: string): string {
  for (let count = 1; ; count += 1) {
    const uuid = createUuid(`workspace ${slug}${count === 1 ? '' : ` ${count}`}`);
    const holder = workspaces.get(uuid);
    if (holder === undefined || holder.slug === slug) return uuid;
  }
}
