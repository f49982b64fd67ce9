/** Gathers what a look finds, in the shape in which it is kept. */
import type {
  Account,
  Answers,
  Dated,
  Facts,
  Permission,
  Repository,
  Workspace,
} from '../knowledge/facts.ts';
import type { Look } from '../knowledge/look.ts';
import type { Trouble } from '../trouble.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Findings {
  account(account: Account): void;
  anotherAccount(): void;
  address(mark: string, isConfirmed: boolean, primary: string | undefined): void;
  reachable(workspaces: readonly Workspace[], hasMore: boolean): void;
  /** It is known by the name that was asked by, and by its own two. */
  member(name: string, workspace: Workspace, permission: Permission | undefined): void;
  noMember(name: string, reason: string): void;
  noOwner(uuid: string): void;
  repository(name: string, repository: Repository): void;
  noRepository(name: string, reason: string): void;
  trouble(what: 'account' | 'address' | 'reachable' | 'permissions', trouble: Trouble): void;
  troubleOf(what: 'workspaces' | 'repositories', name: string, trouble: Trouble): void;
  end(rest?: Trouble): Look;
}

/** @param at when the look began. */
export function createFindings(at: number, by: Look['by']): Findings {
  const workspaces = new Map<string, Answers<Workspace>>();
  const permissions = new Map<string, Dated<{ readonly permission: Permission }>>();
  const noOwner = new Map<string, number>();
  const repositories = new Map<string, Answers<Repository>>();
  const single: Mutable<Pick<Facts, 'account' | 'anotherAccountAt' | 'address' | 'reachable'>> = {};
  const troubles: Mutable<
    Pick<Look['troubles'], 'account' | 'address' | 'reachable' | 'permissions'>
  > = {};
  const named = {
    workspaces: new Map<string, Trouble>(),
    repositories: new Map<string, Trouble>(),
  };
  // A yes and a no of one look stand side by side: then the no counts.
  const add = <T>(answers: Map<string, Answers<T>>, name: string, answer: Answers<T>) =>
    answers.set(name, { ...answers.get(name), ...answer });
  return {
    account: (account) => {
      single.account = { ...account, at };
    },
    anotherAccount: () => {
      single.anotherAccountAt = at;
    },
    address: (mark, isConfirmed, primary) => {
      single.address = { mark, isConfirmed, ...(primary === undefined ? {} : { primary }), at };
    },
    reachable: (found, hasMore) => {
      single.reachable = { workspaces: found, hasMore, at };
    },
    member: (name, { uuid, slug }, permission) => {
      for (const key of new Set([name, uuid, slug]))
        add(workspaces, key, { yes: { uuid, slug, at } });
      if (permission !== undefined) permissions.set(uuid, { permission, at });
    },
    noMember: (name, reason) => {
      add(workspaces, name, { no: { reason, at } });
    },
    noOwner: (uuid) => {
      noOwner.set(uuid, at);
    },
    repository: (name, { uuid, fullName, permission }) => {
      const yes = { uuid, fullName, permission, at };
      for (const key of new Set([name, fullName])) add(repositories, key, { yes });
    },
    noRepository: (name, reason) => {
      add(repositories, name, { no: { reason, at } });
    },
    trouble: (what, trouble) => {
      troubles[what] = trouble;
    },
    troubleOf: (what, name, trouble) => {
      named[what].set(name, trouble);
    },
    end: (rest) => ({
      at,
      by,
      found: { ...single, workspaces, permissions, noOwner, repositories },
      troubles: refusedAlike({ ...troubles, ...named, ...(rest === undefined ? {} : { rest }) }),
    }),
  };
}

/**
 * Where Bitbucket refused the person once, nothing that is missing beside it is taken from before:
 * whoever is at a limit can choose which call it meets.
 */
function refusedAlike(troubles: Look['troubles']): Look['troubles'] {
  const { workspaces, repositories, ...single } = troubles;
  const all = [...Object.values(single), ...workspaces.values(), ...repositories.values()];
  if (!all.some(({ kind }) => kind === 'refused')) return troubles;
  const alike = (trouble: Trouble): Trouble =>
    trouble.kind === 'outage' ? { ...trouble, kind: 'refused' } : trouble;
  const eachAlike = <K>(map: ReadonlyMap<K, Trouble>) =>
    new Map([...map].map(([name, trouble]) => [name, alike(trouble)]));
  return {
    ...Object.fromEntries(Object.entries(single).map(([name, trouble]) => [name, alike(trouble)])),
    workspaces: eachAlike(workspaces),
    repositories: eachAlike(repositories),
  };
}
