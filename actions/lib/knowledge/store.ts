/**
 * Writes what is kept of a person in `app_metadata`, within 4 kB: what the rules ask about is kept
 * first, then the newest. Values in, values out; see `stored.ts` for reading it.
 */
import { foldAscii } from '../read.ts';
import { type Facts, NO_ADDRESS, type Workspace } from './facts.ts';
import { type Owner, ownerMark } from './owner.ts';
import { listedOf } from './query.ts';
import { LOOK_KEY, type StoredRefusal, SUMMARY_KEY, VERSION } from './stored.ts';
import { type Item, itemsOf } from './worth-keeping.ts';

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
  const items = itemsOf(keep.facts, keep.askedFor);
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
  const standing = listedOf(facts);
  const reachableMembers = of('workspace').filter(({ name }) =>
    standing.some(({ uuid }) => uuid === name),
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
