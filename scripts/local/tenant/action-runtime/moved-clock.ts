/**
 * The clock of a worker: `Date` is ahead of the system's, as the tenant's is. Timers, TLS and
 * `performance` go by the real one.
 */

export interface MovedClock {
  /** From now on, for whatever runs in this thread. */
  setAhead(ms: number): void;
  /** The system's time, in milliseconds since the epoch. */
  realNow(): number;
}

export function moveClock(): MovedClock {
  const SystemDate = Date;
  let aheadMs = 0;
  const now = () => SystemDate.now() + aheadMs;
  globalThis.Date = new Proxy(SystemDate, {
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new SystemDate(now()).toString(),
  });
  return {
    // It is measured between two clocks that tick: by whole seconds, so that it stays the same.
    setAhead: (ms) => {
      aheadMs = Math.round(ms / 1_000) * 1_000;
    },
    realNow: () => SystemDate.now(),
  };
}
