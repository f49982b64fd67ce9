/** What was asked in a login and what was answered: all that the model knows of the network. */
import type { Cause } from './failures.ts';

export type Answer =
  | { readonly of: 'account'; readonly uuid: string; readonly isActive: boolean }
  | { readonly of: 'emails'; readonly confirmed: readonly string[]; readonly primary?: string }
  | { readonly of: 'list'; readonly listed: readonly Listed[] }
  | { readonly of: 'member'; readonly isMember: false }
  | {
      readonly of: 'member';
      readonly isMember: true;
      readonly workspace: { readonly uuid: string; readonly slug: string };
      /** Absent where the consumer asked: it proves none. */
      readonly permission?: string;
      readonly user: string;
    }
  | {
      readonly of: 'repository';
      readonly permission: string;
      /** Of one that was found: its name in slugs, and its name in uuids. */
      readonly names?: readonly string[];
    }
  | { readonly of: 'workspace' };

export interface Listed {
  readonly uuid: string;
  readonly slug: string;
  readonly isAdministrator: boolean;
}

export interface Heard {
  readonly by: 'person' | 'consumer' | 'management';
  readonly endpoint: string;
  /** The name in the path: of a workspace, or `workspace/repository`. */
  readonly about?: string;
  /** Exactly one of the two, unless the question has no answer to keep (a token). */
  readonly answer?: Answer;
  readonly cause?: Cause;
  /** The account that the token belongs to. */
  readonly account?: string;
  readonly at: number;
  /** Which Action asked: 0 for the first of the flow. */
  readonly action: number;
  /** For people to read. */
  readonly text: string;
}
