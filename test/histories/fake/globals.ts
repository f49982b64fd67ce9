/**
 * Through what the shipped files reach the clock, the timers and the network: what belongs to the
 * history that is being played, or the real ones. A file may take hold of globals while it is
 * loaded, so they are put in place before, and for good.
 */
import { type AnswerTo, createHttpsStandIn } from '#scripts/local/net/https-stand-in.ts';
import type { Clock, Timer } from './clock.ts';

interface Stand {
  readonly clock: Clock;
  readonly answerTo: AnswerTo;
}

const real = { Date, setTimeout, clearTimeout };
const RealDate = Date;
let stand: Stand | undefined;

/** The result takes the history out again. */
export function standIn(given: Stand): () => void {
  stand = given;
  return () => {
    stand = undefined;
  };
}

/** Once in a process; the result puts the real ones back. */
export function installGlobals(): () => void {
  Object.assign(globalThis, {
    Date: class extends RealDate {
      constructor(...given: unknown[]) {
        if (given.length === 0) super(now());
        else super(...(given as [number]));
      }
      static override now(): number {
        return now();
      }
    },
    setTimeout: (fire: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]) => {
      if (stand === undefined) return real.setTimeout(fire, ms, ...rest);
      const timer = stand.clock.after(ms, () => fire(...rest));
      return Object.assign(timer, { ref: () => timer, unref: () => timer });
    },
    clearTimeout: (timer: Timer | undefined) => {
      if (typeof timer === 'object' && timer !== null && 'isGone' in timer) timer.isGone = true;
      else real.clearTimeout(timer);
    },
  });
  return () => {
    Object.assign(globalThis, real);
  };
}

/** In the place of `node:https`; without a history nobody is reached. */
export const https = createHttpsStandIn((asked) => {
  if (stand === undefined) throw new Error('there is no network');
  return stand.answerTo(asked);
});

const now = () => stand?.clock.now ?? RealDate.now();
