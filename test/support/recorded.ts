/**
 * What real tenants answered, and how an answer is held to it. The recordings are those of
 * auth0-deploy-cli, terraform-provider-auth0 and go-auth0; `source` in each file names which.
 */
import { readdir, readFile } from 'node:fs/promises';

/** A type in the place of each value; a list has the shape of its elements, or nothing. */
type Shape = string | readonly Shape[] | { readonly [field: string]: Shape };

export interface RecordedStep {
  /** The place of the request in the recording. */
  readonly id: number;
  readonly method: string;
  /** Below /api/v2/. */
  readonly path: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly status: number;
  /** The id that the answer gave to what was made; of an application its `client_id`. */
  readonly creates?: string;
  /** Which of the story's shapes the answer has; without one it is empty. */
  readonly shape?: string;
  /** By field; `[]` stands for the elements of a list. */
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface RecordedStory {
  readonly title: string;
  readonly source: string;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly steps: readonly RecordedStep[];
}

/** In the order of their files' names. */
export async function readRecordedStories(folder: URL): Promise<readonly RecordedStory[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
  );
}

/** `field: type` of every field in an answer. Of a list's elements each field counts once. */
export function listFields(answer: unknown): readonly string[] {
  const types = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (!types.has(path)) types.set(path, typeName(value));
    if (Array.isArray(value)) for (const item of value) visit(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(value)) visit(field, `${path}.${name}`);
    }
  };
  visit(answer, '');
  return toLines(types);
}

/** The same of a recorded shape, where types stand for values. */
export function listRecordedFields(shape: Shape): readonly string[] {
  const types = new Map<string, string>();
  const visit = (part: Shape, path: string) => {
    types.set(path, typeof part === 'string' ? part : typeName(part));
    if (typeof part === 'string') return;
    if (Array.isArray(part)) for (const item of part) visit(item, `${path}[]`);
    else for (const [name, field] of Object.entries(part)) visit(field, `${path}.${name}`);
  };
  visit(shape, '');
  return toLines(types);
}

/** The values of an answer at `field`: one, or those of all elements where it goes through a list. */
export function readField(answer: unknown, field: string): unknown {
  const [head = '', ...rest] = field.split('[].');
  const value = head
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], answer);
  if (rest.length === 0) return value;
  return (value as unknown[]).map((item) => readField(item, rest.join('[].')));
}

/** `value` with every id of the recording in it replaced by the one that stands for it here. */
export function replaceIds<T>(value: T, ids: ReadonlyMap<string, string>): T {
  let text = JSON.stringify(value);
  for (const [recorded, ours] of ids) text = text.replaceAll(recorded, ours);
  return JSON.parse(text);
}

function toLines(types: ReadonlyMap<string, string>): readonly string[] {
  return [...types].map(([path, type]) => `${path || '.'}: ${type}`).sort();
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
