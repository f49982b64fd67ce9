/**
 * The subset of Lucene's query language that Auth0 documents, read into a tree. What a field is,
 * and which of them there are, is not known here.
 */

export type LuceneValue =
  /** In quotes. */
  | { readonly kind: 'phrase'; readonly text: string }
  /** A word; where it has wildcards, what is between them. */
  | { readonly kind: 'word'; readonly literals: readonly string[] }
  | {
      readonly kind: 'range';
      /** `*` is no limit. */
      readonly min: string;
      readonly max: string;
      readonly includesMin: boolean;
      readonly includesMax: boolean;
    };

export type LuceneQuery =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly LuceneQuery[] }
  | { readonly kind: 'not'; readonly part: LuceneQuery }
  /** Without a field it is a bare term. */
  | { readonly kind: 'term'; readonly field: string | undefined; readonly value: LuceneValue };

/** What is wrong with a query, for whoever sent it. */
export class LuceneError extends Error {
  override readonly name = 'LuceneError';
}

type Token =
  | { readonly kind: '(' | ')' | ':' | 'AND' | 'OR' | 'NOT' | 'end' }
  | { readonly kind: 'value'; readonly value: LuceneValue };

/** @throws {LuceneError} */
export function parseLucene(text: string): LuceneQuery {
  const tokens = tokenize(text);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: 'end' };
  const take = (kind: Token['kind']): void => {
    if (peek().kind !== kind) throw new LuceneError(`expected ${kind}, found ${peek().kind}`);
    position += 1;
  };

  /** Clauses with OR between them, or with nothing: then those with NOT take from the others. */
  const parseAny = (field: string | undefined): LuceneQuery => {
    let last = { clause: parseAll(field), isAlternative: false };
    const clauses = [last];
    while (peek().kind !== 'end' && peek().kind !== ')') {
      const isAlternative = peek().kind === 'OR';
      if (isAlternative) {
        position += 1;
        last.isAlternative = true;
      }
      last = { clause: parseAll(field), isAlternative };
      clauses.push(last);
    }
    const isExclusion = ({ clause, isAlternative }: typeof last) =>
      clause.kind === 'not' && !isAlternative;
    const exclusions = clauses.filter(isExclusion).map(({ clause }) => clause);
    const others = clauses.filter((entry) => !isExclusion(entry)).map(({ clause }) => clause);
    return combine(
      'and',
      others.length === 0 ? exclusions : [combine('or', others), ...exclusions],
    );
  };

  const parseAll = (field: string | undefined): LuceneQuery => {
    const parts = [parseOne(field)];
    while (peek().kind === 'AND') {
      position += 1;
      parts.push(parseOne(field));
    }
    return combine('and', parts);
  };

  const parseOne = (field: string | undefined): LuceneQuery => {
    const token = peek();
    position += 1;
    if (token.kind === 'NOT') return { kind: 'not', part: parseOne(field) };
    if (token.kind === '(') {
      const inner = parseAny(field);
      take(')');
      return inner;
    }
    if (token.kind !== 'value') throw new LuceneError(`unexpected ${token.kind}`);
    if (peek().kind !== ':') return { kind: 'term', field, value: token.value };
    take(':');
    if (field !== undefined || token.value.kind !== 'word' || token.value.literals.length > 1) {
      throw new LuceneError('unexpected :');
    }
    return parseOne(token.value.literals[0]);
  };

  const query = parseAny(undefined);
  take('end');
  return query;
}

function combine(kind: 'and' | 'or', parts: readonly LuceneQuery[]): LuceneQuery {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

const RANGE = /([[{])\s*(\S+)\s+TO\s+([^\s\]}]+)\s*([\]}])/y;
const PHRASE = /"((?:[^"\\]|\\.)*)"/sy;
const WORD = /(?:[^\s()":[\]{}\\]|\\.)+/sy;
/** Lucene has a meaning for each, and Auth0 documents none of them. */
const UNDOCUMENTED = /^[+!/]|[~^?]|&&|\|\|/;

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let index = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = index;
    const found = pattern.exec(text);
    if (found !== null) index += found[0].length;
    return found;
  };
  while (index < text.length) {
    const char = text[index] ?? '';
    if (/\s/.test(char)) {
      index += 1;
    } else if (char === '(' || char === ')' || char === ':') {
      tokens.push({ kind: char });
      index += 1;
    } else if (char === '-') {
      tokens.push({ kind: 'NOT' });
      index += 1;
    } else {
      const token = readPhrase(match(PHRASE)) ?? readRange(match(RANGE)) ?? readWord(match(WORD));
      if (token === undefined) throw new LuceneError(`unexpected character at ${index}`);
      tokens.push(token);
    }
  }
  return tokens;
}

function readPhrase(found: RegExpExecArray | null): Token | undefined {
  if (found === null) return undefined;
  return { kind: 'value', value: { kind: 'phrase', text: withoutEscapes(found[1] ?? '') } };
}

function readRange(found: RegExpExecArray | null): Token | undefined {
  if (found === null) return undefined;
  const [, open, min = '*', max = '*', close] = found;
  const [includesMin, includesMax] = [open === '[', close === ']'];
  return { kind: 'value', value: { kind: 'range', min, max, includesMin, includesMax } };
}

function readWord(found: RegExpExecArray | null): Token | undefined {
  const text = found?.[0];
  if (text === undefined) return undefined;
  if (text === 'AND' || text === 'OR' || text === 'NOT') return { kind: text };
  if (UNDOCUMENTED.test(text.replace(/\\./gs, ''))) {
    throw new LuceneError(`unsupported syntax "${text}"`);
  }
  const literals = text.split(/(?<!\\)\*/).map(withoutEscapes);
  const isPrefix = literals.length === 2 && literals[1] === '';
  const isExistence = literals.every((literal) => literal === '');
  if (literals.length > 1 && !isPrefix && !isExistence) {
    if (literals.some((literal) => literal !== '' && literal.length < 3)) {
      throw new LuceneError('a literal beside a wildcard needs 3 characters or more');
    }
  }
  return { kind: 'value', value: { kind: 'word', literals } };
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
