/** CSV for spreadsheets. Text in, text out. */
import { toHarmless } from '../cli/harmless.ts';

/** What a spreadsheet would compute, or split at. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

/**
 * RFC 4180: lines end with CRLF, a cell with a comma, a quote or a line break stands in quotes. A
 * cell that a spreadsheet would take for a formula gets a `'` before it, as OWASP advises.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(value: string): string {
  const text = FORMULA.test(value) ? `'${toHarmless(value)}` : toHarmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
