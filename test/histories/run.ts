/** Plays histories by chance until enough steps were taken, or one goes wrong: that is shrunk. */
import fc from 'fast-check';
import { history } from './arbitrary.ts';
import type { Handlers } from './flow.ts';
import { play } from './history.ts';
import type { Step } from './steps.ts';

export interface RunReport {
  readonly steps: number;
  readonly logins: number;
  /** Of the Actions, by outcome: that a history reaches what it should. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The shortest history found that goes wrong, for people; absent when none did. */
  readonly failure?: { readonly wrong: readonly string[]; readonly told: string };
}

const MEAN_LENGTH = 30;

export async function runHistories(
  handlers: Handlers,
  seed: number,
  stepsWanted: number,
  isOfInterest?: (wrong: string) => boolean,
): Promise<RunReport> {
  const options = isOfInterest === undefined ? {} : { isOfInterest };
  let steps = 0;
  let logins = 0;
  const outcomes: Record<string, number> = {};
  let worst: readonly Step[] | undefined;
  const goesWell = async (tried: readonly Step[]) => {
    const { wrong, flows } = await play(handlers, tried, options);
    if (worst === undefined) {
      steps += tried.length;
      logins += flows.length;
      for (const { runs } of flows) {
        for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    if (wrong.length > 0) worst = tried;
    return wrong.length === 0;
  };
  const details = await fc.check(fc.asyncProperty(history, goesWell), {
    seed,
    numRuns: Math.ceil(stepsWanted / MEAN_LENGTH),
  });
  if (!details.failed) return { steps, logins, outcomes };
  const [shortest = []] = details.counterexample ?? [];
  const { wrong, told } = await play(handlers, shortest, { ...options, isTold: true });
  const text = [...told, '', ...wrong.map((line) => `WRONG ${line}`), '', JSON.stringify(shortest)];
  return { steps, logins, outcomes, failure: { wrong, told: text.join('\n') } };
}
