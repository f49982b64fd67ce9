/** Whether something matches a query, by the rules that Auth0 has for the search of users and logs. */
import { ApiError } from './http.ts';
import { LuceneError, type LuceneQuery, type LuceneValue, parseLucene } from './lucene.ts';

export interface SearchField {
  /** Email addresses and names are compared without case, all else with it. */
  readonly isCaseInsensitive?: boolean;
  readonly isDate?: boolean;
  /** Neither wildcards nor ranges. */
  readonly isExactOnly?: boolean;
}

export interface SearchSpace<T> {
  /** `undefined` for a field that cannot be searched. */
  readonly describe: (field: string) => SearchField | undefined;
  /** What a term without a field is compared with. */
  readonly bareFields: readonly string[];
  /** The values of a field; those in a list one by one. */
  readonly read: (entry: T, field: string) => readonly unknown[];
}

/**
 * @param text the parameter `q`; without one everything matches.
 * @throws {ApiError} 400, for what is not a query or asks for what cannot be searched.
 */
export function createSearch<T>(text: string | null, space: SearchSpace<T>): (entry: T) => boolean {
  if (text === null || text.trim() === '') return () => true;
  try {
    const query = parseLucene(text);
    assertSearchable(query, space);
    return (entry) => isMatch(query, entry, space);
  } catch (error) {
    if (!(error instanceof LuceneError)) throw error;
    const message = `The search query string has an error: ${error.message}`;
    throw new ApiError(400, message, 'invalid_query_string');
  }
}

const EXISTS = '_exists_';

function assertSearchable<T>(query: LuceneQuery, space: SearchSpace<T>): void {
  if (query.kind !== 'term') {
    const parts = query.kind === 'not' ? [query.part] : query.parts;
    for (const part of parts) assertSearchable(part, space);
    return;
  }
  const { field, value } = query;
  if (field === undefined) return;
  const name = field === EXISTS ? textOf(value) : field;
  const description = space.describe(name);
  if (description === undefined) throw new LuceneError(`unknown field "${name}"`);
  const isExact = value.kind === 'phrase' || (value.kind === 'word' && value.literals.length === 1);
  if (description.isExactOnly === true && !isExact) {
    throw new LuceneError(`field "${name}" takes neither wildcards nor ranges`);
  }
  if (description.isDate === true && value.kind === 'range') {
    const wrong = [value.min, value.max].find((limit) => limit !== '*' && !DATE.test(limit));
    if (wrong !== undefined) throw new LuceneError(`"${wrong}" is not a date`);
  }
}

function isMatch<T>(query: LuceneQuery, entry: T, space: SearchSpace<T>): boolean {
  switch (query.kind) {
    case 'and':
      return query.parts.every((part) => isMatch(part, entry, space));
    case 'or':
      return query.parts.some((part) => isMatch(part, entry, space));
    case 'not':
      return !isMatch(query.part, entry, space);
    case 'term': {
      const { field, value } = query;
      if (field === EXISTS) return space.read(entry, textOf(value)).some(isIndexed);
      const fields = field === undefined ? space.bareFields : [field];
      return fields.some((name) =>
        space
          .read(entry, name)
          .filter(isIndexed)
          .some((candidate) => isValueMatch(candidate, value, space.describe(name) ?? {})),
      );
    }
  }
}

/** What is empty cannot be found. */
function isIndexed(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function isValueMatch(candidate: unknown, value: LuceneValue, field: SearchField): boolean {
  if (typeof candidate === 'object') return isExistenceQuery(value);
  const fold = (text: string) => (field.isCaseInsensitive ? text.toLowerCase() : text);
  const text = String(candidate);
  if (value.kind === 'range') return isInRange(candidate, value, field);
  if (value.kind === 'phrase')
    return fold(text) === fold(value.text) || isWithin(text, value, field);
  const { literals } = value;
  if (literals.length === 1) {
    return fold(text) === fold(literals.join()) || isWithin(text, value, field);
  }
  const pattern = literals.map((literal) => fold(literal).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(fold(text));
}

function isExistenceQuery(value: LuceneValue): boolean {
  return value.kind === 'word' && value.literals.length > 1 && value.literals.join('') === '';
}

/** A day, a month or a year stands for all of it. */
function isWithin(text: string, value: LuceneValue, { isDate }: SearchField): boolean {
  const span = isDate === true ? spanOf(textOf(value)) : undefined;
  const time = Date.parse(text);
  return span !== undefined && time >= span.startMs && time < span.endMs;
}

type Range = Extract<LuceneValue, { kind: 'range' }>;

function isInRange(candidate: unknown, range: Range, { isDate }: SearchField): boolean {
  if (isDate === true) return isInDateRange(Date.parse(String(candidate)), range);
  const compare =
    typeof candidate === 'number'
      ? (limit: string) => candidate - Number(limit)
      : (limit: string) => (String(candidate) < limit ? -1 : Number(String(candidate) > limit));
  const { min, max, includesMin, includesMax } = range;
  const isAbove = min === '*' || (includesMin ? compare(min) >= 0 : compare(min) > 0);
  return isAbove && (max === '*' || (includesMax ? compare(max) <= 0 : compare(max) < 0));
}

/** A limit that is included is so as a whole: `2025-12-31]` ends with that day, `2025-12-31}` before. */
function isInDateRange(time: number, range: Range): boolean {
  const [min, max] = [spanOf(range.min), spanOf(range.max)];
  const isAbove = min === undefined || time >= (range.includesMin ? min.startMs : min.endMs);
  return isAbove && (max === undefined || time < (range.includesMax ? max.endMs : max.startMs));
}

const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?)?Z?)?)?)?$/;

/** Of a date that may stop anywhere after its year, in UTC; `undefined` for what is none. */
function spanOf(text: string): { readonly startMs: number; readonly endMs: number } | undefined {
  const [, ...parts] = DATE.exec(text) ?? [];
  const numbers = parts.filter((part) => part !== undefined).map(Number);
  if (numbers.length === 0) return undefined;
  const [year = 0, month = 1, day = 1, ...rest] = numbers;
  const startMs = Date.UTC(year, month - 1, day, ...rest);
  if (numbers.length === 1) return { startMs, endMs: Date.UTC(year + 1, 0) };
  if (numbers.length === 2) return { startMs, endMs: Date.UTC(year, month) };
  const unitMs = [86_400_000, 3_600_000, 60_000, 1_000, 1][numbers.length - 3] ?? 1;
  return { startMs, endMs: startMs + unitMs };
}

function textOf(value: LuceneValue): string {
  if (value.kind === 'phrase') return value.text;
  return value.kind === 'word' ? value.literals.join('*') : '';
}

/** The values at a path of names, through lists, one by one. */
export function readPath(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => readPath(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return readPath((value as Readonly<Record<string, unknown>>)[name], rest);
}
