/**
 * Time that passes only when nothing else can happen: a timer is fired once all promises have come
 * to rest.
 */

export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
  isGone: boolean;
}

const turn = setImmediate;
const waitReally = setTimeout;

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
  };
  return clock;
}
