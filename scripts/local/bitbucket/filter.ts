/**
 * The `q` of a list: text in, a condition on its entries out. No I/O.
 *
 * Fields, operators, `AND`, `OR`, parentheses and double-quoted strings are those of
 * https://developer.atlassian.com/cloud/bitbucket/rest/intro/#filtering. UNVERIFIED, as that page
 * shows no more than examples: that a backslash escapes in a string, that `AND` binds tighter than
 * `OR`, that `=` heeds case, that keywords do not, and the words of a refusal but for a field that
 * cannot be filtered by. Not taken here, and refused: `IN`, and dates and numbers, which no field of
 * ours is.
 */

/** A text, or one of these words from the least to the most. */
export type FieldKind = 'text' | readonly string[];
export type Condition = (entry: Readonly<Record<string, string>>) => boolean;

/** What Bitbucket says, with a 400. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

export interface Filter {
  readonly matches: Condition;
  readonly usesOr: boolean;
}

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<sign>[!><]=|!~|[=~><()])|(?<word>[a-z_][\w.]*))/iy;

interface Token {
  readonly kind: 'text' | 'sign' | 'word' | 'end';
  readonly value: string;
}

/** @throws {FilterError} for what is no filter, or not of these fields. */
export function parseFilter(query: string, fields: Readonly<Record<string, FieldKind>>): Filter {
  const tokens = tokenize(query);
  let place = 0;
  let usesOr = false;
  const peek = (): Token => tokens[place] ?? { kind: 'end', value: '' };
  const take = (): Token => {
    const token = peek();
    place += 1;
    return token;
  };
  const takeIf = (kind: Token['kind'], value: string): boolean => {
    const is = peek().kind === kind && peek().value.toUpperCase() === value;
    if (is) place += 1;
    return is;
  };

  const parseAny = (): Condition => {
    const parts = [parseAll()];
    while (takeIf('word', 'OR')) parts.push(parseAll());
    if (parts.length > 1) usesOr = true;
    return (entry) => parts.some((part) => part(entry));
  };
  const parseAll = (): Condition => {
    const parts = [parseOne()];
    while (takeIf('word', 'AND')) parts.push(parseOne());
    return (entry) => parts.every((part) => part(entry));
  };
  const parseOne = (): Condition => {
    if (!takeIf('sign', '(')) return parseComparison();
    const inner = parseAny();
    if (!takeIf('sign', ')')) throw invalid();
    return inner;
  };
  const parseComparison = (): Condition => {
    const [field, operator, literal] = [take(), take(), take()];
    if (field.kind !== 'word' || operator.kind !== 'sign') throw invalid();
    const kind = Object.hasOwn(fields, field.value) ? fields[field.value] : undefined;
    if (kind === undefined)
      throw new FilterError(`Field "${field.value}" does not support filtering`);
    if (literal.kind !== 'text') throw invalid();
    const holds = compare(operator.value, unquote(literal.value), kind);
    return (entry) => holds(entry[field.value] ?? '');
  };

  const matches = parseAny();
  if (peek().kind !== 'end') throw invalid();
  return { matches, usesOr };
}

function tokenize(query: string): readonly Token[] {
  const text = query.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw invalid();
    for (const kind of ['text', 'sign', 'word'] as const) {
      const value = groups[kind];
      if (value !== undefined) tokens.push({ kind, value });
    }
  }
  return tokens;
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

function compare(operator: string, wanted: string, kind: FieldKind): (value: string) => boolean {
  const isWithin = (value: string) => value.toLowerCase().includes(wanted.toLowerCase());
  switch (operator) {
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '~':
      return isWithin;
    case '!~':
      return (value) => !isWithin(value);
  }
  if (kind === 'text' || !kind.includes(wanted)) throw invalid();
  const distance = (value: string) => kind.indexOf(value) - kind.indexOf(wanted);
  switch (operator) {
    case '>':
      return (value) => distance(value) > 0;
    case '>=':
      return (value) => distance(value) >= 0;
    case '<':
      return (value) => distance(value) < 0;
    case '<=':
      return (value) => distance(value) <= 0;
    default:
      throw invalid();
  }
}

function invalid(): FilterError {
  return new FilterError('Invalid query');
}
