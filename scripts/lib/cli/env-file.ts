/** `.env`, or `.env.NAME` for one of several tenants: found, read, and never mixed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { UserError } from './report-error.ts';
import { type Environment, VARIABLES } from './variables.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;
const TEMPLATE = '.env.example';

/**
 * What the file of this environment says; nothing where no name is given and there is no `.env`.
 * @param name what `--env` said: of letters, digits, `-`, `_` and `.`, so never a path.
 * @throws {UserError} for a name without a file, and for a file that would be read otherwise than
 *   it looks.
 */
export function readEnvFile(folder: string, name: string | undefined): Environment {
  if (name !== undefined && !NAME.test(name)) {
    throw new UserError(
      '--env takes a name, not a path: --env staging reads .env.staging; nothing was changed.',
    );
  }
  const file = name === undefined ? '.env' : `.env.${name}`;
  try {
    return parseEnvFile(file, readFileSync(join(folder, file)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      throw new UserError(`${file} cannot be read (${code}); nothing was changed.`);
    }
    if (name === undefined) return {};
    throw new UserError(`There is no ${file}; nothing was changed. ${listOthers(folder)}`);
  }
}

/** @throws {UserError} for what is not UTF-8, and for a value that a `#` would cut short. */
export function parseEnvFile(file: string, bytes: Uint8Array): Environment {
  if (bytes.includes(0)) {
    throw new UserError(`${file} is not UTF-8; nothing was changed. Save it as UTF-8.`);
  }
  const text = new TextDecoder().decode(bytes);
  const cut = VARIABLES.map(({ name }) => name).filter((name) => isCutShort(text, name));
  if (cut.length > 0) {
    throw new UserError(
      `${file}: a # in the value of ${cut.join(', ')} would begin a comment; nothing was changed. Put the value in quotes.`,
    );
  }
  return parseEnv(text);
}

/** Without quotes, Node ends a value at any `#`; people mean a comment only after a space. */
function isCutShort(text: string, name: string): boolean {
  const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*([^\\s"'\`#].*)$`, 'm');
  const written = line.exec(text)?.[1] ?? '';
  return written.replace(/\s#.*$/, '').includes('#');
}

function listOthers(folder: string): string {
  const others = readdirSync(folder)
    .filter((name) => name.startsWith('.env.') && name !== TEMPLATE)
    .sort();
  return others.length === 0
    ? `Copy ${TEMPLATE} to it, and fill it in.`
    : `There is ${others.join(', ')}.`;
}
