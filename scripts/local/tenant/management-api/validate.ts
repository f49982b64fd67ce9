/** Checks on what a caller sends. Each throws an ApiError as Auth0 words it. */
import { invalidBody, invalidQuery } from './http.ts';

export type Body = Readonly<Record<string, unknown>>;

/** A JSON object with no other properties than these. */
export function assertBody(body: unknown, allowed: readonly string[]): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidBody('Expected type object but found another type');
  }
  const unknown = Object.keys(body).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) {
    throw invalidBody(`Additional properties not allowed: ${unknown.join(', ')}`);
  }
  return body as Body;
}

export function assertQuery(query: URLSearchParams, allowed: readonly string[]): void {
  const unknown = [...query.keys()].filter((key) => !allowed.includes(key));
  if (unknown.length > 0) {
    throw invalidQuery(`Additional properties not allowed: ${unknown.join(', ')}`);
  }
}

export function requireString(body: Body, name: string): string {
  const value = body[name];
  if (value === undefined) throw invalidBody(`Missing required property: ${name}`);
  if (typeof value !== 'string' || value === '') {
    throw invalidBody('Expected type string', name);
  }
  return value;
}

export function optionalString(body: Body, name: string): string | undefined {
  return body[name] === undefined ? undefined : requireString(body, name);
}

export function optionalStrings(body: Body, name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw invalidBody('Expected type array of strings', name);
  }
  return value;
}

const METADATA = { keys: 10, length: 255 };

/** Of a connection or an application. With `null` in the place of a value the key is removed. */
export function optionalMetadata(
  body: Body,
  name: string,
): Readonly<Record<string, string | null>> | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const metadata = assertObject(value, name);
  if (Object.keys(metadata).length > METADATA.keys) {
    throw invalidBody(`Too many properties (at most ${METADATA.keys})`, name);
  }
  for (const [key, entry] of Object.entries(metadata)) {
    const isString = typeof entry === 'string' && entry.length <= METADATA.length;
    if (key.length > METADATA.length || (entry !== null && !isString)) {
      throw invalidBody(
        `Expected a string of at most ${METADATA.length} characters in property ${name}`,
      );
    }
  }
  return metadata as Readonly<Record<string, string | null>>;
}

export function assertObject(value: unknown, name: string): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidBody('Expected type object', name);
  }
  return value as Body;
}

/** `changes` over `metadata`, as Auth0 merges it: one level deep, and `null` removes a key. */
export function mergeMetadata(
  metadata: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...metadata, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
