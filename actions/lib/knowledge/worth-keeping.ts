/** What of the facts is worth keeping, and in which order. Values in, values out. */
import type { Dated, Facts, No, Permission, Repository, Workspace } from './facts.ts';
import { listedOf, membersOf, permissionOf, reachableOf, repositoryOf } from './query.ts';

/** One thing that can be kept or left out. */
export interface Item {
  readonly kind: 'workspace' | 'no' | 'repository' | 'no_repository' | 'reachable';
  readonly names: readonly string[];
  readonly at: number;
  readonly workspace?: Workspace;
  readonly permission?: Dated<{ readonly permission: Permission }> | undefined;
  readonly repository?: Repository;
  readonly name: string;
  readonly reason?: string;
}

/** In the order in which they are worth keeping. */
export function itemsOf(facts: Facts, askedFor: readonly string[]): readonly Item[] {
  const members = membersOf(facts).map((workspace) => ({
    ...itemOf('workspace', workspace),
    permission: permissionOf(facts, workspace),
  }));
  const memberUuids = new Set(members.map(({ name }) => name));
  const listed = new Set(listedOf(facts).map(({ uuid }) => uuid));
  const reachable = reachableOf(facts)
    .filter(({ uuid }) => listed.has(uuid) && !memberUuids.has(uuid))
    .map((workspace) => itemOf('reachable', workspace));
  const items = [
    ...members,
    ...noesOf(facts.workspaces, 'no'),
    ...repositoriesOf(facts),
    ...noesOf(facts.repositories, 'no_repository'),
    ...reachable,
  ];
  const rank = new Map([...new Set(askedFor)].map((name, index) => [name, index]));
  const rankOf = ({ names }: Item) =>
    Math.min(...names.map((name) => rank.get(name) ?? Number.POSITIVE_INFINITY));
  return items
    .map((item) => ({ item, rank: rankOf(item) }))
    .sort((one, other) => compare(one.rank, other.rank) || other.item.at - one.item.at)
    .map(({ item }) => item);
}

function itemOf(kind: 'workspace' | 'reachable', workspace: Dated<Workspace>): Item {
  const { uuid, slug, at } = workspace;
  return { kind, names: [uuid, slug], name: uuid, at, workspace };
}

/** Infinity minus itself is no number. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** The noes that count: a newer yes has ended the others. */
function noesOf(
  answers: ReadonlyMap<string, { readonly yes?: { readonly at: number }; readonly no?: Dated<No> }>,
  kind: 'no' | 'no_repository',
): readonly Item[] {
  return [...answers].flatMap(([name, { yes, no }]) =>
    no === undefined || (yes !== undefined && yes.at > no.at)
      ? []
      : [{ kind, names: [name], name, at: no.at, reason: no.reason }],
  );
}

function repositoriesOf(facts: Facts): readonly Item[] {
  const found = new Map<string, Item>();
  for (const name of facts.repositories.keys()) {
    const known = repositoryOf(facts, name);
    if (known?.is !== 'yes') continue;
    const { fullName } = known.value;
    const names = [name, fullName];
    // Asked by uuids, it is known by both names; the record of its full name says less.
    if (name === fullName && found.has(fullName)) continue;
    found.set(fullName, { kind: 'repository', names, name, at: known.at, repository: known.value });
  }
  return [...found.values()];
}
