/**
 * Repositories, the projects that they are in, and who may do what in them: granted to a user or a
 * group, on a repository or on its whole project. Changes the world; no I/O.
 */
import {
  type BitbucketGroup,
  type BitbucketProject,
  type BitbucketRepository,
  type BitbucketUser,
  type BitbucketWorkspace,
  type BitbucketWorld,
  createUuid,
  type RepositoryPermission,
} from './world.ts';

export function addProject(
  world: BitbucketWorld,
  workspace: BitbucketWorkspace,
  key: string,
): BitbucketProject {
  const uuid = createUuid(`project ${workspace.uuid} ${key}`);
  const project = { uuid, key, workspaceUuid: workspace.uuid };
  world.projects.set(uuid, project);
  return project;
}

/** Whoever is in a group of a workspace is a member of that workspace. */
export function addGroup(
  world: BitbucketWorld,
  workspace: BitbucketWorkspace,
  slug: string,
  members: readonly BitbucketUser[],
): BitbucketGroup {
  const uuid = createUuid(`group ${workspace.uuid} ${slug}`);
  const uuids = new Set(members.map((user) => user.uuid));
  const group = { uuid, slug, workspaceUuid: workspace.uuid, members: uuids };
  world.groups.set(uuid, group);
  return group;
}

export function addRepository(
  world: BitbucketWorld,
  workspace: BitbucketWorkspace,
  slug: string,
  project?: BitbucketProject,
): BitbucketRepository {
  const uuid = createUuid(`repository ${workspace.uuid} ${slug}`);
  const repository = {
    ...{ uuid, slug, name: slug },
    workspaceUuid: workspace.uuid,
    projectUuid: project?.uuid,
  };
  world.repositories.set(uuid, repository);
  return repository;
}

/** `undefined` takes it away. */
export function grant(
  world: BitbucketWorld,
  to: BitbucketUser | BitbucketGroup,
  on: BitbucketRepository | BitbucketProject,
  permission: RepositoryPermission | undefined,
): void {
  const key = `${to.uuid} ${on.uuid}`;
  if (permission === undefined) world.grants.delete(key);
  else world.grants.set(key, permission);
}
