/** A port, as somebody types it. */
import { UserError } from '#scripts/lib/cli/report-error.ts';

const MOST = 65_535;
/** Of https itself: browsers and libraries leave it out of an address, and an issuer is compared. */
const LEFT_OUT = 443;

/** @throws {UserError} for what is no port; 0 is none that could stay. */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (port === LEFT_OUT) {
    throw new UserError(`${option} ${text} is left out of addresses by browsers: choose another.`);
  }
  if (/^\d+$/.test(text) && port >= 1 && port <= MOST) return port;
  throw new UserError(`${option} ${text} is no port: a number from 1 to ${MOST}.`);
}
