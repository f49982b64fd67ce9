/** How `npm run dev` ends: soon, in order, and with everything that it started. */

/** By the signal: Ctrl-C is told by its code, whoever else ends it has what they wanted. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 0, SIGHUP: 0 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After it the process ends in the middle of what it does. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 500;

export interface End {
  /** From now on `close` is called first; before, the process ends at once. */
  by(close: () => Promise<void>): void;
}

/**
 * Ends the process when it is told to; a second signal ends it at once. Under npm it also ends when
 * npm does, which may have been killed. (The npm script begins with `exec`: a shell between the two
 * would keep npm's Ctrl-C to itself, and end with a code of its own.)
 */
export function endWhenTold(): End {
  let close: (() => Promise<void>) | undefined;
  let isEnding = false;
  const end = (code: number) => {
    if (isEnding || close === undefined) process.exit(code);
    isEnding = true;
    setTimeout(() => process.exit(code), PATIENCE_MS).unref();
    close().then(
      () => process.exit(code),
      () => process.exit(code),
    );
  };
  for (const signal of SIGNALS) process.on(signal, () => end(EXIT_CODES[signal]));
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) end(0);
    }, LOOK_MS).unref();
  }
  return {
    by: (work) => {
      close = work;
    },
  };
}
