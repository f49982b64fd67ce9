/**
 * What `why` says agrees with what the Actions decide: over random histories on the shipped files,
 * of the person at the end of each. The one thing that it adds is that it asks nobody.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Decide, decideEmail, decideWorkspaces } from '#actions/lib/policy/decide.ts';
import { judge, type Verdict } from '#scripts/lib/people/judge.ts';
import { parseUser } from '#scripts/lib/people/tenant-user.ts';
import { history } from '#test/histories/arbitrary.ts';
import { nothingAsked } from '#test/histories/fake/api.ts';
import { TARGETS } from '#test/histories/fake/failures.ts';
import { eventOf, type Flow, type Handlers } from '#test/histories/flow.ts';
import { type Played, play } from '#test/histories/history.ts';
import { loadHandlers } from '#test/histories/load.ts';
import type { Login, Step } from '#test/histories/steps.ts';

let handlers: Handlers & { readonly unload: () => void };
beforeAll(() => {
  // Waits for a limit are of a random length: a history that is played twice is to be the same.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  handlers = loadHandlers();
});
afterAll(() => {
  handlers.unload();
  vi.restoreAllMocks();
});

const RUNS = 250;
const NOBODY_ANSWERS = TARGETS.map((target) => ({ target, kind: 'drop' as const }));

const application = fc.constantFrom(0, 1, 2);
const order = fc.constantFrom('both' as const, 'reversed' as const);

/** By what was kept at the end of `played`, as `login` would find it. */
function judgeAt(
  played: Played,
  login: Login,
  nowMs: number,
  halves = inOrder(login.order, [decideEmail, decideWorkspaces]),
  connection = 'bitbucket',
): Verdict {
  const event = eventOf(played.world, login, played.appMetadata, nothingAsked(), 0);
  const user = parseUser(event.user);
  if (user === undefined) throw new Error('a user without an id');
  return judge({
    ...{ user, nowMs, by: 'recheck', connection },
    application: { clientId: 'app', name: 'App', metadata: event.client.metadata },
    gate: {
      secrets: event.secrets as Readonly<Record<string, string>>,
      halves,
    },
  });
}

function inOrder<T>(of: Login['order'], halves: readonly T[]): readonly T[] {
  return of === 'reversed' ? halves.toReversed() : halves;
}

const lastOf = ({ flows }: Played): Flow => {
  const flow = flows.at(-1);
  if (flow === undefined) throw new Error('a history without a login');
  return flow;
};
const isLetIn = ({ runs }: Flow) => runs.every(({ outcome }) => outcome === 'in');

test('who is in is let in by a recheck that asks nobody, and nobody else is', {
  timeout: 240_000,
}, async () => {
  const seen = { in: 0, out: 0, unknown: 0 };
  const agrees = async (steps: readonly Step[], at: number, inOrder: Login['order']) => {
    const recheck: Login = {
      ...{ do: 'login', by: 'refresh', at, order: inOrder, failures: NOBODY_ANSWERS },
    };
    // So that somebody has been there, and the recheck is one.
    const before: readonly Step[] = [...steps, { ...recheck, by: 'sign-in', failures: [] }];
    const played = await play(handlers, before);
    const { status } = judgeAt(played, recheck, played.endsAt);
    seen[status] += 1;
    const flow = lastOf(await play(handlers, [...before, recheck]));
    expect(flow.startedAt).toBe(played.endsAt);
    expect([status === 'in', status]).toEqual([isLetIn(flow) && flow.heard.length === 0, status]);
    if (status === 'out') expect(isLetIn(flow)).toBe(false);
  };
  await fc.assert(fc.asyncProperty(history, application, order, agrees), { numRuns: RUNS });
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 20);
});

type Recheck = Login & Required<Pick<Login, 'connection'>>;

const HALVES: Readonly<Record<Login['order'], readonly Decide[]>> = {
  both: [decideEmail, decideWorkspaces],
  reversed: [decideWorkspaces, decideEmail],
  'email alone': [decideEmail],
  'workspaces alone': [decideWorkspaces],
};

test('nor by whom it is asked: a linked account, another connection, an Action alone', {
  timeout: 240_000,
}, async () => {
  const seen = { in: 0, out: 0, unknown: 0 };
  const recheck = fc.record({
    ...{ do: fc.constant('login' as const), by: fc.constant('refresh' as const), at: application },
    order: fc.constantFrom('both', 'reversed', 'email alone', 'workspaces alone'),
    failures: fc.constant(NOBODY_ANSWERS),
    isLinked: fc.boolean(),
    connection: fc.constantFrom('bitbucket', 'bitbucket-two'),
  }) as fc.Arbitrary<Recheck>;
  const agrees = async (steps: readonly Step[], last: Recheck) => {
    const before: readonly Step[] = [...steps, { do: 'wait', ms: 1_000 }];
    const played = await play(handlers, before);
    const verdict = judgeAt(played, last, played.endsAt, HALVES[last.order], last.connection);
    const { status, code } = verdict;
    const flow = lastOf(await play(handlers, [...before, last]));
    seen[status] += 1;
    if (status === 'in') expect([status, isLetIn(flow)]).toEqual([status, true]);
    if (status === 'out') expect([status, code, isLetIn(flow)]).toEqual([status, code, false]);
    // An Action alone asks for the other's facts too: let in by an answer of nobody, it looked.
    if (HALVES[last.order].length < 2) return;
    expect([status, status === 'in']).toEqual([status, isLetIn(flow) && flow.heard.length === 0]);
  };
  await fc.assert(fc.asyncProperty(history, recheck, agrees), { numRuns: RUNS });
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 20);
});

test('after a login it says what the Actions have just decided', { timeout: 240_000 }, async () => {
  const seen: Record<string, number> = {};
  const login = fc.record({
    do: fc.constant('login' as const),
    by: fc.constantFrom('sign-in' as const, 'refresh' as const, 'single sign-on' as const),
    at: application,
    order,
    failures: fc.constant([]),
  });
  const agrees = async (steps: readonly Step[], last: Login) => {
    const played = await play(handlers, [...steps, last]);
    if (played.flows.at(-1)?.login !== last) return;
    const flow = lastOf(played);
    const now = flow.runs.at(-1)?.startedAt ?? 0;
    const { status, code, policy } = judgeAt(played, last, now);
    const outcome = flow.runs.at(-1)?.outcome ?? '';
    const key = `${outcome} ${status}`;
    seen[key] = (seen[key] ?? 0) + 1;
    const { recheckAfterMinutes = 0, emailRecheckAfterDays = 0 } = policy?.settings ?? {};
    const isKept = recheckAfterMinutes > 0 && emailRecheckAfterDays > 0;
    switch (outcome) {
      case 'in':
        expect([outcome, status]).toEqual([
          outcome,
          isKept ? 'in' : expect.not.stringMatching('out'),
        ]);
        break;
      case 'bitbucket_workspace_required':
      case 'bitbucket_email_unverified':
        expect([outcome, status]).toEqual([outcome, expect.not.stringMatching('^in$')]);
        if (status === 'out' && code !== outcome) {
          // The other half says no; of this one something was not kept, or is too old.
          const half = outcome === 'bitbucket_email_unverified' ? decideEmail : decideWorkspaces;
          expect(judgeAt(played, last, now, [half]).status).toBe('unknown');
        }
        break;
    }
  };
  await fc.assert(fc.asyncProperty(history, login, agrees), { numRuns: RUNS });
  // A no that a list gave is not kept, and with a recheck of 0 min nothing stands: else it is told.
  expect(seen['bitbucket_workspace_required out']).toBeGreaterThan(
    2 * (seen['bitbucket_workspace_required unknown'] ?? 0),
  );
  expect(seen['bitbucket_email_unverified out']).toBeGreaterThan(0);
  expect(seen['in in']).toBeGreaterThan(RUNS / 10);
});
