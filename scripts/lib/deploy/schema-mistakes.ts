/** What a JSON schema finds wrong in a YAML file, in words and with its place. Values in, values out. */
import type { ErrorObject } from 'ajv';
import type { Mistake } from './tenant-mistakes.ts';
import type { Path } from './yaml-place.ts';

export interface Wording {
  /** Of a name that the schema does not have, at the top of the file. */
  readonly unknownAtTop: string;
  /** What a pattern of the schema means. */
  readonly patterns?: ReadonlyMap<string, string>;
}

/** @param value what was validated. */
export function describeMistake(error: ErrorObject, value: unknown, wording: Wording): Mistake {
  const path = readPointer(error.instancePath, value);
  const { additionalProperty, missingProperty, allowedValues, type, pattern } = error.params;
  if (typeof additionalProperty === 'string') {
    return {
      path: [...path, additionalProperty],
      message: path.length === 0 ? wording.unknownAtTop : 'is not a field that this package knows',
    };
  }
  if (typeof missingProperty === 'string') return { path, message: `lacks ${missingProperty}` };
  if (Array.isArray(allowedValues))
    return { path, message: `must be ${allowedValues.join(' or ')}` };
  if (typeof pattern === 'string') {
    return { path, message: wording.patterns?.get(pattern) ?? 'is not written as it must be' };
  }
  const types = [type].flat().filter((name) => typeof name === 'string');
  if (types.length > 0) {
    return { path, message: `must be ${types.map((name) => NAMES[name] ?? name).join(' or ')}` };
  }
  return { path, message: error.message ?? 'is wrong' };
}

/** As YAML calls them. */
const NAMES: Readonly<Record<string, string>> = {
  object: 'a mapping (name: value)',
  array: 'a list (- …)',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
};

/** A JSON pointer; its steps into a list are numbers. */
function readPointer(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  let at = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(name) : name);
    at = (at as Readonly<Record<string, unknown>> | undefined)?.[name];
  }
  return path;
}
