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
    throw invalidBody(`Expected type string on property ${name}`);
  }
  return value;
}

export function optionalStrings(body: Body, name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw invalidBody(`Expected type array of strings on property ${name}`);
  }
  return value;
}
