/** How a script ends when it cannot do its work: one clear sentence, exit code 1. */
import { styleText } from 'node:util';

/** An error that a person can act on: its message says what is wrong, where, and what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/**
 * Says the error and ends the process. A stack is for what nobody foresaw, so only then. With
 * `--json`, standard output gets one object, `{ "error": { "message" } }`.
 * @param indent of it; 0 keeps it on one line, for who reads lines.
 */
export function reportAndExit(error: unknown, code = 1, indent = 2): never {
  const message = error instanceof Error ? error.message : String(error);
  const isForeseen = error instanceof Error && /^(User|Bundle|Settings)Error$/.test(error.name);
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ error: { message } }, null, indent));
  }
  const text = isForeseen || !(error instanceof Error) ? message : error.stack;
  console.error(`${styleText('red', '✗')} ${text}`);
  process.exit(code);
}

/**
 * `… | head` closes the pipe before everything is said. The work goes on: a deploy must not end in
 * its middle because nobody reads it.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listeners('error').includes(onStreamError)) continue;
    stream.on('error', onStreamError);
  }
}

function onStreamError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
