/** The two ways Auth0 pages: by number, and by a checkpoint. */
import { ApiError, type ApiResponse, invalidQuery } from './http.ts';

export const PAGE_QUERY = ['page', 'per_page'];
export const TOTALS_QUERY = [...PAGE_QUERY, 'include_totals'];
export const CHECKPOINT_QUERY = ['from', 'take'];
export const FIELDS_QUERY = ['fields', 'include_fields'];

const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 50;
const SEARCH_REACH = 1_000;
const PAGING_HELP = 'https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation';

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
 * As the searches have it: an array, or with `include_totals` an object with a `length` too. Pages
 * reach 1,000 entries, and one beyond is refused.
 * @param total of all that match, as far as pages reach, or of those on the page alone.
 */
export function bySearchPage(
  query: URLSearchParams,
  name: string,
  entries: readonly unknown[],
  total: 'all' | 'page',
): ApiResponse {
  const { page, perPage, slice } = cut(query, entries);
  if ((page + 1) * perPage > SEARCH_REACH) {
    const message = `You can only page through the first ${SEARCH_REACH} records. See ${PAGING_HELP}`;
    throw new ApiError(400, message, 'invalid_paging');
  }
  if (query.get('include_totals') !== 'true') return { status: 200, body: slice };
  const body = {
    start: page * perPage,
    limit: perPage,
    length: slice.length,
    total: total === 'all' ? Math.min(entries.length, SEARCH_REACH) : slice.length,
  };
  return { status: 200, body: { ...body, [name]: slice } };
}

/**
 * Entries by `sort`, which is `field:1` or, from the highest to the lowest, `field:-1`; without one
 * in their own order.
 * @param isSortable which fields there are to sort by.
 */
export function sortEntries<T extends object>(
  query: URLSearchParams,
  entries: readonly T[],
  isSortable: (field: string) => boolean,
): readonly T[] {
  const sort = query.get('sort');
  if (sort === null) return entries;
  const [, field = '', order] = /^([\w.]+):(1|-1)$/.exec(sort) ?? [];
  if (!isSortable(field)) throw invalidQuery('String does not match pattern', 'sort');
  const read = (entry: T) => (entry as Readonly<Record<string, unknown>>)[field] ?? '';
  return [...entries].sort((a, b) => Number(order) * compare(read(a), read(b)));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
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

export function readNumber(
  query: URLSearchParams,
  name: string,
  fallback: number,
  most: number,
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value)) throw invalidQuery('Expected type integer', name);
  if (value < 0) throw invalidQuery(`Value ${text} is less than minimum 0`, name);
  if (value > most) throw invalidQuery(`Value ${text} is greater than maximum ${most}`, name);
  return value;
}
