/** `npm run login -- --local`: no tenant, no account, no file; and nothing of it stays. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { splitCertificates } from '#scripts/local/net/pem.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { createCast } from '#scripts/local/stage/cast.ts';
import { findFreePorts, startDevCommand } from '#test/support/dev-command.ts';
import { callbackOf, get, startLogin } from '#test/support/login-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'login-local-'));
afterAll(() => rmSync(folder, { recursive: true }));
const start = (...args: string[]) =>
  startLogin({ PATH: process.env.PATH, TMPDIR: folder, XDG_CACHE_HOME: folder }, [
    '--local',
    ...args,
  ]);

const trust = (path: string) =>
  tls.setDefaultCACertificates([
    ...tls.getCACertificates('default'),
    ...splitCertificates(readFileSync(path, 'utf8')),
  ]);

describe('npm run login -- --local', { timeout: 120_000 }, () => {
  test('signs one of its people in, ends with the claims, and leaves nothing', async () => {
    const run = start('--json', '--refresh');
    const url = await run.invited;
    expect(url.hostname).toBe('localhost');
    const [, certificate = ''] = /\((\/.+\.pem)\)/.exec(run.said()) ?? [];
    trust(certificate);
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

  test('signs in to npm run dev where that is up', async () => {
    const [port, bitbucketPort] = await findFreePorts();
    const cache = mkdtempSync(join(tmpdir(), 'login-cache-'));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    const dev = startDevCommand(cache, [
      ...['--json', '--port', String(port), '--bitbucket-port', String(bitbucketPort)],
    ]);
    onTestFinished(() => {
      dev.child.kill('SIGKILL');
    });
    const { issuer, certificate, people } = await dev.ready();
    trust(certificate);
    const run = startLogin({ PATH: process.env.PATH, XDG_CACHE_HOME: cache }, ['--local']);
    const url = await run.invited;
    expect(url.origin).toBe(new URL(issuer).origin);
    const nora = people.find(({ name }) => name === 'Nora');
    const browser = createBrowser({ userUuid: nora?.uuid ?? '' });
    await get(await browser.open(url, callbackOf(url)));
    const { code, stdout } = await run.ended;
    expect(code).toBe(3);
    expect(stdout).toContain('The local tenant is that of npm run dev');
    expect(stdout).toContain('    bitbucket_workspace_required\n');

    const secret = startLogin({ PATH: process.env.PATH, XDG_CACHE_HOME: cache }, [
      ...['--local', '--application', 'local-web'],
    ]);
    expect((await secret.ended).code).toBe(1);
    expect(secret.said()).toContain('“Local web application”');
    dev.child.kill('SIGTERM');
    await dev.ended();
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
