/** A port, as somebody types it. */
import { UserError } from '#scripts/lib/cli/report-error.ts';

const MOST = 65_535;

/** @throws {UserError} for what is no port; 0 is none that could stay. */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= MOST) return port;
  throw new UserError(`${option} ${text} is no port: a number from 1 to ${MOST}.`);
}
