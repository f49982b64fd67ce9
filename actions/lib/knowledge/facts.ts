/**
 * What is known of a person at Bitbucket, whatever the source. Types and predicates only: no I/O,
 * no clock, no `api`.
 */

/** From least to most. Source: Bitbucket's `workspace_membership.permission`. */
export const PERMISSIONS = ['member', 'collaborator', 'create-project', 'owner'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** One workspace that the person is in. `permission` is absent where nothing told it. */
export interface Membership {
  /** Lower case, with braces. */
  readonly uuid: string;
  /** Lower case. */
  readonly slug: string;
  readonly permission?: Permission;
}

/**
 * Why a question has no answer.
 * - `outage`: the other side failed, or said something that cannot be read; it may pass.
 * - `login_required`: the stored Bitbucket sign-in is spent; only the person can renew it.
 * - `misconfigured`: an admin must act.
 */
export interface Trouble {
  readonly kind: 'outage' | 'login_required' | 'misconfigured';
  /** For the admin's log: no token, secret, address or name. */
  readonly cause: string;
}

export interface EmailFacts {
  /** The address that Auth0 holds is among those that Bitbucket calls confirmed. */
  readonly verified: boolean;
  /** The primary address, where it is confirmed and known. */
  readonly primary?: string;
}

export interface WorkspaceFacts {
  /** With a list of allowed workspaces: those of the list that the person is in, no others. */
  readonly memberships: readonly Membership[];
  /** There are more than are listed here. */
  readonly truncated: boolean;
  /** What could not be looked up. `workspaces` is empty when it is about all of them. */
  readonly unanswered?: { readonly workspaces: readonly string[]; readonly trouble: Trouble };
}

export interface Facts {
  /** The Bitbucket account, lower case, with braces. */
  readonly uuid: string | Trouble;
  readonly email: EmailFacts | Trouble;
  readonly workspaces: WorkspaceFacts;
}

export function isTrouble(value: object | string): value is Trouble {
  return typeof value === 'object' && 'kind' in value;
}

export function createTrouble(kind: Trouble['kind'], cause: string): Trouble {
  return { kind, cause };
}

/** Whether `workspace`, a slug or a `{uuid}` in lower case, names this membership. */
export function isNamedBy(membership: Membership, workspace: string): boolean {
  return membership.uuid === workspace || membership.slug === workspace;
}
