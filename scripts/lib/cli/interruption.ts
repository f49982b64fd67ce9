/** What is said when somebody ends a script in its middle. */
import { reportAndExit, UserError } from './report-error.ts';

/** As a shell counts: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After it the process ends without the sentence. */
const PATIENCE_MS = 5_000;

/**
 * Does `work`. When the process is told to end meanwhile (Ctrl-C, SIGTERM, SIGHUP), `explain` says
 * in words what state things are in, and may first stop what is going on; then the process ends,
 * by the code of the signal. How `work` goes on after that is not reported. A second signal ends
 * the process at once.
 */
export async function explainInterruption<T>(
  explain: () => string | Promise<string>,
  work: () => Promise<T>,
): Promise<T> {
  let isInterrupted = false;
  const onSignal = (signal: keyof typeof EXIT_CODES) => {
    const code = EXIT_CODES[signal];
    if (isInterrupted) process.exit(code);
    isInterrupted = true;
    setTimeout(() => process.exit(code), PATIENCE_MS);
    // From the line of the spinner to one of its own.
    console.error();
    Promise.resolve()
      .then(explain)
      .then((sentence) => reportAndExit(new UserError(sentence), code))
      .catch((error) => reportAndExit(error, code));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    if (isInterrupted) await new Promise<never>(() => {});
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
