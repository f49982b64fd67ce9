/** The local tenant signs people in as Auth0 does, and refuses what Auth0 refuses. */
import axios from 'axios';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { type Application, createApplication } from '#scripts/local/stage/sign-in.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';

const AUDIENCE = 'https://api.example.com';
const CALLBACK = 'https://app.example.com/callback';
const world = createWorld();
const workspace = addWorkspace(world, 'acme');
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');

const sandbox: Sandbox = await startSandbox({
  world,
  consumerWorkspace: workspace,
  applications: [
    { clientId: 'app', name: 'App', callbacks: [CALLBACK], metadata: { tier: 'gold' } },
    { clientId: 'other', name: 'Other', callbacks: [CALLBACK] },
  ],
  apis: [{ identifier: AUDIENCE }],
  policy: {},
});
const { store, origin } = sandbox.tenant;
addConnection(store, 'bitbucket', 'bitbucket', ['app'], {
  client_id: sandbox.environment.BITBUCKET_KEY,
  client_secret: sandbox.environment.BITBUCKET_SECRET,
});
const createApp = (clientId = 'app'): Promise<Application> =>
  createApplication({ issuer: `${origin}/`, clientId, callbackUrl: CALLBACK, audience: AUDIENCE });
const app = await createApp();
const annsBrowser = () => createBrowser({ userUuid: ann.uuid });

/** Binds one Action for each handler body. */
function bind(...bodies: readonly string[]): void {
  store.actions.clear();
  store.bindings = [];
  for (const [index, body] of bodies.entries()) {
    const code = `exports.onExecutePostLogin = async (event, api) => { ${body} };`;
    addAction(store, `action-${index}`, { isBound: true, code, secrets: { [`S${index}`]: 'v' } });
  }
}
const lastLogin = () => sandbox.tenant.logins.at(-1);
/** What the last Action logged, as JSON. */
const logged = () => JSON.parse(lastLogin()?.result.steps.at(-1)?.log ?? 'null');

beforeEach(() => {
  bind();
  sandbox.tenant.faults.clear();
  sandbox.bitbucket.faults.clear();
});
afterAll(() => sandbox.close());

describe('a login', () => {
  test('gives verified tokens with the profile and with what the Actions set', async () => {
    bind(
      `api.idToken.setCustomClaim('https://x.example/a', [1]); api.accessToken.setCustomClaim('https://x.example/b', 2);`,
    );
    const result = await app.signIn(annsBrowser());
    expect(result).toMatchObject({
      kind: 'allowed',
      idToken: {
        sub: `bitbucket|${ann.uuid}`,
        iss: `${origin}/`,
        aud: 'app',
        email: 'ann@example.com',
        email_verified: true,
        nickname: 'ann',
        'https://x.example/a': [1],
      },
      accessToken: { aud: [AUDIENCE, `${origin}/userinfo`], 'https://x.example/b': 2 },
      refreshToken: expect.any(String),
    });
    expect(result).not.toHaveProperty('idToken.https://x.example/b');
  });

  test('shows the Actions the event that Auth0 documents, with no upstream token in it', async () => {
    bind(`console.log(JSON.stringify([event.connection.strategy, event.client.metadata,
      event.transaction.protocol, Object.keys(event.user.identities[0]), event.secrets]));`);
    await app.signIn(annsBrowser());
    expect(logged()).toEqual([
      'bitbucket',
      { tier: 'gold' },
      'oidc-basic-profile',
      ['connection', 'provider', 'user_id', 'isSocial'],
      { S0: 'v' },
    ]);
  });

  test('that an Action denies comes back to the application with the reason', async () => {
    bind(`api.access.deny('code: sentence');`, `console.log('never');`);
    expect(await app.signIn(annsBrowser())).toMatchObject({
      kind: 'refused',
      error: 'access_denied',
      description: 'code: sentence',
    });
    expect(lastLogin()?.result.steps).toHaveLength(1);
  });

  test('in which an Action throws tells the application the message of the error', async () => {
    bind(`throw new TypeError('not for the public');`);
    const result = await app.signIn(annsBrowser());
    expect(result).toMatchObject({ kind: 'refused', description: 'not for the public' });
    expect(lastLogin()?.result).toMatchObject({ outcome: 'failed' });
  });

  test('saves metadata even when it is denied', async () => {
    bind(`api.user.setAppMetadata('seen', true); api.access.deny('no');`);
    await app.signIn(annsBrowser());
    expect(store.users.get(`bitbucket|${ann.uuid}`)?.app_metadata.seen).toBe(true);
    bind(
      `console.log(JSON.stringify(event.user.app_metadata)); api.user.setAppMetadata('seen', null);`,
    );
    await app.signIn(annsBrowser());
    expect(logged()).toMatchObject({ seen: true });
    expect(store.users.get(`bitbucket|${ann.uuid}`)?.app_metadata).not.toHaveProperty('seen');
  });

  test('runs the Actions in their order, each seeing the transaction of those before', async () => {
    bind(
      `api.transaction.setMetadata('n', 1);`,
      `console.log(JSON.stringify(event.transaction.metadata));`,
    );
    await app.signIn(annsBrowser());
    expect(logged()).toEqual({ n: 1 });
  });

  test('that is cancelled at Bitbucket is refused', async () => {
    const browser = createBrowser({ userUuid: ann.uuid, decision: 'deny' });
    expect(await app.signIn(browser)).toMatchObject({ kind: 'refused', error: 'access_denied' });
  });

  test('during which Bitbucket does not say who it is is refused', async () => {
    sandbox.bitbucket.faults.set('/2.0/user', { reply: { status: 500, body: 'internals' } });
    const result = await app.signIn(annsBrowser());
    expect(result).toMatchObject({ kind: 'refused', error: 'access_denied' });
    expect(JSON.stringify(result)).not.toContain('internals');
  });
});

describe('a connection', () => {
  test.each([
    ['that does not exist', 'app', { connection: 'nowhere' }, 'the connection was not found'],
    ['that is not enabled for the application', 'other', {}, 'the connection is not enabled'],
  ])('%s is an invalid request', async (_, clientId, params, description) => {
    const result = await (await createApp(clientId)).signIn(annsBrowser(), params);
    expect(result).toEqual({ kind: 'refused', error: 'invalid_request', description });
  });

  test('that is not named can be chosen on a page', async () => {
    const page = await axios.get(`${origin}/authorize`, {
      params: {
        client_id: 'app',
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      },
      maxRedirects: 0,
      validateStatus: () => true,
    });
    const cookies = page.headers['set-cookie']?.map((line) => line.split(';')[0]).join('; ');
    const login = await axios.get(new URL(page.headers.location, origin).href, {
      headers: { Cookie: cookies },
    });
    expect(login.data).toContain('Continue with bitbucket');
  });
});

describe('later on', () => {
  test('a session answers without Bitbucket, and the Actions run again', async () => {
    const browser = annsBrowser();
    await app.signIn(browser);
    bind(`api.idToken.setCustomClaim('https://x.example/again', true);`);
    sandbox.bitbucket.clearCalls();
    expect(await app.signIn(browser, { prompt: 'none' })).toMatchObject({
      kind: 'allowed',
      idToken: { 'https://x.example/again': true },
    });
    expect(sandbox.bitbucket.calls).toEqual([]);
  });

  test('without a session prompt=none is login_required', async () => {
    const result = await app.signIn(annsBrowser(), { prompt: 'none' });
    expect(result).toMatchObject({ kind: 'refused', error: 'login_required' });
  });

  test('a refresh token exchange runs the Actions, with claims of its own', async () => {
    bind(`api.idToken.setCustomClaim('https://x.example/p', event.transaction.protocol);`);
    const login = await app.signIn(annsBrowser());
    if (login.kind !== 'allowed') throw new Error(login.description);
    expect(login.idToken['https://x.example/p']).toBe('oidc-basic-profile');
    const refreshed = await app.refresh(login.refreshToken ?? '');
    expect(refreshed).toMatchObject({
      kind: 'allowed',
      idToken: { 'https://x.example/p': 'oauth2-refresh-token' },
    });
  });

  test('a refresh token exchange that an Action denies tells the reason', async () => {
    const login = await app.signIn(annsBrowser());
    bind(`api.access.deny('gone: sign in again');`);
    const token = login.kind === 'allowed' ? login.refreshToken : undefined;
    expect(await app.refresh(token ?? '')).toMatchObject({
      kind: 'refused',
      error: 'access_denied',
      description: 'gone: sign in again',
    });
  });

  test('a refresh token that was used is good no more, and no Action runs for it', async () => {
    const login = await app.signIn(annsBrowser());
    const token = (login.kind === 'allowed' ? login.refreshToken : undefined) ?? '';
    expect((await app.refresh(token)).kind).toBe('allowed');
    const runs = sandbox.tenant.logins.length;
    expect(await app.refresh(token)).toMatchObject({ kind: 'refused', error: 'invalid_grant' });
    expect(sandbox.tenant.logins).toHaveLength(runs);
  });

  test('there is no refresh token without offline_access', async () => {
    const result = await app.signIn(annsBrowser(), { scope: 'openid' });
    expect(result).toMatchObject({ kind: 'allowed', refreshToken: undefined });
  });
});

describe('a browser that did not begin the sign-in', () => {
  test('cannot end it with an answer of its own', async () => {
    const answer = await axios.get(`${origin}/login/callback?code=x&state=made-up`, {
      validateStatus: () => true,
    });
    expect(answer.status).toBe(400);
  });

  test('cannot go on with the sign-in of another', async () => {
    const answer = await axios.get(`${origin}/u/login/some-uid/callback`, {
      validateStatus: () => true,
    });
    expect(answer.status).toBe(400);
    expect(answer.data).toContain('not under way');
  });
});
