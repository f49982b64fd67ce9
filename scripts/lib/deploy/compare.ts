/**
 * Whether the tenant has what is declared. A server writes lists in its own order, leaves out what
 * is as it would be anyway, adds fields, and folds capitals: none of this is a difference. Values
 * in, values out.
 */

export interface FieldChange {
  readonly field: string;
  /** For people: short, and `(hidden)` for a secret. */
  readonly from: string;
  readonly to: string;
}

export const HIDDEN = '(hidden)';
export const ABSENT = '(none)';

/** What is the same in other capitals only where a machine writes it. */
const WRITTEN_BY_PEOPLE = new Set(['name', 'display_name', 'description', 'client_id', 'client_secret']);
const IS_SECRET = /secret|password|private|token$|_key$|certificate/i;

/** The change of `field`, or none. */
export function compare(field: string, from: unknown, to: unknown): readonly FieldChange[] {
  const name = field.split('.').at(-1) ?? field;
  if (isAsDeclared(from, to, WRITTEN_BY_PEOPLE.has(name))) return [];
  if (isSecret(field)) return [{ field, from: from === undefined ? ABSENT : HIDDEN, to: HIDDEN }];
  return [{ field, from: describe(from), to: describe(to) }];
}

/** Every field of what is to be made. */
export function list(field: string, to: unknown): readonly FieldChange[] {
  return [{ field, from: ABSENT, to: isSecret(field) ? HIDDEN : describe(to) }];
}

/** Lists whose order is their meaning. */
export function compareOrder(
  field: string,
  from: readonly string[],
  to: readonly string[],
): readonly FieldChange[] {
  const isSame = from.length === to.length && from.every((entry, index) => entry === to[index]);
  return isSame ? [] : [{ field, from: describe(from), to: describe(to) }];
}

export function isSecret(field: string): boolean {
  return IS_SECRET.test(field.split('.').at(-1) ?? field);
}

function isAsDeclared(actual: unknown, declared: unknown, isCaseSensitive: boolean): boolean {
  if (isNothing(declared)) return isNothing(actual);
  if (Array.isArray(declared)) return Array.isArray(actual) && hasSameEntries(actual, declared);
  if (isRecord(declared)) {
    // Of an object only what is declared is ours to compare.
    return (
      isRecord(actual) &&
      Object.entries(declared).every(([name, value]) =>
        isAsDeclared(actual[name], value, WRITTEN_BY_PEOPLE.has(name)),
      )
    );
  }
  if (typeof declared === 'string' && typeof actual === 'string' && !isCaseSensitive) {
    return actual.toLowerCase() === declared.toLowerCase();
  }
  return actual === declared;
}

function hasSameEntries(actual: readonly unknown[], declared: readonly unknown[]): boolean {
  const isIn = (entry: unknown, entries: readonly unknown[]) =>
    entries.some((other) => isAsDeclared(other, entry, false));
  return (
    declared.every((entry) => isIn(entry, actual)) && actual.every((entry) => isIn(entry, declared))
  );
}

/** What a server leaves out, or writes, as it likes. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return ABSENT;
  if (Array.isArray(value)) {
    return value.length === 0 ? ABSENT : value.map((entry) => describe(entry)).join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(hideSecrets(value));
}

function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, isSecret(name) ? HIDDEN : hideSecrets(entry)]),
  );
}
