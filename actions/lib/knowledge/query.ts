/**
 * What the facts say about one thing. A newer no ends an older yes under whichever of its names it
 * was given; a name that has changed hands says nothing. Ages are the caller's to judge. Pure.
 */
import type {
  Account,
  Answers,
  ByName,
  Dated,
  Facts,
  Permission,
  Repository,
  Workspace,
} from './facts.ts';

/** `undefined` where nothing is known. */
export type Known<T> =
  | { readonly is: 'yes'; readonly at: number; readonly value: T }
  | { readonly is: 'no'; readonly at: number; readonly reason: string }
  | undefined;

/**
 * The account, where it is certain whose facts these are: not when another one has been seen behind
 * the same identity since.
 */
export function accountOf({ account, anotherAccountAt }: Facts): Dated<Account> | undefined {
  if (account === undefined) return undefined;
  return anotherAccountAt !== undefined && anotherAccountAt >= account.at ? undefined : account;
}

/** A membership by a slug or `{uuid}`. What a newer whole list lacks is a no. */
export function workspaceOf(facts: Facts, name: string): Known<Workspace> {
  const known = answerOf(facts.workspaces, name, ({ uuid, slug }) => [uuid, slug]);
  const { reachable } = facts;
  if (known?.is !== 'yes' || reachable === undefined || reachable.hasMore) return known;
  if (reachable.at <= known.at) return known;
  const isListed = reachable.workspaces.some(({ uuid }) => uuid === known.value.uuid);
  return isListed ? known : { is: 'no', at: reachable.at, reason: 'not listed' };
}

/**
 * A repository by `workspace/repository`, as the rule writes it. Its uuid says which answers under
 * other names are about it too: the newest has the permission and the name of now, and a no since
 * then ends it. (An answer in slugs does not name the workspace's uuid.)
 */
export function repositoryOf({ repositories }: Facts, name: string): Known<Repository> {
  const known = answerOf(repositories, name, () => []);
  if (known?.is !== 'yes') return known;
  const { uuid } = known.value;
  const isUuidOfIt = (key: string) => key.endsWith(`/${uuid}`);
  let newest: Dated<Repository> = { ...known.value, at: known.at };
  for (const { yes } of repositories.values()) {
    if (yes?.uuid === uuid && yes.at > newest.at) newest = yes;
  }
  const holder = repositories.get(newest.fullName)?.yes ?? newest;
  const isTaken = holder.uuid !== uuid && holder.at >= newest.at;
  const isGivenUp = isTaken || (!isUuidOfIt(name) && newest.fullName !== name);
  const names = [name, newest.fullName, ...[...repositories.keys()].filter(isUuidOfIt)];
  const isEnded = names.some((key) => (repositories.get(key)?.no?.at ?? -1) >= newest.at);
  return isGivenUp || isEnded ? undefined : { is: 'yes', at: newest.at, value: newest };
}

/**
 * The permission in a workspace that the person is in; one from before a no is not one of now, under
 * whichever name that was given, by a whole list too.
 */
export function permissionOf(
  { permissions, noOwner, workspaces, reachable }: Facts,
  { uuid, slug }: Workspace,
): Dated<{ readonly permission: Permission }> | undefined {
  const known = permissions.get(uuid);
  if (known === undefined) return undefined;
  const isNotListed =
    reachable !== undefined &&
    !reachable.hasMore &&
    reachable.at > known.at &&
    !reachable.workspaces.some((one) => one.uuid === uuid);
  const isDemoted = known.permission === 'owner' && (noOwner.get(uuid) ?? -1) > known.at;
  const isEnded = [...workspaces].some(([name, { yes, no }]) => {
    const endedAt = no?.at ?? -1;
    if (name === uuid || name === slug) return endedAt >= known.at;
    if (yes?.uuid !== uuid) return false;
    // A former name: where the look that found the permission said no to it, it stood for another.
    return yes.at < known.at ? endedAt > known.at : endedAt >= known.at;
  });
  return isNotListed || isDemoted || isEnded ? undefined : known;
}

/**
 * Every workspace that the person is known to be in or to reach, each once: the newest first, which
 * proves no membership, only that there is a workspace.
 */
export function reachableOf(facts: Facts): readonly Dated<Workspace>[] {
  const found = new Map<string, Dated<Workspace>>();
  for (const one of [...membersOf(facts), ...listedOf(facts)]) {
    const other = found.get(one.uuid);
    if (other === undefined || one.at > other.at) found.set(one.uuid, one);
  }
  return [...found.values()].sort((one, other) => other.at - one.at);
}

/** What was listed, but for what was answered with no since, under any name that it had there. */
export function listedOf({ reachable, workspaces }: Facts): readonly Dated<Workspace>[] {
  if (reachable === undefined) return [];
  const { at } = reachable;
  // A no of the same look is about membership: guests are listed.
  const isEnded = (name: string) => (workspaces.get(name)?.no?.at ?? -1) > at;
  return reachable.workspaces
    .filter(({ uuid, slug }) => !isEnded(uuid) && !isEnded(slug))
    .map((one) => ({ ...one, at }));
}

/** Every workspace that the person is known to be a member of, each once. */
export function membersOf(facts: Facts): readonly Dated<Workspace>[] {
  const found = new Map<string, Dated<Workspace>>();
  for (const name of facts.workspaces.keys()) {
    const known = workspaceOf(facts, name);
    if (known?.is === 'yes') found.set(known.value.uuid, { ...known.value, at: known.at });
  }
  return [...found.values()];
}

function answerOf<T>(
  answers: ByName<T>,
  name: string,
  namesOf: (value: T) => readonly string[],
): Known<T> {
  const known = answers.get(name);
  if (known === undefined) return undefined;
  const { yes, no } = known;
  if (yes !== undefined && !isEnded(known)) {
    const others = namesOf(yes).filter((other) => other !== name);
    const stands = others.every((other) => stillNames(answers.get(other), yes, namesOf));
    return stands ? { is: 'yes', at: yes.at, value: yes } : undefined;
  }
  return no === undefined ? undefined : { is: 'no', at: no.at, reason: no.reason };
}

function isEnded<T>({ yes, no }: Answers<T>): boolean {
  return yes !== undefined && no !== undefined && no.at >= yes.at;
}

/** Whether what is known by another of its names, where that is newer, says the same thing. */
function stillNames<T>(
  other: Answers<T> | undefined,
  yes: Dated<T>,
  namesOf: (value: T) => readonly string[],
): boolean {
  if (other === undefined) return true;
  if (other.no !== undefined && other.no.at >= yes.at) return false;
  if (other.yes === undefined || other.yes.at <= yes.at) return true;
  return namesOf(other.yes).join(' ') === namesOf(yes).join(' ');
}
