/** The event that an Action is given, by what has happened before. */
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { createApplication, type SignInResult } from '#scripts/local/stage/sign-in.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const CALLBACK = 'https://app.example.com/callback';
const AUDIENCE = 'https://api.example.com';
const world = createWorld();
const workspace = addWorkspace(world, 'acme');
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const sandbox = await startSandbox({
  world,
  consumerWorkspace: workspace,
  applications: [{ clientId: 'app', name: 'App', callbacks: [CALLBACK] }],
  apis: [{ identifier: AUDIENCE }],
  policy: {},
});
const { tenant } = sandbox;
addConnection(tenant.store, 'bitbucket', 'bitbucket', ['app'], {
  client_id: sandbox.environment.BITBUCKET_KEY,
  client_secret: sandbox.environment.BITBUCKET_SECRET,
});
const app = await createApplication({
  issuer: `${tenant.origin}/`,
  clientId: 'app',
  callbackUrl: CALLBACK,
  audience: AUDIENCE,
});
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

const bind = (body: string) => {
  tenant.store.actions.clear();
  tenant.store.bindings = [];
  const code = `exports.onExecutePostLogin = async (event, api) => { ${body} };`;
  addAction(tenant.store, 'looks', { isBound: true, code });
};
const show = (expression: string) => bind(`console.log(JSON.stringify(${expression}));`);
/** What the newest run showed. */
const shown = () => JSON.parse(tenant.logins.at(-1)?.result.steps.at(-1)?.log ?? 'null');
const refreshTokenOf = (result: SignInResult) =>
  (result.kind === 'allowed' ? result.refreshToken : undefined) ?? '';

beforeEach(() => show('event.authentication'));

describe('event.authentication', () => {
  test('says when the person was at the connection, on single sign-on too, until the next time', async () => {
    const browser = createBrowser({ userUuid: ann.uuid });
    const startedS = Math.floor(Date.now() / 1_000);
    await app.signIn(browser);
    const first = shown();
    expect(first.methods).toEqual([{ name: 'federated', timestamp: expect.any(String) }]);
    expect(Date.parse(first.methods[0].timestamp)).toBeGreaterThanOrEqual(startedS * 1_000);

    await sleep(1_100);
    await app.signIn(browser);
    expect(shown()).toEqual(first);
    await app.signIn(browser, { prompt: 'none' });
    expect(shown()).toEqual(first);
    await app.signIn(browser, { prompt: 'login' });
    expect(Date.parse(shown().methods[0].timestamp)).toBeGreaterThan(
      Date.parse(first.methods[0].timestamp),
    );
  });

  test('is that of the session on a refresh token exchange', async () => {
    const result = await app.signIn(createBrowser({ userUuid: ann.uuid }));
    const atLogin = shown();
    await sleep(1_100);
    await app.refresh(refreshTokenOf(result));
    expect(shown()).toEqual(atLogin);
    expect(tenant.logins.at(-1)?.protocol).toBe('oauth2-refresh-token');
  });
});

test('the event names the tenant, the host and the identities, without an upstream token', async () => {
  show(
    '[event.tenant, event.request.hostname, event.user.identities, event.stats.logins_count > 0]',
  );
  await app.signIn(createBrowser({ userUuid: ann.uuid }));
  expect(shown()).toEqual([
    { id: 'local' },
    'localhost',
    [{ connection: 'bitbucket', provider: 'bitbucket', user_id: ann.uuid, isSocial: true }],
    true,
  ]);
});

test('the metadata of an application act at the next login and at the next refresh', async () => {
  show('event.client.metadata');
  const setKey = (key: string | null) => api.patch('clients/app', { client_metadata: { key } });
  await setKey('one');
  const browser = createBrowser({ userUuid: ann.uuid });
  const refreshToken = refreshTokenOf(await app.signIn(browser));
  expect(shown()).toEqual({ key: 'one' });
  await setKey('two');
  await app.refresh(refreshToken);
  expect(shown()).toEqual({ key: 'two' });
  await setKey(null);
  await app.signIn(browser, { prompt: 'none' });
  expect(shown()).toEqual({});
});

test('a refresh token exchange that is denied is 403 access_denied', async () => {
  const refresh_token = refreshTokenOf(await app.signIn(createBrowser({ userUuid: ann.uuid })));
  bind(`api.access.deny('not_now: Come back later.');`);
  const { status, data } = await axios.post(
    `${tenant.origin}/oauth/token`,
    { grant_type: 'refresh_token', client_id: 'app', refresh_token },
    { validateStatus: () => true },
  );
  expect([status, data]).toEqual([
    403,
    { error: 'access_denied', error_description: 'not_now: Come back later.' },
  ]);
});
