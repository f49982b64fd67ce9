/** An option's value that counts something. Text in, a number out. */
import { UserError } from './report-error.ts';

const MOST = 1_000_000;

/** `undefined` where the option was not given. @throws {UserError} for what is no whole number. */
export function readWholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value <= MOST) return value;
  throw new UserError(`${option} takes a whole number, 0 to ${MOST}; nothing was done.`);
}
