/** The list of people: a table for a terminal, CSV, JSON. Values in, text out. */
import { styleText } from 'node:util';
import { cutTo, padTo, toHarmless, toHarmlessJson, widthOf } from '../cli/harmless.ts';
import { writeCsv } from './csv.ts';
import type { People } from './list.ts';
import { COLUMNS, type PersonRow } from './rows.ts';
import { writeAge } from './times.ts';

const HEADER = ['', 'who', 'workspaces', 'last look', 'last login', 'why'];
/** No column is made narrower for another. */
const NARROWEST = 8;
const GAP = 2;

/** @param width columns of the terminal. */
export function renderPeople({ rows, total, notes, nowMs }: People, width: number): string {
  const age = (at: number | undefined) =>
    at === undefined ? 'never' : `${writeAge(nowMs - at)} ago`;
  const cells = rows.map(({ name, status, lastLook, lastLogin, columns }) => [
    status,
    toHarmless(name),
    toHarmless(columns.workspaces),
    age(lastLook),
    age(lastLogin),
    toHarmless(columns.reason),
  ]);
  const widths = fitInto([HEADER, ...cells], width);
  const line = (row: readonly string[]) =>
    row.map((cell, at) => padTo(widths[at] ?? 0, cutTo(widths[at] ?? 0, cell)));
  const count = (status: PersonRow['status']) => rows.filter((row) => row.status === status).length;
  const shown = rows.length === total ? `${total} people` : `${rows.length} of ${total} people`;
  return [
    ...(rows.length === 0 ? [] : [styleText('bold', line(HEADER).join(' '.repeat(GAP)).trimEnd())]),
    ...cells.map((row) => {
      const [status = '', ...rest] = line(row);
      return [paint(status), ...rest].join(' '.repeat(GAP)).trimEnd();
    }),
    `${shown}: ${count('in')} in, ${count('out')} out, ${count('unknown')} unknown.`,
    ...notes,
  ].join('\n');
}

export function renderPeopleAsCsv({ rows }: People): string {
  return writeCsv([COLUMNS, ...rows.map(({ columns }) => COLUMNS.map((name) => columns[name]))]);
}

/** What is not known is `null`. */
export function renderPeopleAsJson({ rows }: People): string {
  const people = rows.map(({ columns }) =>
    Object.fromEntries(
      COLUMNS.map((name) => [
        name,
        name !== 'workspaces' && columns[name] === '' ? null : columns[name],
      ]),
    ),
  );
  return toHarmlessJson({ people });
}

/** The widest columns give way first. */
function fitInto(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const widths = HEADER.map((_, at) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), 0),
  );
  const sum = () => widths.reduce((total, one) => total + one, GAP * (widths.length - 1));
  while (sum() > width) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function paint(status: string): string {
  switch (status.trim()) {
    case 'in':
      return styleText('green', status);
    case 'out':
      return styleText('red', status);
    default:
      return styleText('yellow', status);
  }
}
