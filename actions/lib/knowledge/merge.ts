/**
 * What is known after a look: of each thing the newer answer, whichever came first. Idempotent,
 * commutative and associative for looks that began at different times, so it does not matter in
 * which order logins end. Pure.
 */
import type { Answers, ByName, Dated, Facts } from './facts.ts';

export function merge(one: Facts, other: Facts): Facts {
  const merged = {
    account: newer(one.account, other.account),
    anotherAccountAt: latest(one.anotherAccountAt, other.anotherAccountAt),
    address: newer(one.address, other.address),
    reachable: newer(one.reachable, other.reachable),
  };
  return {
    ...withoutUndefined(merged),
    workspaces: mergeNames(one.workspaces, other.workspaces),
    permissions: mergeMaps(one.permissions, other.permissions, newer),
    noOwner: mergeMaps(one.noOwner, other.noOwner, latest),
    repositories: mergeNames(one.repositories, other.repositories),
  };
}

function mergeNames<T>(one: ByName<T>, other: ByName<T>): ByName<T> {
  return mergeMaps(one, other, (a, b) => ({
    ...withoutUndefined({ yes: newer(a?.yes, b?.yes), no: newer(a?.no, b?.no) }),
  })) as ReadonlyMap<string, Answers<T>>;
}

function mergeMaps<V>(
  one: ReadonlyMap<string, V>,
  other: ReadonlyMap<string, V>,
  pick: (a: V | undefined, b: V | undefined) => V | undefined,
): ReadonlyMap<string, V> {
  const merged = new Map(one);
  for (const [name, value] of other) {
    const picked = pick(one.get(name), value);
    if (picked !== undefined) merged.set(name, picked);
  }
  return merged;
}

/** Of two from the same look the second: they say the same. */
function newer<T>(one: Dated<T> | undefined, other: Dated<T> | undefined): Dated<T> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.at >= one.at ? other : one;
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** An absent field is absent, so that equal facts are equal values. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Defined<T>;
}
