/** From what there is now to a world file of it. Values in, text out. */
import { stringify } from 'yaml';
import {
  type BitbucketWorkspace,
  type BitbucketWorld,
  createUuid,
} from '#scripts/local/bitbucket/world.ts';
import { findConnection, isEnabledFor, type TenantStore } from '#scripts/local/tenant/store.ts';
import {
  type ApplicationEntry,
  nicknameOf,
  type PersonEntry,
  type WorkspaceEntry,
  type WorldFile,
} from './world-file.ts';

export interface WorldNow {
  readonly world: BitbucketWorld;
  readonly store: TenantStore;
  /** As it was when it started: which applications and APIs are a world's. */
  readonly file: WorldFile;
  readonly policy: Readonly<Record<string, string>>;
}

/** YAML that `parseWorld` takes, and that makes the same world. */
export function exportWorld({ world, store, file, policy }: WorldNow): string {
  const now: WorldFile = {
    workspaces: [...world.workspaces.values()].map((workspace) => toWorkspace(world, workspace)),
    people: [...world.users.keys()].flatMap((uuid) => toPerson(world, uuid)),
    applications: (file.applications ?? []).flatMap((entry) => toApplication(store, entry)),
    apis: file.apis ?? [],
    policy: { ...policy },
  };
  return `# The world of npm run dev, as it was at ${new Date().toISOString()}.\n${stringify(now)}`;
}

function toWorkspace(
  world: BitbucketWorld,
  { uuid, slug, name }: BitbucketWorkspace,
): WorkspaceEntry {
  const repositories = [...world.repositories.values()].filter(
    (repository) => repository.workspaceUuid === uuid,
  );
  const groups = [...world.groups.values()].filter((group) => group.workspaceUuid === uuid);
  return {
    slug,
    ...(name === slug ? {} : { name }),
    ...(uuid === createUuid(`workspace ${slug}`) ? {} : { uuid }),
    ...whereAny(
      'repositories',
      repositories.map((repository) => ({
        slug: repository.slug,
        ...(repository.name === repository.slug ? {} : { name: repository.name }),
        ...(repository.uuid === createUuid(`repository ${uuid} ${repository.slug}`)
          ? {}
          : { uuid: repository.uuid }),
      })),
    ),
    ...whereAny(
      'groups',
      groups.map((group) => ({
        slug: group.slug,
        members: [...group.members].flatMap((member) => world.users.get(member)?.nickname ?? []),
        repositories: Object.fromEntries(
          repositories.flatMap(({ uuid: on, slug: to }) => {
            const permission = world.grants.get(`${group.uuid} ${on}`);
            return permission === undefined ? [] : [[to, permission]];
          }),
        ),
      })),
    ),
  };
}

function toPerson(world: BitbucketWorld, uuid: string): readonly PersonEntry[] {
  const user = world.users.get(uuid);
  if (user === undefined) return [];
  const { display_name: name, nickname } = user;
  const workspaces = [...world.workspaces.values()].flatMap((workspace) => {
    const standing = world.standings.get(`${uuid} ${workspace.uuid}`);
    return standing === undefined ? [] : [[workspace.slug, standing] as const];
  });
  const repositories = [...world.repositories.values()].flatMap((repository) => {
    const permission = world.grants.get(`${uuid} ${repository.uuid}`);
    const slug = world.workspaces.get(repository.workspaceUuid)?.slug;
    return permission === undefined ? [] : [[`${slug}/${repository.slug}`, permission] as const];
  });
  return [
    {
      name,
      ...(nicknameOf({ name }) === nickname ? {} : { nickname }),
      ...(uuid === createUuid(`user ${nickname}`) ? {} : { uuid }),
      emails: user.emails.map(({ email, is_primary, is_confirmed }) => ({
        address: email,
        primary: is_primary,
        confirmed: is_confirmed,
      })),
      ...(workspaces.length === 0 ? {} : { workspaces: Object.fromEntries(workspaces) }),
      ...(repositories.length === 0 ? {} : { repositories: Object.fromEntries(repositories) }),
      ...(user.account_status === 'active' ? {} : { status: user.account_status }),
    },
  ];
}

function toApplication(store: TenantStore, entry: ApplicationEntry): readonly ApplicationEntry[] {
  const client = store.clients.get(entry.client_id);
  if (client === undefined) return [];
  const connection = findConnection(store, 'bitbucket');
  const isOn = connection !== undefined && isEnabledFor(store, connection, entry.client_id);
  return [
    {
      client_id: entry.client_id,
      name: client.name,
      kind: entry.kind,
      ...(entry.secret === undefined ? {} : { secret: client.client_secret }),
      ...whereAny('callbacks', client.callbacks ?? []),
      ...whereAny('logout_urls', toTexts(client.allowed_logout_urls)),
      ...whereAny('web_origins', toTexts(client.web_origins)),
      ...(Object.keys(client.client_metadata ?? {}).length === 0
        ? {}
        : { metadata: { ...client.client_metadata } }),
      ...(entry.kind === 'machine' || isOn ? {} : { connection: false }),
    },
  ];
}

function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A list that is empty is left out. */
function whereAny<Name extends string, T>(
  name: Name,
  list: readonly T[],
): Partial<Record<Name, readonly T[]>> {
  return list.length === 0 ? {} : ({ [name]: list } as Partial<Record<Name, readonly T[]>>);
}
