/** `npm run login` on a tenant that was deployed to with its application on: as its user meets it. */
import { createServer } from 'node:net';
import axe from 'axe-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { findTarget, runLogin } from '#scripts/lib/login/run-login.ts';
import { addUser, addWorkspace, createWorld, setStanding } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { chromiumPath, launchChromium } from '#test/support/chromium.ts';
import { findFreePorts } from '#test/support/dev-command.ts';
import { importHere } from '#test/support/import-here.ts';
import { callbackOf, get, type LoginRun, startLogin } from '#test/support/login-run.ts';

const NAME = 'Bitbucket login test';
const ELSEWHERE = 'https://app.example.com/callback';
const [first, second] = (await findFreePorts()).map((port) => `http://127.0.0.1:${port}/callback`);
const FIRST = first ?? '';
const SECOND = second ?? '';
const world = createWorld();
const acme = addWorkspace(world, 'acme');
const max = addUser(world, 'max', [{ email: 'max@example.com' }]);
const nora = addUser(world, 'nora', [{ email: 'nora@example.com' }]);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: [
      { clientId: 'spa', name: 'Shop', callbacks: [ELSEWHERE, SECOND] },
      { clientId: 'far', name: 'Far', callbacks: [ELSEWHERE] },
      { clientId: 'web', name: 'Web', callbacks: [FIRST], clientSecret: 'secret' },
      {
        ...{ clientId: 'short', name: 'Short', callbacks: [FIRST] },
        grantTypes: ['authorization_code'],
      },
    ],
    pace: { actionBuildMs: 0 },
    policy: {
      ...{ CLAIM_NAMESPACE: 'https://example.com/bitbucket/', ALLOWED_WORKSPACES: 'acme' },
      ...{ LOGIN_APPLICATION: NAME, RECHECK_AFTER_MINUTES: '0' },
    },
  });
  await deployToTenant(await prepare(sandbox.environment), importHere);
  // Ports that nobody else's tests have.
  const application = [...sandbox.tenant.store.clients.values()].find(({ name }) => name === NAME);
  if (application !== undefined) application.callbacks = [FIRST, SECOND];
});
afterAll(() => sandbox?.close());
beforeEach(() => setStanding(world, max, acme, 'member'));

const start = (...args: string[]) => startLogin(sandbox.environment, args);
/** To the end of the redirects, with the callback not opened yet. */
const signInAs = async (run: LoginRun, userUuid: string, decision: 'grant' | 'deny' = 'grant') => {
  const url = await run.invited;
  return createBrowser({ userUuid, decision }).open(url, callbackOf(url));
};
const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

describe('npm run login', () => {
  test('ends with 0 and the claims of who is let in, and shows no token', async () => {
    const run = start();
    const { searchParams: query } = await run.invited;
    // As an application asks: with PKCE, state and nonce, and at Bitbucket.
    expect(Object.fromEntries(query)).toMatchObject({
      ...{ response_type: 'code', connection: 'bitbucket', prompt: 'login' },
      ...{ code_challenge_method: 'S256', scope: 'openid profile email offline_access' },
      ...{ redirect_uri: FIRST, state: expect.stringMatching(/.{40}/) },
      ...{ nonce: expect.stringMatching(/.{40}/), code_challenge: expect.stringMatching(/.{40}/) },
    });
    const answer = await signInAs(run, max.uuid);
    const page = await get(answer);
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`✔ let in  signing in to ${NAME}  bitbucket|${max.uuid}\n`);
    expect(stdout).toMatch(/\n {4}workspaces {5}\[\{"uuid":"\{[^"]+","slug":"acme"/);
    expect(page.status).toBe(200);
    expect(page.data).toContain('You can close this window.');
    expect(stdout + stderr).not.toMatch(/eyJ|access_token|refresh_token/);
    expect(stdout + stderr).not.toContain(answer.searchParams.get('code') ?? 'no code');
  });

  test('ends with 3, the code, the sentence, and what to do for who is refused', async () => {
    const run = start();
    await get(await signInAs(run, nora.uuid));
    const { code, stdout } = await run.ended;
    expect(code).toBe(3);
    expect(stdout).toContain(
      '    bitbucket_workspace_required\n    Your Bitbucket account is not in',
    );
    expect(stdout).toContain('    What to do: add the person to the workspace');
    expect(stdout).toContain('docs/operate.md says where');
  });

  test('--refresh shows what the exchange comes to: let in', async () => {
    const run = start('--refresh');
    await get(await signInAs(run, max.uuid));
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('✔ let in  exchanging the refresh token');
    // It has ended the refresh token.
    expect(sandbox.tenant.calls.at(-1)).toMatchObject({ path: '/oauth/revoke', status: 200 });
  });

  test('--refresh ends with 3 for who is refused by then', async () => {
    const run = start('--refresh', '--json');
    const answer = await signInAs(run, max.uuid);
    setStanding(world, max, acme, undefined);
    await get(answer);
    const { code, stdout } = await run.ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'refused',
      sign_in: { result: 'let_in', claims: { groups: ['acme', 'acme:member'] } },
      refresh: { result: 'refused', code: 'bitbucket_workspace_required' },
    });
  });

  test('ends with 3 for who cancels at Bitbucket, and says that no Action of ours refused', async () => {
    const run = start();
    await get(await signInAs(run, max.uuid, 'deny'));
    const { code, stdout } = await run.ended;
    expect(code).toBe(3);
    expect(stdout).toContain('    The sign-in at Bitbucket was cancelled.');
    expect(stdout).toContain('No Action of this package refused it');
  });

  test('--json is one object, and the address is on standard error', async () => {
    const run = start('--json');
    await get(await signInAs(run, nora.uuid));
    const { stdout, stderr } = await run.ended;
    expect(JSON.parse(stdout)).toEqual({
      result: 'refused',
      application: { name: NAME, client_id: expect.any(String) },
      sign_in: {
        ...{ result: 'refused', code: 'bitbucket_workspace_required' },
        ...{ sentence: expect.stringContaining('Ask your administrator') },
        ...{ means: expect.any(String), todo: expect.stringContaining('add the person') },
      },
    });
    expect(stderr).toContain('/authorize?');
  });
});

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  test('a person ends at a page that says so', { timeout: 90_000 }, async () => {
    const browser = await launchChromium(sandbox.certificate);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const run = start();
    await page.goto((await run.invited).href);
    await page.locator(`input[value="${max.uuid}"]`).check();
    await page.locator('button[value=grant]').click();
    await page.getByRole('heading', { name: 'The answer is in the terminal' }).waitFor();
    expect(await page.getByText('You can close this window.').isVisible()).toBe(true);
    const found = (await page.evaluate(`${axe.source}; axe.run()`)) as axe.AxeResults;
    expect(found.violations.map(({ id }) => id)).toEqual([]);
    expect(complaints).toEqual([]);
    await browser.close();
    expect(await run.ended).toMatchObject({ code: 0 });
  });
});

describe('an answer', () => {
  test('with another state is told, not taken, and waited past', async () => {
    const run = start();
    const url = await run.invited;
    const strange = await get(`${callbackOf(url)}?code=stolen&state=other`);
    expect(strange).toMatchObject({ status: 400 });
    expect(run.said()).toContain('another state');
    expect(run.said()).not.toContain('stolen');
    await get(await signInAs(run, max.uuid));
    expect(await run.ended).toMatchObject({ code: 0 });
  });

  test('of another issuer is an error', async () => {
    const run = start();
    const answer = await signInAs(run, max.uuid);
    answer.searchParams.set('iss', 'https://evil.example.com/');
    await get(answer);
    const { code, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ The sign-in cannot be finished: .*"iss"/);
    expect(stderr).not.toContain('    at ');
  });

  test('with a code that was used already is an error', async () => {
    const run = start('--json');
    const answer = await signInAs(run, max.uuid);
    answer.searchParams.set('code', 'used');
    await get(answer);
    const { code, stdout } = await run.ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringContaining('Invalid authorization code') },
    });
  });
});

describe('what is not set up', () => {
  test('a connection that is not on for the application is an error, and says where to name it', async () => {
    const { store } = sandbox.tenant;
    const [id = '', before = new Set<string>()] = [...store.enabledClients][0] ?? [];
    store.enabledClients.set(id, new Set());
    const run = start();
    await get(await signInAs(run, max.uuid));
    const { code, stderr } = await run.ended;
    store.enabledClients.set(id, before);
    expect(code).toBe(1);
    expect(stderr).toContain('the connection is not enabled');
    expect(stderr).toContain(`not on for “${NAME}”: name it in AUTH0_ENABLED_CLIENTS`);
  });

  const tryOut = async (application?: string, change: Environment = {}) =>
    runLogin(await findTarget({ ...sandbox.environment, ...change }, application), {
      refresh: true,
      open: () => expect.unreachable('it went on'),
    });

  test.each([
    ['Web', 'it has a secret, and none is sent from here'],
    ['Far', 'none of its Allowed Callback URLs is on this machine'],
    ['Deployer', 'its grant types lack authorization_code'],
    ['Nobody', 'the tenant has no application “Nobody”'],
  ])('--application %s: %s', async (application, sentence) => {
    await expect(tryOut(application)).rejects.toThrow(sentence);
  });

  test('--refresh of an application without refresh tokens', async () => {
    await expect(tryOut('Short')).rejects.toThrow('its grant types lack refresh_token');
  });

  test.each([
    [{ LOGIN_APPLICATION: '' }, 'set LOGIN_APPLICATION to a name for one'],
    [{ LOGIN_APPLICATION: 'Not yet' }, 'has no application “Not yet” yet: npm run deploy makes it'],
    [{ CLAIM_NAMESPACE: '' }, 'CLAIM_NAMESPACE is not set'],
    [{ AUTH0_DOMAIN: 'localhost:1' }, 'localhost:1 cannot be reached'],
  ])('%j', async (change, sentence) => {
    await expect(tryOut(undefined, change)).rejects.toThrow(sentence);
  });

  test('is told by the command in a sentence', async () => {
    const { code, stdout, stderr } = await start('--json', '--application', 'Web').ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringContaining('cannot be signed in through from here') },
    });
    expect(stderr).not.toContain('    at ');
  });
});

test('--application takes one of your own, by name, on the callback that it has', async () => {
  const run = start('--application', 'Shop', '--json');
  const url = await run.invited;
  expect(callbackOf(url)).toBe(SECOND);
  await get(await signInAs(run, max.uuid));
  const { code, stdout } = await run.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ application: { name: 'Shop', client_id: 'spa' } });
});

test('a port that something else has is left to it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) =>
    server.listen(Number(new URL(FIRST).port), '127.0.0.1', resolve),
  );
  const run = start();
  const url = await run.invited;
  expect(callbackOf(url)).toBe(SECOND);
  await get(await signInAs(run, max.uuid));
  expect(await run.ended).toMatchObject({ code: 0 });
  await new Promise((resolve) => server.close(resolve));
});

test('Ctrl-C ends it with a sentence, and frees the port', async () => {
  const run = start();
  const url = await run.invited;
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /✗ The sign-in was ended before its answer came\. Nothing is left of it\.\n$/,
  );
  expect(await isFree(Number(new URL(callbackOf(url)).port))).toBe(true);
});

test('without an answer it gives up, and frees the port', async () => {
  let port = 0;
  const work = runLogin(await findTarget(sandbox.environment, undefined), {
    ...{ refresh: false, timeoutMs: 20 },
    open: ({ server }) => {
      port = server.callback.port;
    },
  });
  await expect(work).rejects.toThrow(/^No answer came .*Run it again\.$/);
  expect(await isFree(port)).toBe(true);
});
