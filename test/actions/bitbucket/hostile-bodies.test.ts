/** Bodies that are too large, too long or too deep are unreadable, and cost no more than their time. */
import { describe, expect, test } from 'vitest';
import { ACME, accessOf, EMAIL, run, type Script, WORKSPACES } from '#test/support/action-run.ts';

const ENTRIES = 450_000;
const many = (entry: string) => `{"values":[${`${entry},`.repeat(ENTRIES)}${entry}]}`;
const deep = '['.repeat(800_000);

describe('a body', () => {
  test.each<[string, Script[string]]>([
    ['of 450,000 numbers', many('1')],
    ['of 450,000 empty objects', many('{}')],
    ['of 800 kB of [', deep],
    ['of 400 kB of [ and as many ]', `${deep.slice(0, 400_000)}${']'.repeat(400_000)}`],
    ['with values that deep', `{"values":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['that is over the limit', 'too_large'],
  ])('%s is unreadable, wherever it comes', async (_, body) => {
    for (const endpoint of [
      ...['bitbucket user', 'bitbucket emails', 'bitbucket workspaces', 'bitbucket permission'],
      ...['bitbucket repositories', 'management user', 'management token'],
    ]) {
      const spec = endpoint === 'bitbucket emails' ? EMAIL : WORKSPACES;
      const lists: Readonly<Record<string, string>> = {
        'bitbucket workspaces': '*',
        'bitbucket repositories': 'acme/infra',
      };
      const result = await run({
        spec,
        secrets: { ALLOWED_WORKSPACES: lists[endpoint] ?? 'acme' },
        script: { [endpoint]: body },
      });
      expect([endpoint, result.code]).toEqual([endpoint, 'bitbucket_unavailable']);
    }
  });

  test('of 450,000 workspaces is cut at what is kept and claimed', async () => {
    const entry = JSON.stringify(accessOf(ACME));
    const result = await run({
      secrets: { ALLOWED_WORKSPACES: '*' },
      script: { 'bitbucket workspaces': `{"values":[${`${entry},`.repeat(20_000)}${entry}]}` },
    });
    expect(result.code).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(result.appMetadata))).toBeLessThanOrEqual(4_000);
  });
});
