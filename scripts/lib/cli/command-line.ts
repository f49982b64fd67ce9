/** The options that scripts share, and the question that some ask. */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { UserError } from './report-error.ts';

export interface CommandLine {
  /** Do not ask. */
  readonly yes: boolean;
  /** Report to a program. */
  readonly json: boolean;
}

/** @throws {UserError} for an option that `allowed` does not name. */
export function readCommandLine(allowed: readonly (keyof CommandLine)[]): CommandLine {
  const options = Object.fromEntries(
    allowed.map((name) => [name, { type: 'boolean' as const, default: false }]),
  );
  try {
    const { values } = parseArgs({ options });
    return { yes: values.yes === true, json: values.json === true };
  } catch (error) {
    const known = allowed.map((name) => `--${name}`).join(', ');
    throw new UserError(`${error instanceof Error ? error.message : error}. Known: ${known}.`);
  }
}

/** @throws {UserError} where there is nobody to ask, or the answer is not yes. */
export async function confirm(question: string, { yes }: CommandLine): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new UserError('Nobody is there to ask; nothing was changed. In CI, say --yes.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError('Nothing was changed.');
}
