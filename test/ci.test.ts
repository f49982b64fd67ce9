/** The two CI files are what their platforms take, and give away no more than they must. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
/** The published schemas: SchemaStore's of GitHub, and Atlassian's of Bitbucket. */
const SCHEMAS = 'schemastore/schemas/json/';
const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

const FILES = [
  ['.github/workflows/deploy.yml', 'github-workflow.json'],
  [
    'bitbucket-pipelines.yml',
    'bitbucket.org/atlassianlabs/atlascode/raw/main/resources/schemas/pipelines-schema.json',
  ],
] as const;

describe.each(FILES)('%s', (path, schema) => {
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
    require(SCHEMAS + schema),
  );

  test('is valid', async () => {
    validate(parse(await read(path)));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('would not be with a mistake in it', async () => {
    const broken = (await read(path)).replace(/^( *)(runs-on|script):/m, '$1$2s:');
    expect(validate(parse(broken))).toBe(false);
  });

  test('deploys from main alone, and plans on a pull request', async () => {
    const text = await read(path);
    expect(text).toMatch(/npm run deploy -- --yes/);
    expect(text).toMatch(/npm run plan \|\| test \$\? -eq 2/);
    expect(text).toMatch(/npm run check/);
    expect(text).toMatch(/npm run doctor/);
  });
});

describe('the GitHub workflow', async () => {
  const workflow = parse(await read('.github/workflows/deploy.yml'));

  test('may read the repository, and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values<object>(workflow.jobs))
      expect(job).not.toHaveProperty('permissions');
  });

  test('pins every action to a commit', () => {
    const uses = JSON.stringify(workflow).match(/"uses":"[^"]+"/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const use of uses) expect(use).toMatch(/@[0-9a-f]{40}"$/);
  });

  test('gives secrets only to jobs of an environment, and deploys only what was pushed', () => {
    for (const [name, job] of Object.entries<Record<string, unknown>>(workflow.jobs)) {
      const hasSecrets = JSON.stringify(job).includes('secrets.');
      expect([name, hasSecrets]).toEqual([name, job.environment !== undefined]);
    }
    expect(workflow.jobs.deploy).toMatchObject({
      if: "github.event_name == 'push'",
      needs: 'check',
      environment: 'production',
    });
    expect(workflow.on.push).toEqual({ branches: ['main'] });
  });
});

test('every name of .env.example reaches the GitHub jobs', async () => {
  const { jobs } = parse(await read('.github/workflows/deploy.yml'));
  const names = [...(await read('.env.example')).matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(
    ([, name]) => name,
  );
  expect(names.length).toBeGreaterThan(8);
  expect(Object.keys(jobs.deploy.env)).toEqual(expect.arrayContaining(names));
});
