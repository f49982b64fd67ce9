/** Claims, for people: other people's text among them. Values in, text out. */
import { toHarmless } from './harmless.ts';

/** Those of `namespace`, a line each, by their names alone; JSON, each object of an array on a line. */
export function renderClaims(
  claims: Readonly<Record<string, unknown>>,
  namespace: string,
): readonly string[] {
  return Object.entries(claimsOf(claims, namespace)).map(
    ([name, value]) => `    ${toHarmless(name).padEnd(15)}${show(value)}`,
  );
}

/** Those of `namespace`, by their names alone. */
export function claimsOf(
  claims: Readonly<Record<string, unknown>>,
  namespace: string,
): Readonly<Record<string, unknown>> {
  const prefix = `${namespace.replace(/\/$/, '')}/`;
  return Object.fromEntries(
    Object.entries(claims)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return toHarmless(value);
  if (!Array.isArray(value) || value.every((entry) => typeof entry !== 'object')) {
    return toHarmless(JSON.stringify(value));
  }
  const lines = value.map((entry) => toHarmless(JSON.stringify(entry)));
  return `[${lines.join(`,\n${' '.repeat(20)}`)}]`;
}
