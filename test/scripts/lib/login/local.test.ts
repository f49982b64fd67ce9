/** `npm run login -- --local`: no tenant, no account, no file; and nothing of it stays. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { createCast } from '#scripts/local/stage/cast.ts';
import { callbackOf, get, startLogin } from '#test/support/login-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'login-local-'));
afterAll(() => rmSync(folder, { recursive: true }));
const start = (...args: string[]) =>
  startLogin({ PATH: process.env.PATH, TMPDIR: folder }, ['--local', ...args]);

describe('npm run login -- --local', { timeout: 120_000 }, () => {
  test('signs one of its people in, ends with the claims, and leaves nothing', async () => {
    const run = start('--json', '--refresh');
    const url = await run.invited;
    expect(url.hostname).toBe('localhost');
    const [, certificate = ''] = /\((\/.+\.pem)\)/.exec(run.said()) ?? [];
    tls.setDefaultCACertificates([
      ...tls.getCACertificates('default'),
      readFileSync(certificate, 'utf8'),
    ]);
    const olivia = [...createCast().world.users.values()].find(
      ({ nickname }) => nickname === 'olivia',
    );
    const browser = createBrowser({ userUuid: olivia?.uuid ?? '' });
    await get(await browser.open(url, callbackOf(url)));
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    const claims = { email: 'olivia@example.com', roles: ['admin', 'deployer'] };
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'let_in',
      sign_in: { result: 'let_in', claims },
      refresh: { result: 'let_in', claims },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is interrupted while it starts leaves nothing either', async () => {
    const run = start();
    await new Promise<void>((resolve) => {
      run.child.stderr?.on('data', () => {
        if (run.said().includes('Deploying the Actions')) resolve();
      });
    });
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('✗ ');
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(folder)).toEqual([]);
  });
});
