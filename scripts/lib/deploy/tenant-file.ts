/**
 * tenant.yaml as it stands, checked whole: a mistake has its line, and no shape of YAML is a
 * surprise. What a value of it says is for `fill-in.ts`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { UserError } from '../cli/report-error.ts';
import { ROOT } from '../root.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { describeMistake } from './schema-mistakes.ts';
import { findMistakes } from './tenant-mistakes.ts';
import { TENANT_SCHEMA } from './tenant-schema.ts';
import { findLine, writePath } from './yaml-place.ts';

const MOST_ALIASES = 100;
const MOST_MISTAKES = 10;
const WORDING = {
  unknownAtTop: 'is nothing that this package deploys: keep it in a file of its own',
};

/** @throws {UserError} when it is not there, or is not what `parseTenantFile` takes. */
export async function readTenantFile(): Promise<TenantAssets> {
  const text = await readFile(join(ROOT, 'tenant.yaml'), 'utf8').catch(() => {
    throw new UserError('tenant.yaml cannot be read');
  });
  return parseTenantFile(text);
}

/** @throws {UserError} naming each mistake and its line. */
export function parseTenantFile(text: string): TenantAssets {
  const lines = new LineCounter();
  const { document, value } = readYaml(text, lines);
  const validate = new Ajv({ allErrors: true, strict: true }).compile(TENANT_SCHEMA);
  const mistakes = validate(value)
    ? findMistakes(value as TenantAssets)
    : (validate.errors ?? []).map((error) => describeMistake(error, value, WORDING));
  if (mistakes.length === 0) return value as TenantAssets;
  const told = mistakes.slice(0, MOST_MISTAKES).map(({ path, message }) => {
    const place = writePath(path);
    const line = findLine(document, lines, path);
    return `  - line ${line}: ${place === '' ? 'it' : place} ${message}`;
  });
  const more = mistakes.length - told.length;
  throw new UserError(
    [
      'tenant.yaml cannot be deployed; nothing was changed.',
      ...told,
      ...(more > 0 ? [`  - and ${more} more`] : []),
    ].join('\n'),
  );
}

function readYaml(text: string, lines: LineCounter): { document: Document; value: unknown } {
  try {
    // As auth0-deploy-cli's own parser does, `<<` merges.
    const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: 'error' });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return { document, value: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    // Of the parser, and where the parser itself gives up: too many aliases, too deep.
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`tenant.yaml is not YAML that can be read: ${message.trim()}`);
  }
}
