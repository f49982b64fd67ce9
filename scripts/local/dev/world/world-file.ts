/**
 * A world file: who and what there is when `npm run dev` starts. Its shape, as it is written. Types
 * only.
 */
import type {
  AccountStatus,
  RepositoryPermission,
  WorkspacePermission,
} from '#scripts/local/bitbucket/world.ts';

export interface WorldFile {
  /** The consumer is the first one's. */
  readonly workspaces: readonly WorkspaceEntry[];
  readonly people?: readonly PersonEntry[];
  readonly applications?: readonly ApplicationEntry[];
  readonly apis?: readonly ApiEntry[];
  /** By the names of the secrets; a number or a boolean is taken as text. */
  readonly policy: Readonly<Record<string, string | number | boolean>>;
}

export interface WorkspaceEntry {
  readonly slug: string;
  /** The slug, where nothing is said; so it is with a repository. */
  readonly name?: string;
  /** With braces; made of the slug, where nothing is said; so it is with everything that has one. */
  readonly uuid?: string;
  readonly repositories?: readonly RepositoryEntry[];
  readonly groups?: readonly GroupEntry[];
}

export interface RepositoryEntry {
  readonly slug: string;
  readonly name?: string;
  readonly uuid?: string;
}

/** Whoever is in one is a member of the workspace. */
export interface GroupEntry {
  readonly slug: string;
  /** Nicknames. */
  readonly members: readonly string[];
  /** By the slugs of repositories in the same workspace. */
  readonly repositories?: Readonly<Record<string, RepositoryPermission>>;
}

export interface PersonEntry {
  readonly name: string;
  /** The name in lower case, where nothing is said. */
  readonly nickname?: string;
  readonly uuid?: string;
  readonly emails: readonly EmailEntry[];
  /** By slug. */
  readonly workspaces?: Readonly<Record<string, WorkspacePermission>>;
  /** By `workspace/repository`. */
  readonly repositories?: Readonly<Record<string, RepositoryPermission>>;
  readonly status?: AccountStatus;
}

export interface EmailEntry {
  readonly address: string;
  /** Of the first, `true`, where no address says so. */
  readonly primary?: boolean;
  readonly confirmed?: boolean;
}

export const KINDS = ['spa', 'native', 'web', 'machine'] as const;

export interface ApplicationEntry {
  readonly client_id: string;
  /** The client id, where nothing is said. */
  readonly name?: string;
  readonly kind: (typeof KINDS)[number];
  /** Of `web` and `machine`; kept from start to start where it is made. */
  readonly secret?: string;
  readonly callbacks?: readonly string[];
  readonly logout_urls?: readonly string[];
  readonly web_origins?: readonly string[];
  /** A policy of its own, and whatever else. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether people sign in with Bitbucket; `true`, where nothing is said. */
  readonly connection?: boolean;
}

export interface ApiEntry {
  readonly identifier: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
}

/** As the file has it, or made of the name. */
export function nicknameOf({ nickname, name }: Pick<PersonEntry, 'name' | 'nickname'>): string {
  return nickname ?? name.toLowerCase().replaceAll(/\s+/g, '.');
}
