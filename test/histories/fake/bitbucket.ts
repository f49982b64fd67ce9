/** Bitbucket's answers, as docs/bitbucket.md has them, to who may ask. */
import type { Answer } from './heard.ts';
import {
  type Account,
  canConsumerSee,
  findWorkspace,
  repositoryUuidIn,
  type Standing,
  type Workspace,
  type World,
} from './world.ts';

export interface Said {
  readonly status: number;
  readonly body: unknown;
  readonly answer?: Answer;
}

const errorOf = (message: string) => ({ type: 'error', error: { message } });
const isMember = (standing: Standing | undefined) =>
  standing !== undefined && standing !== 'none' && standing !== 'guest';

/** `GET /2.0/user` */
export function sayAccount({ uuid, isActive }: Account): Said {
  return {
    status: 200,
    body: {
      type: 'user',
      uuid,
      account_id: `557058:${uuid.slice(1, 9)}`,
      nickname: 'nickname-of-person',
      display_name: 'Name Of Person',
      account_status: isActive ? 'active' : 'inactive',
      has_2fa_enabled: null,
    },
    answer: { of: 'account', uuid, isActive },
  };
}

/** `GET /2.0/user/emails` */
export function sayEmails({ addresses }: Account): Said {
  const values = addresses.map(({ email, isConfirmed, isPrimary }) => ({
    type: 'email',
    email,
    is_primary: isPrimary,
    is_confirmed: isConfirmed,
  }));
  const confirmed = addresses.filter((address) => address.isConfirmed);
  const primary = confirmed.find(({ isPrimary }) => isPrimary)?.email;
  return {
    status: 200,
    body: { pagelen: 100, page: 1, size: values.length, values },
    answer: {
      of: 'emails',
      confirmed: confirmed.map(({ email }) => email),
      ...(primary === undefined ? {} : { primary }),
    },
  };
}

/** `GET /2.0/user/workspaces`: guests see theirs too. */
export function sayList(world: World, { standings }: Account): Said {
  const listed = world.workspaces
    .filter(({ uuid }) => (standings[uuid] ?? 'none') !== 'none')
    .map(({ uuid, slug }) => ({ uuid, slug, isAdministrator: standings[uuid] === 'owner' }));
  const values = listed.map(({ uuid, slug, isAdministrator }) => ({
    type: 'workspace_access',
    administrator: isAdministrator,
    workspace: { type: 'workspace_base', uuid, slug },
  }));
  return { status: 200, body: { pagelen: 100, values }, answer: { of: 'list', listed } };
}

/** `GET /2.0/user/workspaces/{workspace}/permission` */
export function sayPermission(world: World, account: Account, name: string): Said {
  const workspace = findWorkspace(world, name);
  const standing = workspace && account.standings[workspace.uuid];
  if (workspace === undefined || !isMember(standing)) {
    return { status: 403, body: errorOf('No access.'), answer: { of: 'member', isMember: false } };
  }
  return sayMembership(workspace, account, standing);
}

/** `GET …/permissions/repositories?q=repository.full_name="…"`, or `repository.uuid="…"` */
export function sayRepository(world: World, account: Account, name: string): Said {
  const [slug = '', asked = ''] = name.split('/');
  const workspace = findWorkspace(world, slug);
  const standing = workspace && account.standings[workspace.uuid];
  const answer: Answer = { of: 'repository', permission: 'none' };
  if (workspace === undefined || (standing ?? 'none') === 'none') {
    return { status: 403, body: errorOf('No access.'), answer };
  }
  const uuid = repositoryUuidIn(workspace.uuid);
  const repository = asked === uuid ? 'infra' : asked;
  const permission = account.repositories[`${workspace.uuid}/${repository}`] ?? 'none';
  const fullName = `${workspace.slug}/${repository}`;
  const value = {
    type: 'repository_permission',
    permission,
    user: { type: 'user', uuid: account.uuid },
    repository: {
      type: 'repository',
      name: repository,
      full_name: fullName,
      uuid,
    },
  };
  const isFound = permission !== 'none';
  return {
    status: 200,
    body: { pagelen: 10, page: 1, values: isFound ? [value] : [] },
    answer: isFound
      ? { of: 'repository', permission, names: [fullName, `${workspace.uuid}/${uuid}`] }
      : answer,
  };
}

/** `GET /2.0/workspaces/{workspace}/members/{member}`, as the consumer. */
export function sayMember(world: World, name: string, member: string): Said {
  const workspace = findWorkspace(world, name);
  const account = world.accounts.find(({ uuid }) => uuid === member);
  if (workspace === undefined || account === undefined || !canConsumerSee(workspace)) {
    return { status: 404, body: errorOf('No such workspace.') };
  }
  const standing = account.standings[workspace.uuid];
  if (!isMember(standing)) {
    return { status: 404, body: errorOf('Not found.'), answer: { of: 'member', isMember: false } };
  }
  const said = sayMembership(workspace, account, standing);
  const { permission: _, ...answer } = said.answer as Extract<Answer, { isMember: true }>;
  // "consumer's look at an owner … say `member`": the consumer is told no more than that.
  return { ...said, body: { ...(said.body as object), permission: 'member' }, answer };
}

/** `GET /2.0/workspaces/{workspace}`, as the consumer. */
export function sayWorkspace(world: World, name: string): Said {
  const workspace = findWorkspace(world, name);
  if (workspace === undefined || !canConsumerSee(workspace)) {
    return { status: 404, body: errorOf('No such workspace.') };
  }
  const { uuid, slug } = workspace;
  return {
    status: 200,
    body: { type: 'workspace', uuid, slug, name: 'Name Of Workspace' },
    answer: { of: 'workspace' },
  };
}

function sayMembership({ uuid, slug }: Workspace, account: Account, permission?: string): Said {
  return {
    status: 200,
    body: {
      type: 'workspace_membership',
      permission,
      user: { type: 'user', uuid: account.uuid, display_name: 'Name Of Person' },
      workspace: { type: 'workspace', uuid, slug, name: 'Name Of Workspace' },
    },
    answer: {
      of: 'member',
      isMember: true,
      workspace: { uuid, slug },
      user: account.uuid,
      ...(permission === undefined ? {} : { permission }),
    },
  };
}
