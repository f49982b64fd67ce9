/** How a script ends when it cannot do its work: one clear sentence, exit code 1. */
import { styleText } from 'node:util';

/** An error that a person can act on: its message says what is wrong, where, and what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Prints the error and ends the process. A stack is for what nobody foresaw, so only then. */
export function reportAndExit(error: unknown): never {
  const isForeseen = error instanceof Error && /^(User|Bundle)Error$/.test(error.name);
  const text = isForeseen ? error.message : error instanceof Error ? error.stack : String(error);
  console.error(`${styleText('red', '✗')} ${text}`);
  process.exit(1);
}
