/** Who may do what, as it follows from the world. Reads it only. */
import {
  type BitbucketRepository,
  type BitbucketWorld,
  REPOSITORY_PERMISSIONS,
  type RepositoryPermission,
  type WorkspacePermission,
} from './world.ts';

/**
 * The highest permission in a workspace: what was set, else `member` by being in one of its groups.
 * UNVERIFIED: Atlassian's words ("in at least one group, or on at least one repository"; a
 * `collaborator` may write to one) fit who is on a repository alone too; `guestsAreMembers` tells
 * them so.
 */
export function standingOf(
  world: BitbucketWorld,
  userUuid: string,
  workspaceUuid: string,
): WorkspacePermission | undefined {
  const set = world.standings.get(`${userUuid} ${workspaceUuid}`);
  if (set !== undefined) return set;
  const isInGroup = [...world.groups.values()].some(
    (group) => group.workspaceUuid === workspaceUuid && group.members.has(userUuid),
  );
  if (isInGroup) return 'member';
  if (!world.guestsAreMembers) return undefined;
  const granted = repositoriesOf(world, userUuid, workspaceUuid);
  if (granted.length === 0) return undefined;
  return granted.some(({ permission }) => permission !== 'read') ? 'collaborator' : 'member';
}

/** Members, and guests: people who are on a repository alone. */
export function canReach(world: BitbucketWorld, userUuid: string, workspaceUuid: string): boolean {
  return (
    standingOf(world, userUuid, workspaceUuid) !== undefined ||
    repositoriesOf(world, userUuid, workspaceUuid).length > 0
  );
}

export interface RepositoryAccess {
  readonly repository: BitbucketRepository;
  /** The effective one: the highest of all that apply. */
  readonly permission: RepositoryPermission;
}

/** The repositories of a workspace that were granted to somebody, in whichever way. */
export function repositoriesOf(
  world: BitbucketWorld,
  userUuid: string,
  workspaceUuid: string,
): readonly RepositoryAccess[] {
  return [...world.repositories.values()].flatMap((repository) => {
    if (repository.workspaceUuid !== workspaceUuid) return [];
    const permission = permissionOn(world, userUuid, repository);
    return permission === undefined ? [] : [{ repository, permission }];
  });
}

/**
 * Direct, through groups, and through the project. UNVERIFIED: that who administers the workspace
 * has `admin` on everything in it, and is told so.
 */
function permissionOn(
  world: BitbucketWorld,
  userUuid: string,
  repository: BitbucketRepository,
): RepositoryPermission | undefined {
  const { uuid, projectUuid, workspaceUuid } = repository;
  if (world.standings.get(`${userUuid} ${workspaceUuid}`) === 'owner') return 'admin';
  const groups = [...world.groups.values()].filter(({ members }) => members.has(userUuid));
  const holders = [userUuid, ...groups.map((group) => group.uuid)];
  const places = projectUuid === undefined ? [uuid] : [uuid, projectUuid];
  const granted = holders.flatMap((holder) =>
    places.map((place) => world.grants.get(`${holder} ${place}`)),
  );
  return REPOSITORY_PERMISSIONS.findLast((permission) => granted.includes(permission));
}
