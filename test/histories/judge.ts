/** One login, judged by the model: who was let in, at what cost, with which claims. */
import type { World } from './fake/world.ts';
import type { ActionName, ActionRun, Flow } from './flow.ts';
import { NAMESPACE } from './flow.ts';
import { wrongClaims } from './model/claims.ts';
import { accountNamed, distinct, type Known, learn } from './model/known.ts';
import { badManners } from './model/manners.ts';
import { allowedOutcomes } from './model/outcome.ts';
import { allRules, namesIn, type Policy, policyOf } from './model/policy.ts';
import type { View } from './model/view.ts';

/** "Has an age of at most 30 s": what the first Action leaves for the second. */
const LEFT_MS = 30_000;

export interface Judged {
  readonly wrong: readonly string[];
  /** By Action, for people. */
  readonly allowed: readonly string[];
}

export function judgeFlow(
  flow: Flow,
  known: readonly Known[],
  world: World,
  stored: Readonly<Record<string, unknown>>,
  cached: readonly string[],
): Judged {
  const policy = policyOf(world, flow.login.at);
  const wrong: string[] = [];
  const allowed: string[] = [];
  for (const [index, run] of flow.runs.entries()) {
    const views = known.map((one) => viewOf(flow, index, one, world, policy));
    const sets = views.map((view) => allowedOutcomes(run.action, view, policy, world.email));
    const all = new Set(sets.flatMap((set) => [...set]));
    allowed.push([...all].join(', '));
    if (!all.has(run.outcome)) {
      const word = run.outcome === 'in' ? 'let in' : `refused with ${run.outcome}`;
      wrong.push(`${run.action}: ${word}; allowed: ${[...all].join(', ') || 'nothing'}`);
    }
  }
  if (flow.asked.reasons.length === 0 && wrong.length === 0) {
    const claims = bare(flow.asked.idToken);
    const tries = known.map((one) => {
      const views = Object.fromEntries(
        flow.runs.map(({ action }, index) => [action, viewOf(flow, index, one, world, policy)]),
      );
      return wrongClaims(claims, views, policy, world.email);
    });
    if (!tries.some((found) => found.length === 0)) {
      wrong.push(...(tries[0] ?? []).map((text) => `claims: ${text}`));
    }
  }
  wrong.push(...wrongCost(flow, known, world, policy));
  wrong.push(...wrongMemory(flow, known, stored));
  wrong.push(...badManners(flow, stored, cached));
  return { wrong, allowed };
}

/** What may be known after the flow, of what was known. */
export function learnFrom(flow: Flow, world: World): (known: readonly Known[]) => readonly Known[] {
  const policy = policyOf(world, flow.login.at);
  const email = world.email;
  const names = namesIn(allRules(policy));
  const after = (one: Known, from: number) =>
    flow.runs.slice(from).reduce(
      (sum, run) =>
        learn(sum, flow.heard.slice(run.heardFrom, run.heardUntil), {
          began: run.startedAt,
          email,
          names,
        }),
      one,
    );
  return (known) => {
    const whole = known.map((one) => after(one, 0));
    if (flow.runs.length < 2 || isHandedOn(flow)) return whole;
    // The second wrote what it knew, without what the first had heard.
    return distinct([...whole, ...known.map((one) => after(one, 1))]);
  };
}

const isHandedOn = ({ login }: Flow) => (login.pauseMs ?? 0) < LEFT_MS && login.isGarbled !== true;

function viewOf(flow: Flow, index: number, known: Known, world: World, policy: Policy): View {
  const { runs, heard } = flow;
  const run = runs[index] as ActionRun;
  const first = isHandedOn(flow) ? 0 : index;
  const names = namesIn(allRules(policy));
  let after = known;
  for (const { startedAt, heardFrom, heardUntil } of runs.slice(first, index + 1)) {
    const look = { began: startedAt, email: world.email, names };
    after = learn(after, heard.slice(heardFrom, heardUntil), look);
  }
  return {
    isSignIn: run.isSignIn,
    settings: world.settings,
    before: known,
    after,
    heard: heard.slice(runs[first]?.heardFrom ?? 0, run.heardUntil),
    liveFrom: runs[first]?.startedAt ?? 0,
    startedAt: run.startedAt,
    endedAt: flow.endedAt + (flow.login.pauseMs ?? 0),
  };
}

/**
 * "Decided by facts: 0 calls and, where nothing changed, no write"; a refusal looks again. Whether
 * one Action alone looks for the sake of the other is open ("run in one flow, the second makes no
 * HTTP call"): here facts decide where they satisfy both.
 */
function wrongCost(flow: Flow, known: readonly Known[], world: World, policy: Policy): string[] {
  const { runs, heard, asked } = flow;
  const blind = { ...flow, heard: [] };
  const areEnough = runs.every((run, index) =>
    known.every((one) => {
      const view = viewOf(blind, index, one, world, policy);
      return !run.isSignIn && ACTIONS.every((action) => isSurelyIn(action, view, policy, world));
    }),
  );
  const wrong: string[] = [];
  if (areEnough && heard.length > 0) wrong.push(`${heard.length} calls where facts decide`);
  if (areEnough && Object.keys(asked.appMetadata).length > 0) {
    wrong.push('a write where facts decide');
  }
  if (policy.isWrong || heard.length > 0) return wrong;
  if (asked.reasons.length > 0) wrong.push('refused without a look');
  if (runs[0]?.isSignIn) wrong.push('no live look');
  return wrong;
}

const ACTIONS: readonly ActionName[] = ['email', 'workspaces'];

function isSurelyIn(action: ActionName, view: View, policy: Policy, { email }: World): boolean {
  const allowed = allowedOutcomes(action, view, policy, email);
  return allowed.size === 1 && allowed.has('in');
}

/** Nothing of another account is kept; the last refusal is. */
function wrongMemory(
  flow: Flow,
  known: readonly Known[],
  stored: Readonly<Record<string, unknown>>,
): string[] {
  const { asked, heard, login } = flow;
  const wrong: string[] = [];
  const written = JSON.stringify(asked.appMetadata);
  const named = accountNamed(heard)?.uuid;
  const isAnother = known.every(({ account }) => account !== undefined && account !== named);
  if (named !== undefined && isAnother && written.includes(named)) {
    wrong.push('something of another account is stored');
  }
  const [reason] = asked.reasons;
  if (reason === undefined || login.savingFails === true) return wrong;
  const code = reason.split(':')[0] ?? '';
  const look = stored.bitbucket_look;
  const refusal = findRefusal(look, code);
  if (refusal === undefined) wrong.push('the refusal is not kept');
  else if (refusal.client_id !== `app${login.at}`) wrong.push('the refusal is of another login');
  return wrong;
}

/** `{ at, code, cause, client_id }`, wherever it stands in `bitbucket_look`. */
function findRefusal(look: unknown, code: string): Record<string, unknown> | undefined {
  if (typeof look !== 'object' || look === null) return undefined;
  const record = look as Record<string, unknown>;
  if (record.code === code && 'at' in record && 'cause' in record) return record;
  for (const value of Object.values(record)) {
    const found = findRefusal(value, code);
    if (found !== undefined) return found;
  }
  return undefined;
}

const bare = (claims: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name.slice(NAMESPACE.length + 1), value]),
  );
