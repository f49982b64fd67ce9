/**
 * What is known of a person at Bitbucket. A fact is about one thing, has its answer, yes or no, and
 * the time at which the look that found it began. Types only: no I/O, no clock, no policy.
 */

/** From least to most. Source: Bitbucket's `workspace_membership.permission`. */
export const PERMISSIONS = ['member', 'collaborator', 'create-project', 'owner'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** From least to most. Source: Bitbucket's `repository_permission.permission`. */
export const REPOSITORY_PERMISSIONS = ['read', 'write', 'admin'] as const;
export type RepositoryPermission = (typeof REPOSITORY_PERMISSIONS)[number];

/** `at`: when the look that found it began, in milliseconds since the epoch. */
export type Dated<T> = T & { readonly at: number };

/** The Bitbucket account behind the identity. */
export interface Account {
  /** Lower case, with braces. */
  readonly uuid: string;
  /** False where Bitbucket says that the account is closed or suspended. */
  readonly isActive: boolean;
}

/** About one address that Auth0 holds: whether it is among those that Bitbucket calls confirmed. */
export interface Address {
  /** Which address: see `addressMark`; `NO_ADDRESS` where Auth0 holds none. */
  readonly mark: string;
  readonly isConfirmed: boolean;
  /** The primary address, where it is confirmed and known. Kept only where it is this one. */
  readonly primary?: string;
}

/** The mark where Auth0 holds no address: none is confirmed. */
export const NO_ADDRESS = '';

export interface Workspace {
  /** Lower case, with braces. */
  readonly uuid: string;
  /** Lower case. */
  readonly slug: string;
}

export interface Repository {
  /** Lower case, with braces. */
  readonly uuid: string;
  /** `workspace/repository`, lower case. */
  readonly fullName: string;
  readonly permission: RepositoryPermission;
}

/** Why it is a no, for the admin's log: a status, or a few words. */
export interface No {
  readonly reason: string;
}

/** The last yes and the last no that were given about what a name stands for. The newer counts. */
export interface Answers<T> {
  readonly yes?: Dated<T>;
  readonly no?: Dated<No>;
}

/** Answers by name: a slug or `{uuid}`; of repositories `workspace/repository`, both written alike. */
export type ByName<T> = ReadonlyMap<string, Answers<T>>;

export interface Facts {
  readonly account?: Dated<Account>;
  /** When Bitbucket named another account behind the same identity. */
  readonly anotherAccountAt?: number;
  readonly address?: Dated<Address>;
  /** Memberships. A yes is known by the workspace's slug and by its uuid. */
  readonly workspaces: ByName<Workspace>;
  /** The permission in a workspace, by the workspace's uuid. It is older than the membership where the consumer has proved that. */
  readonly permissions: ReadonlyMap<string, Dated<{ readonly permission: Permission }>>;
  /** When a list last said of a workspace, by its uuid, that the person is no owner of it. */
  readonly noOwner: ReadonlyMap<string, number>;
  readonly repositories: ByName<Repository>;
  /** The workspaces that the person can reach: members and guests. It proves no membership. */
  readonly reachable?: Dated<{
    readonly workspaces: readonly Workspace[];
    readonly hasMore: boolean;
  }>;
}

export const NOTHING_KNOWN: Facts = {
  workspaces: new Map(),
  permissions: new Map(),
  noOwner: new Map(),
  repositories: new Map(),
};
