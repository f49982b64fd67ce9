/**
 * The REST API, as far as signing in takes it, with today's refusals. Paths, scopes and shapes:
 * https://developer.atlassian.com/cloud/bitbucket/rest/
 */
import { getEmails, getSelectedUser, getUser } from './account-answers.ts';
import type { Endpoint } from './endpoint.ts';
import { getRepositoryPermissions } from './repository-answers.ts';
import { getMember, getPermission, getWorkspace, getWorkspaces } from './workspace-answers.ts';

/** Removed in April 2026: CHANGE-2770, CHANGE-3022. They answer so to everybody. */
export const GONE = [
  '/2.0/workspaces',
  '/2.0/user/permissions/workspaces',
  '/2.0/user/permissions/repositories',
  '/2.0/repositories',
];

export const ENDPOINTS: readonly Endpoint[] = [
  { pattern: '/2.0/user', scopes: ['account'], answer: getUser },
  { pattern: '/2.0/user/emails', scopes: ['email'], answer: getEmails },
  { pattern: '/2.0/user/workspaces', scopes: ['account'], answer: getWorkspaces },
  {
    pattern: '/2.0/user/workspaces/{workspace}/permission',
    scopes: ['account'],
    answer: getPermission,
  },
  {
    pattern: '/2.0/user/workspaces/{workspace}/permissions/repositories',
    // UNVERIFIED: which of the two, or both.
    scopes: ['account', 'repository'],
    answer: getRepositoryPermissions,
  },
  {
    pattern: '/2.0/workspaces/{workspace}/members/{member}',
    scopes: ['account'],
    answer: getMember,
  },
  { pattern: '/2.0/workspaces/{workspace}', scopes: [], answer: getWorkspace },
  { pattern: '/2.0/users/{selected_user}', scopes: [], answer: getSelectedUser },
];
