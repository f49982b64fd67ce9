/** What the local tenant lets nobody do in a sign-in, and what an Action gets to see of one. */
import axios from 'axios';
import { decodeJwt } from 'jose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import {
  type Application,
  createApplication,
  type SignInResult,
} from '#scripts/local/stage/sign-in.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';

const API = 'https://api.example.com';
const CALLBACK = 'https://app.example.com/callback';
const CLAIM = 'https://x.example/claim';
const world = createWorld();
const workspace = addWorkspace(world, 'acme');
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const SUB = `bitbucket|${ann.uuid}`;

const sandbox = await startSandbox({
  world,
  consumerWorkspace: workspace,
  applications: [
    { clientId: 'app', name: 'App', callbacks: [CALLBACK] },
    { clientId: 'other', name: 'Other', callbacks: [CALLBACK] },
    {
      clientId: 'web',
      name: 'Web',
      callbacks: [CALLBACK],
      clientSecret: 'a-secret-of-the-web-app',
    },
  ],
  apis: [{ identifier: API }],
  policy: {},
});
const { tenant } = sandbox;
const { store, origin } = tenant;
addConnection(store, 'bitbucket', 'bitbucket', ['app', 'web'], {
  client_id: sandbox.environment.BITBUCKET_KEY,
  client_secret: sandbox.environment.BITBUCKET_SECRET,
});
const createApp = (clientId = 'app', audience = API): Promise<Application> =>
  createApplication({ issuer: `${origin}/`, clientId, callbackUrl: CALLBACK, audience });
const app = await createApp();
const annsBrowser = () => createBrowser({ userUuid: ann.uuid });
const open = { validateStatus: () => true, maxRedirects: 0 };

/** Binds one Action for each body. */
function bind(...bodies: readonly string[]): void {
  store.actions.clear();
  store.bindings = [];
  for (const [index, body] of bodies.entries()) {
    const code = `exports.onExecutePostLogin = async (event, api) => { ${body} };`;
    addAction(store, `action-${index}`, { isBound: true, code });
  }
}
const logged = () => JSON.parse(tenant.logins.at(-1)?.result.steps.at(-1)?.log ?? 'null');

function assertAllowed(result: SignInResult): Extract<SignInResult, { kind: 'allowed' }> {
  if (result.kind !== 'allowed') throw new Error(result.description);
  return result;
}

/** The first step of a sign-in, as a browser without cookies takes it. */
const authorize = (clientId: string, params: object = {}) =>
  axios.get(`${origin}/authorize`, {
    ...open,
    params: {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      connection: 'bitbucket',
      state: 'of-the-app',
      ...params,
    },
  });

beforeEach(() => {
  bind();
  tenant.faults.clear();
  sandbox.bitbucket.faults.clear();
});
afterAll(() => sandbox.close());

describe('a session', () => {
  test('does not let in to an application that its connection is not enabled for', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    const runs = tenant.logins.length;
    const other = await createApp('other');
    expect(await other.signIn(browser, { prompt: 'none' })).toMatchObject({
      kind: 'refused',
      error: 'login_required',
    });
    expect(await other.signIn(browser)).toEqual({
      kind: 'refused',
      error: 'invalid_request',
      description: 'the connection is not enabled',
    });
    expect(tenant.logins).toHaveLength(runs);
  });

  test('does not answer for another connection than its own', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    expect(await app.signIn(browser, { connection: 'nowhere' })).toMatchObject({
      description: 'the connection was not found',
    });
  });

  test('answers a request that names no connection', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    expect((await app.signIn(browser, { connection: '', prompt: 'none' })).kind).toBe('allowed');
  });

  test('ends with the user that it was of', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    store.users.delete(SUB);
    const result = await app.signIn(browser, { prompt: 'none' });
    expect(result).toMatchObject({ kind: 'refused', error: 'login_required' });
  });

  test('is over when an Action revokes it', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    bind(`api.session.revoke('no longer');`);
    expect(await app.signIn(browser, { prompt: 'none' })).toMatchObject({
      error: 'access_denied',
      description: 'no longer',
    });
    bind();
    const result = await app.signIn(browser, { prompt: 'none' });
    expect(result).toMatchObject({ kind: 'refused', error: 'login_required' });
  });

  test('is over when an Action revokes it on a refresh token exchange', async () => {
    const browser = annsBrowser();
    const { refreshToken = '' } = assertAllowed(await app.signIn(browser));
    bind(`api.session.revoke('no longer');`);
    expect((await app.refresh(refreshToken)).kind).toBe('refused');
    bind();
    const result = await app.signIn(browser, { prompt: 'none' });
    expect(result).toMatchObject({ kind: 'refused', error: 'login_required' });
  });
});

describe('a refresh token', () => {
  test('gives both tokens the claims of its own run, and none of the login', async () => {
    bind(
      `api.idToken.setCustomClaim('${CLAIM}', 1); api.accessToken.setCustomClaim('${CLAIM}', 1);`,
    );
    const login = assertAllowed(await app.signIn(annsBrowser()));
    expect([login.idToken[CLAIM], login.accessToken[CLAIM]]).toEqual([1, 1]);
    bind(`api.accessToken.setCustomClaim('${CLAIM}', { deep: [2] });`);
    const refreshed = assertAllowed(await app.refresh(login.refreshToken ?? ''));
    expect(refreshed.idToken).not.toHaveProperty([CLAIM]);
    expect(refreshed.accessToken[CLAIM]).toEqual({ deep: [2] });
  });

  test('that an Action revokes is good no more; one that it denies still is', async () => {
    const { refreshToken = '' } = assertAllowed(await app.signIn(annsBrowser()));
    bind(`api.access.deny('not now');`);
    expect(await app.refresh(refreshToken)).toMatchObject({ error: 'access_denied' });
    bind(`api.refreshToken.revoke('never again');`);
    expect(await app.refresh(refreshToken)).toMatchObject({ description: 'never again' });
    bind();
    expect(await app.refresh(refreshToken)).toEqual({
      kind: 'refused',
      error: 'invalid_grant',
      description: 'Unknown or invalid refresh token.',
    });
  });
});

describe('an Action', () => {
  test('sees the request as the application sent it, and how the person signed in', async () => {
    bind(`const { request, resource_server, authentication } = event;
      const { audience, connection, scope, nosuch } = request.query;
      console.log(JSON.stringify([request.method, audience, connection, nosuch,
        scope.includes('offline_access'), resource_server.identifier,
        authentication.methods[0].name]));`);
    assertAllowed(await app.signIn(annsBrowser(), { nosuch: 'kept' }));
    expect(logged()).toEqual(['GET', API, 'bitbucket', 'kept', true, API, 'federated']);
  });

  test('sees the same request when a session answers it', async () => {
    const browser = annsBrowser();
    assertAllowed(await app.signIn(browser));
    bind(`console.log(JSON.stringify([event.request.query.prompt, event.request.query.nosuch]));`);
    assertAllowed(await app.signIn(browser, { prompt: 'none', nosuch: 'kept' }));
    expect(logged()).toEqual(['none', 'kept']);
  });

  test('sees no query on a refresh token exchange, and which API it is for', async () => {
    const { refreshToken = '' } = assertAllowed(await app.signIn(annsBrowser()));
    bind(`console.log(JSON.stringify([event.request.method, event.request.query,
      event.resource_server.identifier]));`);
    assertAllowed(await app.refresh(refreshToken));
    expect(logged()).toEqual(['POST', {}, API]);
  });

  test('finds how often a person came in stats, and not in the profile', async () => {
    bind(`console.log(JSON.stringify(['logins_count' in event.user, event.stats.logins_count]));`);
    store.users.delete(SUB);
    assertAllowed(await app.signIn(annsBrowser()));
    expect(logged()).toEqual([false, 1]);
  });
});

describe('a token of a person', () => {
  test('has no scope of the Management API but those about that person', async () => {
    const application = await createApp('app', `${origin}/api/v2/`);
    const result = assertAllowed(
      await application.signIn(annsBrowser(), {
        scope:
          'openid offline_access read:users read:user_idp_tokens update:actions read:current_user',
      }),
    );
    expect(String(result.accessToken.scope).split(' ')).not.toContain('read:users');
    expect(result.accessToken.scope).toMatch(/read:current_user$/);
    expect(result.accessToken.scope).not.toMatch(/idp_tokens|actions/);
  });

  test('is opaque without an audience, and good for /userinfo', async () => {
    const { access_token } = await signInToWeb({});
    expect(access_token.split('.')).toHaveLength(1);
    const { data } = await axios.get(`${origin}/userinfo`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });
    expect(data).toMatchObject({ sub: SUB });
  });

  test('is a JWT for the audience that was asked for', async () => {
    const { access_token } = await signInToWeb({ audience: API });
    expect(decodeJwt(access_token)).toMatchObject({
      aud: [API, `${origin}/userinfo`],
      sub: SUB,
      iss: `${origin}/`,
    });
  });
});

/** A confidential application, which sends its secret as JSON and needs no PKCE. */
async function signInToWeb(params: object): Promise<{ access_token: string; id_token: string }> {
  const url = new URL(`${origin}/authorize`);
  const query = { client_id: 'web', response_type: 'code', redirect_uri: CALLBACK };
  for (const [name, value] of Object.entries({ ...query, scope: 'openid', ...params })) {
    url.searchParams.set(name, String(value));
  }
  url.searchParams.set('connection', 'bitbucket');
  const answer = await annsBrowser().open(url, CALLBACK);
  const { data } = await axios.post(`${origin}/oauth/token`, {
    grant_type: 'authorization_code',
    client_id: 'web',
    client_secret: 'a-secret-of-the-web-app',
    redirect_uri: CALLBACK,
    code: answer.searchParams.get('code'),
  });
  return data;
}

describe('an application', () => {
  test('that is public has to send PKCE', async () => {
    const { headers } = await authorize('app');
    const answer = new URL(headers.location);
    expect(answer.searchParams.get('error')).toBe('invalid_request');
    expect(answer.searchParams.get('state')).toBe('of-the-app');
  });

  test('cannot have people sent anywhere but to its callbacks', async () => {
    const answer = await authorize('web', { redirect_uri: 'https://evil.example/' });
    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty('location');
  });

  test('is told of a wrong code and a wrong secret in the words of Auth0', async () => {
    const exchange = (client_secret: string) =>
      axios.post(
        `${origin}/oauth/token`,
        {
          grant_type: 'authorization_code',
          client_id: 'web',
          client_secret,
          redirect_uri: CALLBACK,
          code: 'made-up',
        },
        open,
      );
    const code = await exchange('a-secret-of-the-web-app');
    expect([code.status, code.data.error]).toEqual([403, 'invalid_grant']);
    const secret = await exchange('wrong');
    expect([secret.status, secret.data.error]).toEqual([401, 'access_denied']);
  });
});

describe('an answer of Bitbucket', () => {
  test('cannot be given to the browser of somebody else, nor twice', async () => {
    const begun = await authorize('web');
    const cookies = (begun.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
    const login = await axios.get(new URL(begun.headers.location, origin).href, {
      ...open,
      headers: { Cookie: cookies.join('; ') },
    });
    const state = new URL(login.headers.location).searchParams.get('state');
    const answer = `${origin}/login/callback?code=of-the-attacker&state=${state}`;

    const victim = await axios.get(answer, open);
    const next = await axios.get(new URL(victim.headers.location, origin).href, open);
    expect([next.status, next.headers.location]).toEqual([400, undefined]);
    expect((await axios.get(answer, open)).status).toBe(400);
  });

  test.each([
    ['names nobody', '/2.0/user', {}],
    ['has no token in it', '/site/oauth2/access_token', {}],
  ])('that %s signs nobody in', async (_, endpoint, body) => {
    const users = store.users.size;
    const reply = { status: 200, body: JSON.stringify(body) };
    sandbox.bitbucket.faults.set(endpoint, { reply });
    expect(await app.signIn(annsBrowser())).toMatchObject({
      kind: 'refused',
      error: 'access_denied',
    });
    expect(store.users.size).toBe(users);
  });

  test('is read to the primary address, however many there are before it', async () => {
    const addresses = Array.from({ length: 30 }, (_, n) => ({
      email: `ann.${n}@example.com`,
      is_primary: n === 29,
      is_confirmed: n === 29,
    }));
    const many = addUser(world, 'many', addresses, 'Many');
    const result = assertAllowed(await app.signIn(createBrowser({ userUuid: many.uuid })));
    expect(result.idToken).toMatchObject({ email: 'ann.29@example.com', email_verified: true });
  });
});
