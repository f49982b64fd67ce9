/** The two ways Auth0 pages: by number, and by a checkpoint. */
import { type ApiResponse, invalidQuery } from './http.ts';

export const PAGE_QUERY = ['page', 'per_page'];
export const TOTALS_QUERY = [...PAGE_QUERY, 'include_totals'];
export const CHECKPOINT_QUERY = ['from', 'take'];
export const FIELDS_QUERY = ['fields', 'include_fields'];

const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 50;

/** An array, or with `include_totals` an object with the array in `name`. */
export function byPage(
  query: URLSearchParams,
  name: string,
  entries: readonly unknown[],
): ApiResponse {
  const { page, perPage, slice } = cut(query, entries);
  if (query.get('include_totals') !== 'true') return { status: 200, body: slice };
  const body = { total: entries.length, start: page * perPage, limit: perPage };
  return { status: 200, body: { ...body, [name]: slice } };
}

/**
 * As the Actions API has it: always an object, `include_totals` is not known, and a number that is
 * 0 is left out; `total` is also on a page beyond the last.
 */
export function byActionsPage(
  query: URLSearchParams,
  name: string,
  entries: readonly unknown[],
): ApiResponse {
  const { page, perPage, slice } = cut(query, entries);
  return {
    status: 200,
    body: {
      [name]: slice,
      ...(slice.length === 0 ? {} : { total: entries.length }),
      ...(page === 0 ? {} : { page }),
      per_page: perPage,
    },
  };
}

/** An object with the array in `name`, and `next` where there is more. */
export function byCheckpoint(
  query: URLSearchParams,
  name: string,
  entries: readonly unknown[],
): ApiResponse {
  const from = readNumber(query, 'from', 0, Number.MAX_SAFE_INTEGER);
  const take = readNumber(query, 'take', DEFAULT_PER_PAGE, MAX_PER_PAGE);
  const end = from + take;
  const next = end < entries.length ? { next: String(end) } : {};
  return { status: 200, body: { [name]: entries.slice(from, end), ...next } };
}

/**
 * Whichever of the two the caller asks for.
 * @param reach how many entries pages by number can show: those beyond are on no page.
 */
export function byEither(
  query: URLSearchParams,
  name: string,
  entries: readonly unknown[],
  reach = Number.POSITIVE_INFINITY,
): ApiResponse {
  const isCheckpoint = query.has('take') || query.has('from');
  if (isCheckpoint) return byCheckpoint(query, name, entries);
  return byPage(query, name, entries.slice(0, reach));
}

/** Only the `fields` that are asked for, and those that are `always` shown; without any, all. */
export function pickFields(
  query: URLSearchParams,
  entry: object,
  always: readonly string[] = [],
): object {
  const fields = query.get('fields')?.split(',');
  if (fields === undefined) return entry;
  const isIncluded = query.get('include_fields') !== 'false';
  return Object.fromEntries(
    Object.entries(entry).filter(
      ([key]) => fields.includes(key) === isIncluded || (isIncluded && always.includes(key)),
    ),
  );
}

function cut(query: URLSearchParams, entries: readonly unknown[]) {
  const page = readNumber(query, 'page', 0, Number.MAX_SAFE_INTEGER);
  const perPage = readNumber(query, 'per_page', DEFAULT_PER_PAGE, MAX_PER_PAGE);
  return { page, perPage, slice: entries.slice(page * perPage, (page + 1) * perPage) };
}

function readNumber(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw invalidQuery(`Value ${text} of ${name} is out of range`);
  }
  return value;
}
