/** A world file, read and checked whole: a mistake is told in one sentence, with its place. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Ajv } from 'ajv';
import { type Document, LineCounter, parseDocument, visit, YAMLParseError } from 'yaml';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import { describeMistake } from '#scripts/lib/deploy/schema-mistakes.ts';
import { findPlace, writePath } from '#scripts/lib/deploy/yaml-place.ts';
import type { WorldFile } from './world-file.ts';
import { findMistakes } from './world-mistakes.ts';
import { IN_WORDS, WORLD_SCHEMA } from './world-schema.ts';

const MOST_ALIASES = 100;
const WORDING = { unknownAtTop: 'is nothing that a world file has', patterns: IN_WORDS };

/** @throws {UserError} for a file that is not there, and for the first mistake in it. */
export function readWorld(path: string): WorldFile {
  try {
    return parseWorld(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === 'ENOENT'
        ? `There is no world file ${path}: npm run dev -- --init ${relative('.', path)} writes one to start from.`
        : `The world file ${path} cannot be read (${code}).`,
    );
  }
}

/**
 * @param name what the file is called in a mistake.
 * @throws {UserError} `<name>:<line>:<column>: <what> <is wrong>`.
 */
export function parseWorld(text: string, name: string): WorldFile {
  const lines = new LineCounter();
  const document = readYaml(text, name, lines);
  const value = toValue(document, name, lines);
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    WORLD_SCHEMA,
  );
  const mistakes = validate(value)
    ? findMistakes(value as WorldFile)
    : (validate.errors ?? []).map((error) => describeMistake(error, value, WORDING));
  const [first, ...others] = mistakes;
  if (first === undefined) return value as WorldFile;
  const { line, column } = findPlace(document, lines, first.path);
  const what = writePath(first.path) || 'it';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new UserError(`${name}:${line}:${column}: ${what} ${first.message}${more}.`);
}

function readYaml(text: string, name: string, lineCounter: LineCounter): Document {
  const document = parseDocument(text, { lineCounter, merge: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error === undefined) return document;
  throw new UserError(describeYaml(error, name));
}

function toValue(document: Document, name: string, lines: LineCounter): unknown {
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const { line, col } = lines.linePos(alias.range?.[0] ?? 0);
      throw new UserError(
        `${name}:${line}:${col}: *${alias.source} is no anchor of this file: put it in quotes.`,
      );
    },
  });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw new UserError(describeYaml(error, name));
  }
}

/** The parser shows the place in its message, and a piece of the file below it. */
function describeYaml(error: unknown, name: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const { line = 1, col = 1 } = (error instanceof YAMLParseError && error.linePos?.[0]) || {};
  const [sentence = ''] = message.split(/ at line \d+, column \d+:/);
  return `${name}:${line}:${col}: this is not YAML that can be read: ${sentence.trim()}`;
}
