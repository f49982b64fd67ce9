/** The question before a write. */
import { createInterface } from 'node:readline';
import { reportAndExit, UserError } from './report-error.ts';

const UNCHANGED = 'Nothing was changed.';

/**
 * Goes on when a person says yes. Ctrl-C ends the process with 130.
 * @throws {UserError} where there is nobody to ask, and for every other answer, Ctrl-D too.
 */
export async function confirm(question: string, { yes }: { readonly yes: boolean }): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new UserError('Nobody is there to ask; nothing was changed. In CI, say -- --yes.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string | undefined>((resolve) => {
    terminal.once('SIGINT', () => {
      console.error();
      reportAndExit(new UserError(UNCHANGED), 130);
    });
    terminal.once('close', () => resolve(undefined));
    terminal.question(`${question} [y/N] `, resolve);
  });
  // Ctrl-D leaves the cursor behind the question.
  if (answer === undefined) console.error();
  terminal.close();
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new UserError(UNCHANGED);
}
