/**
 * Time that passes only when nothing else can happen: the clock and the timers that the Actions
 * reach through the globals. A timer is fired once all promises have come to rest.
 */

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
  isGone: boolean;
}

const turn = setImmediate;
const waitReally = setTimeout;
const RealDate = Date;
const realTimers = { setTimeout, clearTimeout };

/** A jump of this size is a time-out or a pause, not an answer on its way. */
const LONG_JUMP_MS = 100;

export interface Clock {
  now: number;
  /** Runs `fire` in `ms` of this clock; the result cancels it. */
  after(ms: number, fire: () => void): Timer;
  /** Lets time pass until `task` ends. */
  drive(task: Promise<void>): Promise<void>;
  /** Lets everything happen that is still to happen within `ms`, and moves on by `ms`. */
  pass(ms: number): Promise<void>;
  /** Puts the clock in the place of the globals; the result takes it out again. */
  install(): () => void;
}

export function createClock(startsAt: number): Clock {
  let timers: Timer[] = [];
  let order = 0;

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.isGone) continue;
      if (first === undefined || timer.at < first.at) first = timer;
    }
    return first;
  };
  /** Fires what is due at the next moment. */
  const fireNext = (latest: number): boolean => {
    const first = next();
    if (first === undefined || first.at > latest) return false;
    clock.now = Math.max(clock.now, first.at);
    const due = timers.filter((timer) => !timer.isGone && timer.at <= clock.now);
    timers = timers.filter((timer) => !timer.isGone && timer.at > clock.now);
    for (const timer of due.sort((a, b) => a.at - b.at || a.order - b.order)) {
      if (!timer.isGone) timer.fire();
    }
    return true;
  };
  const rest = async (turns: number) => {
    for (let index = 0; index < turns; index += 1) await new Promise<void>((done) => turn(done));
  };

  const clock: Clock = {
    now: startsAt,
    after: (ms, fire) => {
      order += 1;
      const timer = { at: clock.now + Math.max(0, ms), order, fire, isGone: false };
      timers.push(timer);
      return timer;
    },
    drive: async (task) => {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      task.then(end, end);
      while (!isDone) {
        await rest(1);
        if (isDone) break;
        await rest((next()?.at ?? Number.MAX_VALUE) - clock.now > LONG_JUMP_MS ? 6 : 1);
        if (isDone || fireNext(Number.MAX_VALUE)) continue;
        await new Promise<void>((done) => waitReally(done, 20));
        if (!isDone && next() === undefined) throw new Error('the flow waits for nothing');
      }
      return task;
    },
    pass: async (ms) => {
      const until = clock.now + ms;
      while (fireNext(until)) await rest(2);
      clock.now = until;
    },
    install: () => {
      const fakes = {
        Date: fakeDate(() => clock.now),
        setTimeout: (fire: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]) => {
          const timer = clock.after(ms, () => fire(...rest));
          return Object.assign(timer, { ref: () => timer, unref: () => timer });
        },
        clearTimeout: (timer: Timer | undefined) => {
          if (timer !== undefined && timer !== null) timer.isGone = true;
        },
      };
      Object.assign(globalThis, fakes);
      return () => {
        Object.assign(globalThis, realTimers, { Date: RealDate });
      };
    },
  };
  return clock;
}

function fakeDate(now: () => number): DateConstructor {
  return class extends RealDate {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(now());
      else super(...(given as [number]));
    }
    static override now(): number {
      return now();
    }
  } as unknown as DateConstructor;
}
