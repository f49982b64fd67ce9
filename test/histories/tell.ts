/** A history written by hand: steps in few words, and what came of each login. */
import type { Failure, Kind, Target } from './fake/failures.ts';
import { ACME, BETA, type Settings, type Standing } from './fake/world.ts';
import { type Flow, NAMESPACE } from './flow.ts';
import type { Coming, Login, Step } from './steps.ts';

type Options = Partial<Omit<Login, 'do' | 'by'>>;

const login = (by: Coming, options: Options): Login => ({
  do: 'login',
  by,
  at: 0,
  order: 'both',
  failures: [],
  ...options,
});

export const signsIn = (options: Options = {}) => login('sign-in', options);
export const refreshes = (options: Options = {}) => login('refresh', options);
export const comesBack = (options: Options = {}) => login('single sign-on', options);
export const fails = (target: Target, kind: Kind): Failure => ({ target, kind });
export const waits = (minutes: number): Step => ({ do: 'wait', ms: minutes * 60_000 });
export const set = (settings: Partial<Settings>): Step => ({ do: 'set', settings });
export const applicationAllows = (at: number, list: string): Step => ({
  do: 'application',
  at,
  metadata: { bitbucket_allowed_workspaces: list },
});
export const stands = (workspace: 'acme' | 'beta', standing: Standing): Step => ({
  do: 'stand',
  account: 0,
  workspace: workspace === 'acme' ? 0 : 1,
  standing,
});
/** All that Bitbucket answers to the person's own token. */
export const bitbucketIsDown = { failures: [fails('bitbucket', '503')] };

/** Of the last Action that ran: `in`, or the code of the refusal. */
export const outcomeOf = (flow: Flow | undefined) => flow?.runs.at(-1)?.outcome;
export const claimOf = (flow: Flow | undefined, name: string) =>
  flow?.asked.idToken[`${NAMESPACE}/${name}`];
export const namesOf = { acme: { uuid: ACME, slug: 'acme' }, beta: { uuid: BETA, slug: 'beta' } };
