/**
 * Writes what is kept of a person in `app_metadata`, within 4 kB: what the rules ask about is kept
 * first, then the newest. Values in, values out; see `stored.ts` for reading it.
 */
import { foldAscii } from '../read.ts';
import {
  type Dated,
  type Facts,
  NO_ADDRESS,
  type No,
  type Permission,
  type Repository,
  type Workspace,
} from './facts.ts';
import { type Owner, ownerMark } from './owner.ts';
import { membersOf, permissionOf, reachableOf, repositoryOf } from './query.ts';
import { LOOK_KEY, type StoredRefusal, SUMMARY_KEY, VERSION } from './stored.ts';

/** Together, as JSON; Auth0 counts the whole profile. */
const MAX_BYTES = 4_000;
const MAX_CAUSE_LENGTH = 160;

export interface Keep {
  readonly facts: Facts;
  readonly owner: Owner;
  /** The address that Auth0 holds. */
  readonly address: { readonly text: string; readonly mark: string } | undefined;
  /** The names that the rules ask about, in their order: kept first. */
  readonly askedFor: readonly string[];
  readonly refusal: StoredRefusal | undefined;
}

/** The values to write, by key. Without a known account there is no summary. */
export function createStored(keep: Keep): Readonly<Record<string, unknown>> {
  const items = itemsOf(keep);
  const withFirst = (count: number) => assemble(keep, items.slice(0, count));
  const fits = (stored: object) => Buffer.byteLength(JSON.stringify(stored)) <= MAX_BYTES;
  const all = withFirst(items.length);
  if (fits(all)) return all;
  let fitting = 0;
  let tooMany = items.length;
  while (tooMany - fitting > 1) {
    const count = Math.floor((fitting + tooMany) / 2);
    if (fits(withFirst(count))) fitting = count;
    else tooMany = count;
  }
  return withFirst(fitting);
}

/** One thing that can be kept or left out. */
interface Item {
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
function itemsOf({ facts, askedFor }: Keep): readonly Item[] {
  const members = membersOf(facts).map(
    (workspace): Item => ({
      kind: 'workspace',
      names: [workspace.uuid, workspace.slug],
      name: workspace.uuid,
      at: workspace.at,
      workspace,
      permission: permissionOf(facts, workspace),
    }),
  );
  const memberUuids = new Set(members.map(({ name }) => name));
  const listed = new Set(facts.reachable?.workspaces.map(({ uuid }) => uuid));
  const reachable = reachableOf(facts)
    .filter(({ uuid }) => listed.has(uuid) && !memberUuids.has(uuid))
    .map(
      (workspace): Item => ({
        kind: 'reachable',
        names: [workspace.uuid, workspace.slug],
        name: workspace.uuid,
        at: workspace.at,
        workspace,
      }),
    );
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

function assemble(
  { facts, owner, address: held, refusal }: Keep,
  kept: readonly Item[],
): Readonly<Record<string, unknown>> {
  const { account, address, reachable, anotherAccountAt } = facts;
  const of = (kind: Item['kind']) => kept.filter((item) => item.kind === kind);
  const times = [
    account?.at,
    anotherAccountAt,
    address?.at,
    reachable?.at,
    ...kept.map(({ at }) => at),
  ];
  const known = times.filter((time) => time !== undefined);
  const base = known.length === 0 ? (refusal?.at ?? 0) : Math.max(...known);
  const isHeld = address?.mark === (held?.mark ?? NO_ADDRESS);
  const isPrimary =
    isHeld &&
    held !== undefined &&
    address.primary !== undefined &&
    foldAscii(address.primary) === foldAscii(held.text);
  const at = (time: number) => (time === base ? {} : { at: iso(time) });
  const listedCount = reachable?.workspaces.length ?? 0;
  const listed = of('reachable');
  const reachableMembers = of('workspace').filter(({ name }) =>
    reachable?.workspaces.some(({ uuid }) => uuid === name),
  );
  const isListWhole = listed.length + reachableMembers.length === listedCount;
  const look = {
    v: VERSION,
    who: ownerMark(owner),
    at: iso(base),
    account: account && {
      uuid: account.uuid,
      ...(account.isActive ? {} : { active: false }),
      ...at(account.at),
    },
    another_account: anotherAccountAt === undefined ? undefined : at(anotherAccountAt),
    address: address && {
      mark: address.mark,
      confirmed: address.isConfirmed,
      primary: isPrimary ? true : undefined,
      ...at(address.at),
    },
    workspaces: some(
      of('workspace').map((item) => ({
        ...(item.workspace && named(item.workspace)),
        permission: item.permission && {
          name: item.permission.permission,
          ...at(item.permission.at),
        },
        ...at(item.at),
      })),
    ),
    no: some(groupNoes(of('no'), at)),
    repositories: some(
      of('repository').map(({ repository, name, at: time }) => ({
        uuid: repository?.uuid,
        full_name: repository?.fullName,
        permission: repository?.permission,
        name: name === repository?.fullName ? undefined : name,
        ...at(time),
      })),
    ),
    no_repositories: some(groupNoes(of('no_repository'), at)),
    reachable: reachable && {
      // As they were listed: a membership that is older may have another slug.
      workspaces: [...reachableMembers, ...listed].flatMap(({ name }) =>
        reachable.workspaces.filter(({ uuid }) => uuid === name).map(named),
      ),
      more: reachable.hasMore || !isListWhole ? true : undefined,
      ...at(reachable.at),
    },
    refusal: refusal && {
      at: iso(refusal.at),
      code: refusal.code,
      cause: refusal.cause.slice(0, MAX_CAUSE_LENGTH),
      client_id: refusal.clientId,
    },
  };
  if (account === undefined) return { [LOOK_KEY]: plain(look) };
  const summary = {
    uuid: account.uuid,
    email_verified: isHeld ? address.isConfirmed : undefined,
    workspaces: [...of('workspace'), ...listed].map(({ workspace, permission }) => ({
      ...(workspace && named(workspace)),
      permission: permission?.permission,
    })),
    checked_at: iso(base),
  };
  return { [SUMMARY_KEY]: plain(summary), [LOOK_KEY]: plain(look) };
}

function named({ uuid, slug }: Workspace): Workspace {
  return { uuid, slug };
}

function groupNoes(items: readonly Item[], at: (time: number) => object): readonly object[] {
  const groups = Map.groupBy(items, ({ at: time, reason }) => JSON.stringify([time, reason]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ names: group.map(({ name }) => name), reason: first.reason, ...at(first.at) }];
  });
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** As it will be read: without what is `undefined`. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
