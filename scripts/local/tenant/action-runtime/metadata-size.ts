/** The size of plain data as Auth0 counts it: its JSON, in bytes. */

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** A copy of plain data. @throws {TypeError} for what JSON cannot say. */
export function cloneJson(value: unknown, what: string): unknown {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} must be plain data`);
  return JSON.parse(text);
}
