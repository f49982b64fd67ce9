/** The names in the pages are those of the code: commands, options, settings, codes, files, links. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeRefusal } from '#actions/lib/policy/refusal.ts';
import { parseSettings } from '#actions/lib/policy/settings.ts';
import { COLUMNS } from '#scripts/lib/people/rows.ts';
import {
  DEPLOYER_SCOPES,
  READER_SCOPES,
  REMOVER_SCOPES,
} from '#scripts/lib/tenant/deployer-scopes.ts';
import { codeOf, pathOf, readPages, readText } from './pages.ts';

const PAGES = readPages();
const CODE = PAGES.map(({ text }) => codeOf(text)).join('\n');
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const findAll = (text: string, pattern: RegExp) =>
  sorted([...text.matchAll(pattern)].map(([, name = '']) => name));

test('the README fits two screens', () => {
  expect(readText('README.md').split('\n').length).toBeLessThanOrEqual(100);
});

describe('commands', () => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  /** npm's own, and those of its own that run a script. */
  const ofNpm = findAll(CODE, /\bnpm (?!run\b)([a-z]+)/g).filter((name) => name !== 'ci');

  test('each that is documented is one', () => {
    const documented = [...findAll(CODE, /\bnpm run ([a-z]+)/g), ...ofNpm];
    expect(sorted(documented)).toEqual(sorted(Object.keys(scripts)));
  });

  test.each(findAll(CODE, /\bnpm run ([a-z]+) -- --/g))(
    '%s takes the options that are documented with it',
    async (name) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        pathOf(`scripts/${name}.ts`),
        '--help',
      ]);
      const lines = CODE.match(new RegExp(`\\bnpm run ${name} -- --.*`, 'g')) ?? [];
      for (const option of lines.flatMap((line) => line.match(/--[a-z][a-z-]*/g) ?? [])) {
        expect(stdout).toContain(`  ${option}`);
      }
    },
  );
});

describe('settings', () => {
  const assets = parse(readText('tenant.yaml')) as {
    readonly actions: readonly { readonly secrets: readonly { readonly name: string }[] }[];
  };
  const example = readText('.env.example');
  const secrets = assets.actions.flatMap((action) => action.secrets.map(({ name }) => name));
  const names = sorted([...secrets, ...findAll(example, /^#?([A-Z][A-Z0-9_]+)=/gm)]);
  const tables = codeOf(readText('docs/policy.md') + readText('docs/set-up.md'));

  /** What others read: Node, the CI files, and the tests. */
  const OF_OTHERS = [
    'AUTH0_SIGNING_KEY_BASE64',
    'FC_SEED',
    'HISTORIES_SEED',
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
    'NODE_USE_SYSTEM_CA',
    'NO_PROXY',
    'XDG_CACHE_HOME',
  ];
  /** An example of a misspelt one. */
  const MISTAKES = ['ALLOWED_WORKSPACE'];

  test.each(names)('%s is explained where settings are', (name) => {
    expect(tables).toMatch(new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`));
  });

  test('each that is documented is read by somebody', () => {
    const documented = findAll(CODE, /(?<![\w-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w-])/g);
    const unknown = documented.filter(
      (name) => ![...names, ...OF_OTHERS, ...MISTAKES].includes(name),
    );
    expect(unknown).toEqual([]);
  });

  test('each default that is documented is that of the Actions and of .env.example', () => {
    const settings: Readonly<Record<string, unknown>> = {
      ...parseSettings({
        MANAGEMENT_DOMAIN: 'tenant.example.com',
        MANAGEMENT_CLIENT_ID: 'id',
        MANAGEMENT_CLIENT_SECRET: 'secret',
        CLAIM_NAMESPACE: 'https://example.com',
        ALLOWED_WORKSPACES: '*',
      }),
    };
    const rows = [...readText('docs/policy.md').matchAll(/^\| `([A-Z_]+)` \| `([^`]+)` \|/gm)];
    expect(rows.length).toBeGreaterThanOrEqual(6);
    for (const [, name = '', value] of rows) {
      expect(example).toContain(`\n#${name}=${value}\n`);
      const field = name.toLowerCase().replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
      if (field in settings) expect([name, String(settings[field])]).toEqual([name, value]);
    }
  });
});

describe('codes and keys', () => {
  const source = readdirSync(pathOf('actions/lib'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(pathOf('actions/lib'), path), 'utf8'))
    .join('\n');
  const codes = findAll(readText('actions/lib/policy/refusal.ts'), /'(bitbucket_[a-z_]+)'/g);

  test.each(codes)('%s has a row in the table for two in the morning', (code) => {
    expect(readText('docs/operate.md')).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'));
  });

  test('a sentence is quoted as people read it', () => {
    const refusal = describeRefusal({ code: 'bitbucket_workspace_required', cause: '' });
    expect(readText('docs/applications.md')).toContain(`\n${refusal}\n`);
    expect(readText('README.md')).toContain(`    ${refusal.replace(': ', '\n    ')}\n`);
  });

  test('each that is documented is one', () => {
    const documented = findAll(CODE, /(?<!\w)(bitbucket_[a-z_]+)/g);
    expect(documented).toEqual(expect.arrayContaining(codes));
    const columns: readonly string[] = COLUMNS;
    const others = documented.filter((name) => !columns.includes(name));
    expect(others.filter((name) => !source.includes(`'${name}'`))).toEqual([]);
  });
});

test('the scopes of the deployer are those that the commands ask for', () => {
  const documented = findAll(
    readText('docs/set-up.md'),
    /`((?:read|create|update|delete):[a-z_]+)`/g,
  );
  expect(documented).toEqual(sorted([...DEPLOYER_SCOPES, ...REMOVER_SCOPES, ...READER_SCOPES]));
});

describe.each(PAGES)('$path', ({ path, text }) => {
  test('has links that lead somewhere', () => {
    const links = findAll(text, /\]\(((?!https?:)[^)\s]+)\)/g);
    for (const link of links) {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      expect([link, existsSync(pathOf(target))]).toEqual([link, true]);
      if (anchor !== undefined) expect(anchorsOf(readText(target))).toContain(anchor);
    }
  });

  test('names files that are there', () => {
    const named = findAll(
      codeOf(text),
      /(?<![\w/.])((?:(?:actions|scripts|test|docs)\/|\.github\/)[\w./-]*[\w/])(?![\w<])/g,
    );
    expect(named.filter((name) => !existsSync(pathOf(name)))).toEqual([]);
  });
});

/** As GitHub and Bitbucket make them of headings, for headings of plain words. */
function anchorsOf(text: string): readonly string[] {
  return findAll(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
