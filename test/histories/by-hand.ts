/** Plays histories that are written by hand, in the shipped files; the model judges them as well. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Flow } from './flow.ts';
import { play } from './history.ts';
import { loadHandlers } from './load.ts';
import type { Step } from './steps.ts';
import { outcomeOf } from './tell.ts';

export interface ByHand {
  /** The logins of the history, in their order. */
  happens(...steps: readonly Step[]): Promise<readonly Flow[]>;
  lastOf(...steps: readonly Step[]): Promise<Flow | undefined>;
  /** Of the last login: `in`, or the code of the refusal. */
  endOf(...steps: readonly Step[]): Promise<string | undefined>;
}

/** For a file of tests: the shipped files are loaded before them. */
export function useShippedFiles(): ByHand {
  let handlers: ReturnType<typeof loadHandlers>;
  beforeAll(() => {
    handlers = loadHandlers();
  });
  afterAll(() => handlers.unload());

  const happens = async (...steps: readonly Step[]) => {
    const { wrong, told, flows } = await play(handlers, steps, { isTold: true });
    expect(wrong, told.join('\n')).toEqual([]);
    return flows;
  };
  const lastOf = async (...steps: readonly Step[]) => (await happens(...steps)).at(-1);
  return { happens, lastOf, endOf: async (...steps) => outcomeOf(await lastOf(...steps)) };
}
