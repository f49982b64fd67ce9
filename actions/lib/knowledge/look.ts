/** One look: what was found, and what was asked and not answered. No I/O. */
import type { Trouble } from '../trouble.ts';
import { type Facts, NOTHING_KNOWN } from './facts.ts';

/** Why there is no answer, by what was asked. */
export interface Troubles {
  readonly account?: Trouble;
  readonly address?: Trouble;
  /** The list of the workspaces that the person can reach. */
  readonly reachable?: Trouble;
  readonly workspaces: ReadonlyMap<string, Trouble>;
  /** Of a membership that was answered, the permission. */
  readonly permissions?: Trouble;
  readonly repositories: ReadonlyMap<string, Trouble>;
  /** Of everything else. */
  readonly rest?: Trouble;
}

export interface Look {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly by: 'person' | 'consumer';
  /** Each fact in it has the time of the look. */
  readonly found: Facts;
  readonly troubles: Troubles;
}

/** Nothing could be asked. */
export function createFailedLook(at: number, rest: Trouble): Look {
  return {
    at,
    by: 'person',
    found: NOTHING_KNOWN,
    troubles: { workspaces: new Map(), repositories: new Map(), rest },
  };
}
