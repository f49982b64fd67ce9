/**
 * What a schema cannot say of a world file: names that stand twice, or that nothing has, and what
 * the Actions would not take. Values in, mistakes out: no I/O.
 */
import { readPolicy } from '#actions/lib/policy/policy.ts';
import { SettingsError } from '#actions/lib/policy/settings.ts';
import type { Mistake } from '#scripts/lib/deploy/tenant-mistakes.ts';
import { createUuid } from '#scripts/local/bitbucket/world.ts';
import { findWrongApplications } from './application-mistakes.ts';
import { nicknameOf, type WorldFile } from './world-file.ts';

type Found = Mistake | undefined;

export const DEFAULT_NAMESPACE = 'https://example.com/bitbucket';
/** Made by the deploy; a policy is read whole. */
const MADE_BY_THE_DEPLOY = {
  MANAGEMENT_DOMAIN: 'localhost',
  MANAGEMENT_CLIENT_ID: 'id',
  MANAGEMENT_CLIENT_SECRET: 'secret',
};

/** In the order of the file. */
export function findMistakes(file: WorldFile): readonly Mistake[] {
  return [
    ...findTwice(file),
    ...findStrangers(file),
    ...findWrongAddresses(file),
    ...findWrongApplications(file),
    ...findWrongPolicies(file),
  ];
}

/** The settings as the deploy gets them. */
export function settingsOf({ policy }: WorldFile): Readonly<Record<string, string>> {
  const settings = Object.entries(policy).map(([name, value]) => [name, String(value)] as const);
  return { CLAIM_NAMESPACE: DEFAULT_NAMESPACE, ...Object.fromEntries(settings) };
}

function findTwice({ workspaces, people = [], applications = [], apis = [] }: WorldFile) {
  const mistakes: Mistake[] = [];
  const check = (names: readonly (readonly [Mistake['path'], string | undefined])[]) => {
    const seen = new Set<string>();
    for (const [path, name] of names) {
      if (name === undefined) continue;
      if (seen.has(name)) mistakes.push({ path, message: `stands twice: ${name}` });
      seen.add(name);
    }
  };
  check(workspaces.map(({ slug }, index) => [['workspaces', index, 'slug'], slug]));
  for (const [index, { repositories = [], groups = [] }] of workspaces.entries()) {
    const at = ['workspaces', index] as const;
    check(repositories.map(({ slug }, item) => [[...at, 'repositories', item, 'slug'], slug]));
    check(groups.map(({ slug }, item) => [[...at, 'groups', item, 'slug'], slug]));
  }
  check(
    people.map((person, index) => [
      ['people', index, person.nickname === undefined ? 'name' : 'nickname'],
      nicknameOf(person),
    ]),
  );
  check(
    people.flatMap(({ emails }, index) =>
      emails.map(
        ({ address }, item) =>
          [['people', index, 'emails', item, 'address'], address.toLowerCase()] as const,
      ),
    ),
  );
  check([
    ...byWhatIsMade(workspaces, 'workspaces', ({ slug }) => createUuid(`workspace ${slug}`)),
    ...workspaces.flatMap(({ repositories = [] }, index) => [
      ...repositories.map(
        (one, item) => [['workspaces', index, 'repositories', item, 'uuid'], one.uuid] as const,
      ),
    ]),
    ...byWhatIsMade(people, 'people', (person) => createUuid(`user ${nicknameOf(person)}`)),
  ]);
  check(
    applications.map(({ client_id }, index) => [['applications', index, 'client_id'], client_id]),
  );
  check(applications.map(({ name }, index) => [['applications', index, 'name'], name]));
  check(apis.map(({ identifier }, index) => [['apis', index, 'identifier'], identifier]));
  return mistakes;
}

/** The uuids of all; those that the file gives come last, so that a mistake is told there. */
function byWhatIsMade<T extends { readonly uuid?: string }>(
  entries: readonly T[],
  section: string,
  make: (entry: T) => string,
) {
  const all = entries.map((entry, index) => {
    const path: Mistake['path'] = [section, index, 'uuid'];
    return { path, isGiven: entry.uuid !== undefined, uuid: entry.uuid ?? make(entry) };
  });
  return all
    .toSorted((one, other) => Number(one.isGiven) - Number(other.isGiven))
    .map(({ path, uuid }) => [path, uuid] as const);
}

/** Workspaces, repositories and people that are spoken of and are not there. */
function findStrangers({ workspaces, people = [] }: WorldFile): readonly Mistake[] {
  const slugs = workspaces.map(({ slug }) => slug);
  const repositories = workspaces.flatMap(({ slug, repositories = [] }) =>
    repositories.map((repository) => `${slug}/${repository.slug}`),
  );
  const nicknames = people.map(nicknameOf);
  const check = (
    path: Mistake['path'],
    name: string,
    known: readonly string[],
    what: string,
  ): Found =>
    known.includes(name)
      ? undefined
      : { path, message: `is ${what}: there is ${known.join(', ') || 'none'}` };
  const found = [
    ...workspaces.flatMap(({ slug, groups = [] }, index) =>
      groups.flatMap((group, item) => {
        const at = ['workspaces', index, 'groups', item] as const;
        return [
          ...group.members.map((name, place) =>
            check([...at, 'members', place], name, nicknames, 'nobody’s nickname'),
          ),
          ...Object.keys(group.repositories ?? {}).map((name) =>
            check(
              [...at, 'repositories', name],
              `${slug}/${name}`,
              repositories,
              'no repository of the workspace',
            ),
          ),
        ];
      }),
    ),
    ...people.flatMap((person, index) => [
      ...Object.keys(person.workspaces ?? {}).map((name) =>
        check(['people', index, 'workspaces', name], name, slugs, 'no workspace of this file'),
      ),
      ...Object.keys(person.repositories ?? {}).map((name) =>
        check(
          ['people', index, 'repositories', name],
          name,
          repositories,
          'no repository of this file',
        ),
      ),
    ]),
  ];
  return found.filter((mistake) => mistake !== undefined);
}

function findWrongAddresses({ people = [] }: WorldFile): readonly Mistake[] {
  return people.flatMap(({ emails }, index) => {
    const path = ['people', index, 'emails'];
    const primary = emails.filter((email) => email.primary === true);
    if (primary.length > 1) return [{ path, message: 'has more than one that is primary' }];
    const isNone = emails.length > 0 && emails.every((email) => email.primary === false);
    return isNone ? [{ path, message: 'has none that is primary' }] : [];
  });
}

/** By the Actions' own reader: what every login would be refused for. */
function findWrongPolicies(file: WorldFile): readonly Mistake[] {
  const secrets = { ...MADE_BY_THE_DEPLOY, ...settingsOf(file) };
  const own = read(secrets, {});
  if (own !== undefined) return [describe(['policy'], own)];
  return (file.applications ?? []).flatMap(({ metadata = {} }, index) => {
    const message = read(secrets, metadata);
    return message === undefined ? [] : [describe(['applications', index, 'metadata'], message)];
  });
}

function read(secrets: object, metadata: object): string | undefined {
  try {
    readPolicy(secrets, metadata);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}

/** `NAME: what is wrong`, at the name where it stands in the file. */
function describe(path: Mistake['path'], message: string): Mistake {
  const [, name, fault] = /^(\w+): ([\s\S]+)$/.exec(message) ?? [];
  return name === undefined || fault === undefined
    ? { path, message: `cannot be read by the Actions: ${message}` }
    : { path: [...path, name], message: `cannot be read by the Actions: ${fault}` };
}
