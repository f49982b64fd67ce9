/** `npm run login` against a browser, a tenant and a machine that do not behave. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { openCallbackServer } from '#scripts/lib/login/callback-server.ts';
import { findCallbacks } from '#scripts/lib/login/callbacks.ts';
import { renderReport, renderReportAsJson } from '#scripts/lib/login/show-report.ts';
import { addUser, addWorkspace, createWorld, setStanding } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { findFreePorts } from '#test/support/dev-command.ts';
import { importHere } from '#test/support/import-here.ts';
import { callbackOf, get, type LoginRun, startLogin } from '#test/support/login-run.ts';

const NAME = 'Bitbucket login test';
const [first = 0, second = 0] = await findFreePorts();
const world = createWorld();
const acme = addWorkspace(world, 'acme');
const max = addUser(world, 'max', [{ email: 'max@example.com' }]);

let sandbox: Sandbox;
beforeAll(async () => {
  setStanding(world, max, acme, 'member');
  sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: [
      { clientId: 'bare', name: 'Bare', callbacks: [`http://localhost:${second}`] },
      { clientId: 'two', name: 'Two', callbacks: [`http://localhost:${second}/callback`] },
    ],
    pace: { actionBuildMs: 0 },
    policy: {
      ...{ CLAIM_NAMESPACE: 'https://example.com/bitbucket', ALLOWED_WORKSPACES: 'acme' },
      LOGIN_APPLICATION: NAME,
    },
  });
  await deployToTenant(await prepare(sandbox.environment), importHere);
  const application = [...sandbox.tenant.store.clients.values()].find(({ name }) => name === NAME);
  if (application !== undefined) application.callbacks = [`http://127.0.0.1:${first}/callback`];
}, 60_000);
afterAll(() => sandbox?.close());

const start = (...args: string[]) => startLogin(sandbox.environment, args);
const signIn = async (run: LoginRun) => {
  const url = await run.invited;
  return createBrowser({ userUuid: max.uuid, decision: 'grant' }).open(url, callbackOf(url));
};
const hold = async (port: number, text = ''): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
};

describe('a browser that keeps a connection open', () => {
  test.each([
    ['and has sent nothing on it', ''],
    ['in the middle of a request', 'GET /callback HTTP/1.1\r\nHost: x'],
  ])('%s does not keep the command from its end', { timeout: 20_000 }, async (_, text) => {
    const run = start();
    await run.invited;
    const socket = await hold(first, text);
    const closed = once(socket, 'close');
    await get(await signIn(run));
    expect(await run.ended).toMatchObject({ code: 0 });
    await closed;
  });
});

test('an application whose only callback has no path is signed in to', async () => {
  const run = start('--application', 'Bare', '--json');
  await get(await signIn(run));
  const { code, stdout } = await run.ended;
  expect({ code, stdout }).toMatchObject({ code: 0 });
});

describe('a callback at localhost', () => {
  const callback = () => findCallbacks([`http://localhost:${second}/callback`]);
  const has6 = async () => {
    const server = createServer();
    server.listen(0, '::1');
    return Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).finally(() => server.close());
  };

  test('is answered at both addresses that the name has', async () => {
    if (!(await has6())) return;
    const server = await openCallbackServer(callback(), () => {});
    onTestFinished(() => server.close());
    for (const host of ['127.0.0.1', '[::1]']) {
      const answer = await get(`http://${host}:${second}/callback`, {
        Host: `localhost:${second}`,
      });
      expect(answer.status).toBe(400);
    }
  });

  test('is not used where another server has one of them', async () => {
    if (!(await has6())) return;
    const other = createServer();
    other.listen(second, '::1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    await expect(openCallbackServer(callback(), () => {})).rejects.toThrow(
      'No port for the answer',
    );
  });
});

describe('what a tenant says', () => {
  const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202eevil\n::set-output name=x::y\n##vso[x]';
  const harmless = (text: string) => {
    // Colours and line breaks are ours.
    const plain = stripVTControlCharacters(text);
    expect(plain).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(text).not.toMatch(/\p{Cc}(?:\[2J|\]0)/u);
    expect(plain).not.toMatch(/^\s*::|##vso/m);
  };
  const application = { name: `App ${EVIL}`, clientId: 'app' };

  test.each([
    ['a refusal', { kind: 'refused', code: undefined, sentence: EVIL }],
    [
      'claims',
      {
        kind: 'let_in',
        claims: {
          sub: EVIL,
          'https://example.com/email': EVIL,
          [`https://example.com/${EVIL}`]: [EVIL, { [EVIL]: EVIL }],
          'https://example.com/list': [{ slug: EVIL }],
        },
      },
    ],
  ] as const)('moves no cursor and is no command: %s', async (_, signInOutcome) => {
    const report = { application, signIn: signInOutcome };
    harmless(await renderReport(report, 'https://example.com'));
    harmless(await renderReportAsJson(report, 'https://example.com'));
  });

  test.each([
    ['access_denied', 3],
    ['server_error', 1],
  ])('as %s is shown harmless by the command', async (error, expected) => {
    const run = start();
    const url = await run.invited;
    const answer = new URL(callbackOf(url));
    answer.searchParams.set('state', url.searchParams.get('state') ?? '');
    answer.searchParams.set('error', error);
    answer.searchParams.set('error_description', `connection ${EVIL}`);
    answer.searchParams.set('iss', `${url.origin}/`);
    await get(answer);
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(expected);
    harmless(stdout);
    harmless(stderr);
    expect(stdout + stderr).toContain('evil');
  });
});
