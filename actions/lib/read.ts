/** Reading untrusted values field by field. Nothing is cast; what is unknown is `undefined`. */

const UUID = /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/;
const SLUG = /^[a-z0-9_][a-z0-9_.-]{0,99}$/;

/** An own property of a plain object; `undefined` for anything else. */
export function readField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** A string that is not empty. */
export function readString(value: unknown, name: string): string | undefined {
  const field = readField(value, name);
  return typeof field === 'string' && field !== '' ? field : undefined;
}

/** A Bitbucket uuid with its braces, in lower case. */
export function parseUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const uuid = foldAscii(value);
  return UUID.test(uuid) ? uuid : undefined;
}

/** A workspace slug, in lower case. */
export function parseSlug(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const slug = foldAscii(value);
  return SLUG.test(slug) ? slug : undefined;
}

/** `workspace/repository`, in lower case. */
export function parseFullName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = foldAscii(value);
  return /^[a-z0-9_.-]{1,128}\/[a-z0-9_.-]{1,128}$/.test(name) ? name : undefined;
}

/**
 * Lower case for A to Z alone. `toLowerCase` maps some other letters onto these (the Kelvin sign
 * becomes k), which would make two different addresses the same.
 */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** `undefined` where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
