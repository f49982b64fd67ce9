/** CSV for spreadsheets. Text in, text out. */
import { toHarmless } from '../cli/harmless.ts';

/**
 * Where a spreadsheet would begin to compute: at the beginning of a cell, and after a `;`, which
 * begins the next one where a comma is the decimal sign, quoted or not. Some trim what is before it.
 */
const FORMULA = /(^|;)(?=[\s"]*[=+\-@＝＋－＠]|[\t\r\n])/gu;

/**
 * RFC 4180: lines end with CRLF, a cell with a comma, a quote or a line break stands in quotes. A
 * cell that a spreadsheet would take for a formula gets a `'` before it, as OWASP advises.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(value: string): string {
  const text = toHarmless(value.replace(FORMULA, "$1'"));
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
