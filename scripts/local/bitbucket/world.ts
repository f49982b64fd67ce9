/**
 * Who and what is at the local Bitbucket. Mutable on purpose: people join, leave and confirm
 * addresses while it runs. No I/O.
 */
import { createHash } from 'node:crypto';

export type WorkspacePermission = 'owner' | 'create-project' | 'collaborator' | 'member';

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

/** `access`: in no group, but on one repository, so that the workspace can be reached. */
export type Standing = WorkspacePermission | 'access';

export interface BitbucketWorld {
  readonly consumers: Map<string, Consumer>;
  readonly users: Map<string, BitbucketUser>;
  readonly workspaces: Map<string, BitbucketWorkspace>;
  /** By `<user uuid> <workspace uuid>`. */
  readonly standings: Map<string, Standing>;
  /** Not documented: whether a client credentials token may read a workspace's members. */
  appUserMayReadMembers: boolean;
}

export function createWorld(): BitbucketWorld {
  return {
    consumers: new Map(),
    users: new Map(),
    workspaces: new Map(),
    standings: new Map(),
    appUserMayReadMembers: true,
  };
}

export function addWorkspace(
  world: BitbucketWorld,
  slug: string,
  name: string = slug,
): BitbucketWorkspace {
  const workspace = { uuid: createUuid(`workspace ${slug}`), slug, name };
  world.workspaces.set(workspace.uuid, workspace);
  return workspace;
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
  };
  world.users.set(uuid, user);
  return user;
}

export function setStanding(
  world: BitbucketWorld,
  user: BitbucketUser,
  workspace: BitbucketWorkspace,
  standing: Standing | undefined,
): void {
  const key = `${user.uuid} ${workspace.uuid}`;
  if (standing === undefined) world.standings.delete(key);
  else world.standings.set(key, standing);
}

export function standingOf(
  world: BitbucketWorld,
  userUuid: string,
  workspaceUuid: string,
): Standing | undefined {
  return world.standings.get(`${userUuid} ${workspaceUuid}`);
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
