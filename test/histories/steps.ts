/** What can happen in a history. A step is data, so that a failing history shrinks and prints. */
import type { Failure } from './fake/failures.ts';
import type { Settings, Standing } from './fake/world.ts';

export type Coming = 'sign-in' | 'sign-in, without methods' | 'single sign-on' | 'refresh';
export type Order = 'both' | 'reversed' | 'email alone' | 'workspaces alone';

export interface Login {
  readonly do: 'login';
  readonly by: Coming;
  /** Index of the application. */
  readonly at: number;
  readonly order: Order;
  readonly failures: readonly Failure[];
  /** The flow's writes stay behind until a step `land`: others overlap it. */
  readonly isHeld?: boolean;
  /** Between the two Actions, as with a redirect of another Action. */
  readonly pauseMs?: number;
  /** Another Action changes what the first one left for the second. */
  readonly isGarbled?: boolean;
  readonly savingFails?: boolean;
  /** The Management API is at its limit for so long. */
  readonly busyMs?: number;
  readonly connection?: 'bitbucket' | 'bitbucket-two';
  /** The event has no `connection`. */
  readonly isUnnamed?: boolean;
  /** The user was made by another provider, and Bitbucket was linked. */
  readonly isLinked?: boolean;
}

export type Tampering =
  | 'remove bitbucket_look'
  | 'null bitbucket_look'
  | 'remove bitbucket'
  | 'null bitbucket';

export type Step =
  | Login
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'stand';
      readonly account: number;
      readonly workspace: number;
      readonly standing: Standing;
    }
  | {
      readonly do: 'repository';
      readonly name: string;
      readonly permission: 'none' | 'read' | 'write' | 'admin';
    }
  | { readonly do: 'confirm'; readonly address: number; readonly isConfirmed: boolean }
  | { readonly do: 'activate'; readonly isActive: boolean }
  | { readonly do: 'readdress'; readonly email: string | undefined }
  | { readonly do: 'set'; readonly settings: Partial<Settings> }
  | { readonly do: 'application'; readonly at: number; readonly metadata: Record<string, string> }
  /** A workspace that did not exist, with this person in it. */
  | { readonly do: 'found'; readonly slug: string; readonly standing: Standing }
  | { readonly do: 'become'; readonly account: number }
  /** The slug `acme` goes to another workspace, or comes back. */
  | { readonly do: 'swap slugs' }
  /** The writes of a held flow are saved: of the oldest, or the newest. */
  | { readonly do: 'land'; readonly which: 'oldest' | 'newest' }
  | { readonly do: 'tamper'; readonly how: Tampering }
  /** Another instance of the Actions: nothing is in `api.cache`. */
  | { readonly do: 'forget cache' };

/** One line for people. */
export function tellStep(step: Step): string {
  const { do: name, ...rest } = step;
  const details = Object.entries(rest)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `${name} ${details.join(', ')}`.trim();
}
