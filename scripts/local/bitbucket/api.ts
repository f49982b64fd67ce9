/**
 * The REST API, as far as signing in takes it, with today's refusals. Paths, scopes and shapes:
 * https://developer.atlassian.com/cloud/bitbucket/rest/
 */

import { json, type LocalReply, type LocalRequest } from '../net/reply.ts';
import { apiError } from './errors.ts';
import { paginate } from './paging.ts';
import type { AccessToken } from './tokens.ts';
import {
  type BitbucketUser,
  type BitbucketWorkspace,
  type BitbucketWorld,
  createUuid,
  findUser,
  findWorkspace,
  standingOf,
} from './world.ts';

export interface ApiContext {
  readonly request: LocalRequest;
  readonly world: BitbucketWorld;
  readonly token: AccessToken;
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Endpoint {
  /** As the documentation writes it. */
  readonly pattern: string;
  /** `undefined` where the documentation names none. */
  readonly scope?: string;
  readonly answer: (context: ApiContext) => LocalReply;
}

/** Removed in April 2026: CHANGE-2770, CHANGE-3022. They answer so to everybody. */
export const GONE = [
  '/2.0/workspaces',
  '/2.0/user/permissions/workspaces',
  '/2.0/user/permissions/repositories',
  '/2.0/repositories',
];

export const ENDPOINTS: readonly Endpoint[] = [
  { pattern: '/2.0/user', scope: 'account', answer: getUser },
  { pattern: '/2.0/user/emails', scope: 'email', answer: getEmails },
  { pattern: '/2.0/user/workspaces', scope: 'account', answer: getWorkspaces },
  {
    pattern: '/2.0/user/workspaces/{workspace}/permission',
    scope: 'account',
    answer: getPermission,
  },
  { pattern: '/2.0/workspaces/{workspace}/members/{member}', scope: 'account', answer: getMember },
  { pattern: '/2.0/workspaces/{workspace}', answer: getWorkspace },
];

const NO_VIEW = 'You do not have access to view this workspace.';

function getUser({ world, token }: ApiContext): LocalReply {
  if (token.owner.kind === 'app_user') {
    return json(200, {
      type: 'app_user',
      uuid: createUuid(`app_user ${token.consumerKey}`),
      display_name: 'Consumer',
      account_status: 'active',
    });
  }
  const user = world.users.get(token.owner.userUuid);
  return user === undefined ? apiError(401, 'Token is invalid') : json(200, describeUser(user));
}

function getEmails({ request, world, token }: ApiContext): LocalReply {
  const user = token.owner.kind === 'user' ? world.users.get(token.owner.userUuid) : undefined;
  if (user === undefined) return apiError(403, 'This API is not accessible by this user');
  const emails = user.emails.map((email) => ({ type: 'email', ...email, links: {} }));
  return paginate(request.url, emails, 10);
}

function getWorkspaces({ request, world, token }: ApiContext): LocalReply {
  const { owner } = token;
  if (owner.kind !== 'user') {
    return apiError(403, 'This API is not accessible by this authentication mechanism');
  }
  const reachable = [...world.workspaces.values()].flatMap((workspace) => {
    const standing = standingOf(world, owner.userUuid, workspace.uuid);
    if (standing === undefined) return [];
    const { slug, uuid } = workspace;
    const base = { type: 'workspace_base', slug, uuid, links: {} };
    return [{ type: 'workspace_access', administrator: standing === 'owner', workspace: base }];
  });
  return paginate(request.url, reachable, 25);
}

function getPermission({ world, token, params }: ApiContext): LocalReply {
  const workspace = findWorkspace(world, params.workspace ?? '');
  const user = token.owner.kind === 'user' ? world.users.get(token.owner.userUuid) : undefined;
  const standing = workspace && user ? standingOf(world, user.uuid, workspace.uuid) : undefined;
  if (!workspace || !user || standing === undefined || standing === 'access') {
    return apiError(403, 'You do not have access to this workspace.');
  }
  return json(200, describeMembership(user, workspace, standing));
}

function getMember({ world, token, params }: ApiContext): LocalReply {
  const workspace = findWorkspace(world, params.workspace ?? '');
  if (workspace === undefined) return apiError(404, 'No workspace with that identifier.');
  if (!mayReadMembers(world, token, workspace)) return apiError(401, NO_VIEW);
  const member = findUser(world, params.member ?? '');
  const standing = member && standingOf(world, member.uuid, workspace.uuid);
  if (member === undefined || standing === undefined || standing === 'access') {
    return apiError(404, 'The user is not a member of this workspace.');
  }
  return json(200, describeMembership(member, workspace, standing));
}

function getWorkspace({ world, params }: ApiContext): LocalReply {
  const workspace = findWorkspace(world, params.workspace ?? '');
  if (workspace === undefined) return apiError(404, 'No workspace with that identifier.');
  return json(200, { type: 'workspace', ...workspace, is_private: true, links: {} });
}

/** Members of the workspace, and a consumer of that workspace. */
function mayReadMembers(
  world: BitbucketWorld,
  { owner }: AccessToken,
  workspace: BitbucketWorkspace,
): boolean {
  if (owner.kind === 'app_user') {
    return world.appUserMayReadMembers && owner.workspaceUuid === workspace.uuid;
  }
  const standing = standingOf(world, owner.userUuid, workspace.uuid);
  return standing !== undefined && standing !== 'access';
}

function describeUser(user: BitbucketUser): object {
  const { uuid, account_id, nickname, display_name } = user;
  return {
    type: 'user',
    uuid,
    account_id,
    nickname,
    display_name,
    account_status: 'active',
    has_2fa_enabled: null,
    created_on: '2018-10-11T17:42:02.961424+00:00',
    links: {},
  };
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
