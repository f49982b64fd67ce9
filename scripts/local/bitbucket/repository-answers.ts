/**
 * The caller's permissions on repositories of one workspace:
 * https://developer.atlassian.com/cloud/bitbucket/rest/api-group-repositories/#api-user-workspaces-workspace-permissions-repositories-get
 */
import type { LocalReply } from '../net/reply.ts';
import { type ApiContext, personOf } from './endpoint.ts';
import { apiError } from './errors.ts';
import { type FieldKind, type Filter, FilterError, parseFilter } from './filter.ts';
import { paginate } from './paging.ts';
import { canReach, type RepositoryAccess, repositoriesOf } from './standing.ts';
import { NO_ACCESS } from './workspace-answers.ts';
import {
  type BitbucketUser,
  type BitbucketWorkspace,
  findWorkspace,
  REPOSITORY_PERMISSIONS,
} from './world.ts';

/** "By repository or permission", as the documentation has it. */
const FIELDS: Readonly<Record<string, FieldKind>> = {
  'repository.name': 'text',
  'repository.full_name': 'text',
  'repository.uuid': 'text',
  permission: REPOSITORY_PERMISSIONS,
};

/** Without a grant a repository is not in it, also where everybody may read it. */
export function getRepositoryPermissions(context: ApiContext): LocalReply {
  const { world, request, params } = context;
  const workspace = findWorkspace(world, params.workspace ?? '');
  const user = personOf(context);
  if (!workspace || !user || !canReach(world, user.uuid, workspace.uuid)) {
    return apiError(403, NO_ACCESS);
  }
  const filter = readFilter(request.url.searchParams.get('q'));
  if (typeof filter === 'string') return apiError(400, filter);
  // UNVERIFIED: that it is taken.
  if (filter?.usesOr && !world.filtersTakeOr) return apiError(400, 'Invalid query');
  const entries = repositoriesOf(world, user.uuid, workspace.uuid)
    .filter((access) => filter?.matches(fieldsOf(access, workspace)) ?? true)
    .map((access) => describe(access, workspace, user));
  return paginate(request.url, entries, 10);
}

/** What is wrong, where it is a string. */
function readFilter(query: string | null): Filter | string | undefined {
  if (query === null) return undefined;
  try {
    return parseFilter(query, FIELDS);
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

function fieldsOf({ repository, permission }: RepositoryAccess, { slug }: BitbucketWorkspace) {
  return {
    'repository.name': repository.name,
    'repository.full_name': `${slug}/${repository.slug}`,
    'repository.uuid': repository.uuid,
    permission,
  };
}

function describe(
  { repository, permission }: RepositoryAccess,
  { slug }: BitbucketWorkspace,
  { uuid, nickname, display_name }: BitbucketUser,
): object {
  return {
    type: 'repository_permission',
    permission,
    user: { type: 'user', nickname, display_name, uuid },
    repository: {
      type: 'repository',
      name: repository.name,
      full_name: `${slug}/${repository.slug}`,
      uuid: repository.uuid,
    },
  };
}
