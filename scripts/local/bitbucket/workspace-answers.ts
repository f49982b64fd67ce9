/** Workspaces: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-workspaces/ */
import { json, type LocalReply } from '../net/reply.ts';
import { type ApiContext, personOf } from './endpoint.ts';
import { apiError } from './errors.ts';
import { paginate } from './paging.ts';
import { canReach, standingOf } from './standing.ts';
import type { AccessToken } from './tokens.ts';
import {
  type BitbucketUser,
  type BitbucketWorkspace,
  type BitbucketWorld,
  findUser,
  findWorkspace,
} from './world.ts';

const NO_VIEW = 'You do not have access to view this workspace.';
/** Of a workspace that there is not, too. */
export const NO_ACCESS = 'You do not have access to this workspace.';

/** Those where the caller is a guest, too. */
export function getWorkspaces(context: ApiContext): LocalReply {
  const { world, request } = context;
  const user = personOf(context);
  if (user === undefined) {
    return apiError(403, 'This API is not accessible by this authentication mechanism');
  }
  const reachable = [...world.workspaces.values()].filter(({ uuid }) =>
    canReach(world, user.uuid, uuid),
  );
  const entries = reachable.map(({ slug, uuid }) => ({
    type: 'workspace_access',
    administrator: standingOf(world, user.uuid, uuid) === 'owner',
    workspace: { type: 'workspace_base', slug, uuid, links: {} },
  }));
  return paginate(request.url, entries, 25);
}

export function getPermission(context: ApiContext): LocalReply {
  const { world, params } = context;
  const workspace = findWorkspace(world, params.workspace ?? '');
  const user = personOf(context);
  const standing = workspace && user && standingOf(world, user.uuid, workspace.uuid);
  if (!workspace || !user || standing === undefined) return apiError(403, NO_ACCESS);
  return json(200, describeMembership(user, workspace, standing));
}

export function getMember({ world, token, params }: ApiContext): LocalReply {
  const workspace = findWorkspace(world, params.workspace ?? '');
  if (workspace === undefined) return apiError(404, 'No workspace with that identifier.');
  if (!mayReadMembers(world, token, workspace)) return apiError(401, NO_VIEW);
  const member = findUser(world, params.member ?? '');
  const standing = member && standingOf(world, member.uuid, workspace.uuid);
  if (member === undefined || standing === undefined) {
    return apiError(404, 'The user is not a member of this workspace.');
  }
  return json(200, describeMembership(member, workspace, standing));
}

export function getWorkspace({ world, params }: ApiContext): LocalReply {
  const workspace = findWorkspace(world, params.workspace ?? '');
  if (workspace === undefined) return apiError(404, 'No workspace with that identifier.');
  return json(200, { type: 'workspace', ...workspace, is_private: true, links: {} });
}

/** Members of the workspace. UNVERIFIED: and a consumer of that workspace. */
function mayReadMembers(
  world: BitbucketWorld,
  { owner }: AccessToken,
  workspace: BitbucketWorkspace,
): boolean {
  if (owner.kind === 'app_user') {
    return world.appUserMayReadMembers && owner.workspaceUuid === workspace.uuid;
  }
  return standingOf(world, owner.userUuid, workspace.uuid) !== undefined;
}

function describeMembership(
  user: BitbucketUser,
  workspace: BitbucketWorkspace,
  permission: string,
): object {
  const { uuid, display_name } = user;
  return {
    type: 'workspace_membership',
    permission,
    user: { type: 'user', uuid, display_name },
    workspace: { type: 'workspace', ...workspace },
  };
}
