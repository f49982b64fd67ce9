/** From a world file to the local Bitbucket's people, and to what a tenant has before a deploy. */
import { createHmac } from 'node:crypto';
import { addGroup, addRepository, grant } from '#scripts/local/bitbucket/repositories.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketRepository,
  type BitbucketUser,
  type BitbucketWorkspace,
  type BitbucketWorld,
  createWorld,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import type { SeedApi, SeedApplication } from '#scripts/local/tenant/seed.ts';
import {
  type ApplicationEntry,
  nicknameOf,
  type PersonEntry,
  type WorkspaceEntry,
  type WorldFile,
} from './world-file.ts';

/** Makes `world`, whatever is in it, what `file` says. Consumers stay: they are not in a file. */
export function fillWorld(world: BitbucketWorld, file: WorldFile): void {
  const { appUserMayReadMembers, guestsAreMembers, filtersTakeOr } = createWorld();
  Object.assign(world, { appUserMayReadMembers, guestsAreMembers, filtersTakeOr });
  for (const part of Object.values(world)) {
    if (part instanceof Map && part !== world.consumers) part.clear();
  }

  const repositories = new Map<string, BitbucketRepository>();
  const workspaces = new Map(
    file.workspaces.map((entry) => [entry.slug, fillWorkspace(world, entry, repositories)]),
  );
  const people = new Map(
    (file.people ?? []).map((entry) => [nicknameOf(entry), fillPerson(world, entry)]),
  );
  for (const entry of file.people ?? []) {
    const person = people.get(nicknameOf(entry));
    if (person === undefined) continue;
    for (const [slug, standing] of Object.entries(entry.workspaces ?? {})) {
      const workspace = workspaces.get(slug);
      if (workspace !== undefined) setStanding(world, person, workspace, standing);
    }
    for (const [name, permission] of Object.entries(entry.repositories ?? {})) {
      const repository = repositories.get(name);
      if (repository !== undefined) grant(world, person, repository, permission);
    }
  }
  for (const entry of file.workspaces) {
    const workspace = workspaces.get(entry.slug);
    for (const { slug, members, repositories: granted = {} } of entry.groups ?? []) {
      if (workspace === undefined) continue;
      const found = members.map((name) => people.get(name)).filter((one) => one !== undefined);
      const group = addGroup(world, workspace, slug, found);
      for (const [name, permission] of Object.entries(granted)) {
        const repository = repositories.get(`${entry.slug}/${name}`);
        if (repository !== undefined) grant(world, group, repository, permission);
      }
    }
  }
}

function fillWorkspace(
  world: BitbucketWorld,
  { slug, name, uuid, repositories = [] }: WorkspaceEntry,
  found: Map<string, BitbucketRepository>,
): BitbucketWorkspace {
  const workspace = rename(world.workspaces, addWorkspace(world, slug, name), uuid);
  for (const entry of repositories) {
    const made = addRepository(world, workspace, entry.slug);
    const repository = rename(world.repositories, made, entry.uuid);
    repository.name = entry.name ?? entry.slug;
    found.set(`${slug}/${entry.slug}`, repository);
  }
  return workspace;
}

function fillPerson(world: BitbucketWorld, entry: PersonEntry): BitbucketUser {
  const { emails, name, uuid, status = 'active' } = entry;
  const saysWhich = emails.some(({ primary }) => primary === true);
  const addresses = emails.map(({ address, primary, confirmed = true }, index) => ({
    email: address,
    is_primary: saysWhich ? primary === true : index === 0,
    is_confirmed: confirmed,
  }));
  const made = addUser(world, nicknameOf(entry), addresses, name);
  made.account_status = status;
  if (uuid === undefined) return made;
  return rename(world.users, { ...made, account_id: `557058:${uuid.slice(1, -1)}` }, uuid);
}

/** Gives what was made by name another uuid. */
function rename<T extends { readonly uuid: string }>(
  all: Map<string, T>,
  made: T,
  uuid: string | undefined,
): T {
  if (uuid === undefined) return made;
  const renamed = { ...made, uuid };
  all.delete(made.uuid);
  all.set(uuid, renamed);
  return renamed;
}

/** @param secret what secrets are made of that the file does not say: the same for the same. */
export function applicationsOf(file: WorldFile, secret: string): readonly SeedApplication[] {
  return (file.applications ?? []).map((entry) => ({
    clientId: entry.client_id,
    name: entry.name ?? entry.client_id,
    callbacks: entry.callbacks ?? [],
    logoutUrls: entry.logout_urls ?? [],
    webOrigins: entry.web_origins ?? [],
    metadata: entry.metadata ?? {},
    ...(isPublic(entry)
      ? {}
      : { clientSecret: entry.secret ?? makeSecret(secret, entry.client_id) }),
    ...(entry.kind === 'native' ? { isNative: true } : {}),
    ...(entry.kind === 'machine' ? { grantTypes: ['client_credentials'] } : {}),
  }));
}

export function apisOf({ apis = [] }: WorldFile): readonly SeedApi[] {
  return apis.map(({ identifier, name = identifier, scopes = [] }) => ({
    ...{ identifier, name, scopes },
  }));
}

/** Those that people sign in to with Bitbucket. */
export function isConnected({ kind, connection = kind !== 'machine' }: ApplicationEntry): boolean {
  return connection;
}

function isPublic({ kind }: ApplicationEntry): boolean {
  return kind === 'spa' || kind === 'native';
}

function makeSecret(secret: string, clientId: string): string {
  return createHmac('sha256', secret).update(`application ${clientId}`).digest('base64url');
}
