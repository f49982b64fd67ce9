/** `--env NAME` reads `.env.NAME`, and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseEnvFile, readEnvFile } from '#scripts/lib/cli/env-file.ts';

const empty = mkdtempSync(join(tmpdir(), 'env-file-'));
const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
writeFileSync(join(folder, '.env'), 'AUTH0_DOMAIN=plain\nROLES=plain');
writeFileSync(join(folder, '.env.dev'), 'AUTH0_DOMAIN=dev');
writeFileSync(join(folder, '.env.dev.local'), 'AUTH0_DOMAIN=local');
afterAll(() => {
  for (const path of [empty, folder]) rmSync(path, { recursive: true });
});

describe('the file of an environment', () => {
  test.each([
    [undefined, { AUTH0_DOMAIN: 'plain', ROLES: 'plain' }],
    ['dev', { AUTH0_DOMAIN: 'dev' }],
    ['dev.local', { AUTH0_DOMAIN: 'local' }],
  ])('with the name %s is read alone', (name, values) => {
    expect(readEnvFile(folder, name)).toEqual(values);
  });

  test('is needed where it is named, and not otherwise', () => {
    expect(() => readEnvFile(folder, 'staging')).toThrow(
      'There is no .env.staging; nothing was changed. There is .env.dev, .env.dev.local.',
    );
    expect(() => readEnvFile(empty, 'dev')).toThrow('Copy .env.example to it, and fill it in.');
    expect(readEnvFile(empty, undefined)).toEqual({});
  });

  test.each(['', '.', '..', '../dev', 'a/b', 'a\\b', '/etc/passwd', 'a..b', '-x', 'a\0b'])(
    'is never a path: “%s” is refused',
    (name) => {
      expect(() => readEnvFile(folder, name)).toThrow('--env takes a name, not a path');
    },
  );

  test('that is a folder is refused in a sentence', () => {
    mkdirSync(join(empty, '.env.folder'));
    expect(() => readEnvFile(empty, 'folder')).toThrow(
      '.env.folder cannot be read (EISDIR); nothing was changed.',
    );
  });
});

describe('its text', () => {
  const parse = (text: string) => parseEnvFile('.env', Buffer.from(text));

  test('may begin with a byte order mark, and hold quotes, comments and line breaks', () => {
    expect(parse('\uFEFFROLES=a # why\nALLOWED_WORKSPACES="a\nb#c"\nGROUP_NAMES=\'#\'')).toEqual({
      ROLES: 'a',
      ALLOWED_WORKSPACES: 'a\nb#c',
      GROUP_NAMES: '#',
    });
  });

  test('is refused where a # would cut a value short, without repeating the value', () => {
    const text = 'AUTH0_CLIENT_SECRET=abc#def # mine\nexport BITBUCKET_SECRET = a b#c\nX=a#b';
    expect(() => parse(text)).toThrow(
      '.env: a # in the value of AUTH0_CLIENT_SECRET, BITBUCKET_SECRET would begin a comment; nothing was changed. Put the value in quotes.',
    );
  });

  test('is refused in UTF-16, as some editors write it', () => {
    const bytes = Buffer.from('\uFEFFROLES=a', 'utf16le');
    expect(() => parseEnvFile('.env', bytes)).toThrow('.env is not UTF-8');
  });
});
