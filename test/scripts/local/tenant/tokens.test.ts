/** What an application is given for a code, and what it can do with it. */
import axios from 'axios';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import {
  API,
  browserOf,
  SPA,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { signInTo, type TokenResponse } from '#test/support/sign-in-to.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const tenant = await startApplicationTenant(HOME);
const { origin, store } = tenant.tenant;
const { issuer } = tenant;
const open = { maxRedirects: 0, validateStatus: () => true };
const DAY_S = 86_400;
afterAll(() => tenant.close());
afterEach(() => vi.useRealTimers());

const post = (path: string, body: object, config = {}) =>
  axios.post(`${origin}${path}`, body, { ...open, ...config });

/** Somebody signs in; gives the token response. */
const signIn = (
  params: Readonly<Record<string, string>>,
  { clientId = SPA, browser = browserOf(tenant.max) } = {},
): Promise<TokenResponse> =>
  signInTo(origin, browser, CALLBACK, {
    client_id: clientId,
    ...(clientId === WEB && { client_secret: WEB_SECRET }),
    ...params,
  });

const decodeId = ({ id_token = '' }: TokenResponse) => decodeJwt(id_token);
const askUserInfo = (token: string) =>
  axios.get(`${origin}/userinfo`, { ...open, headers: { Authorization: `Bearer ${token}` } });

const ALL = 'openid profile email offline_access read:reports delete:everything';

describe('a token response', () => {
  test('says what was granted, offline_access included, and no scope that the API does not have', async () => {
    const login = await signIn({ audience: API, scope: ALL });
    expect(login).toMatchObject({
      token_type: 'Bearer',
      expires_in: DAY_S,
      scope: 'openid profile email offline_access read:reports',
    });
    const refreshed = await post('/oauth/token', {
      grant_type: 'refresh_token',
      client_id: SPA,
      refresh_token: login.refresh_token,
      scope: 'openid offline_access',
    });
    expect(refreshed.data).toMatchObject({ expires_in: DAY_S, scope: 'openid offline_access' });
    expect(refreshed.data.refresh_token).not.toBe(login.refresh_token);
  });

  test('never has an empty scope', async () => {
    const { scope } = await signIn({ scope: 'openid' });
    expect(scope).toBe('openid');
    const { status, data } = await post('/oauth/token', {
      grant_type: 'client_credentials',
      client_id: tenant.environment.AUTH0_CLIENT_ID,
      client_secret: tenant.environment.AUTH0_CLIENT_SECRET,
      audience: `${origin}/api/v2/`,
    });
    expect([status, data.scope.length > 0]).toEqual([200, true]);
  });

  test('has no refresh token, and no offline_access, for an application without that grant', async () => {
    const client = store.clients.get(WEB);
    if (client === undefined) throw new Error('no such application');
    client.grant_types = ['authorization_code'];
    const response = await signIn({ scope: 'openid offline_access' }, { clientId: WEB });
    client.grant_types = ['authorization_code', 'refresh_token'];
    expect(response).not.toHaveProperty('refresh_token');
    expect(response.scope).toBe('openid');
  });
});

describe('an access token of an API', () => {
  test('is for /userinfo too, and names the application and what was granted', async () => {
    const { access_token } = await signIn({ audience: API, scope: ALL });
    expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    const payload = decodeJwt(access_token);
    expect(payload).toMatchObject({
      iss: issuer,
      sub: `bitbucket|${tenant.max.uuid}`,
      aud: [API, `${issuer}userinfo`],
      azp: SPA,
      scope: 'openid profile email offline_access read:reports',
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(DAY_S);
    expect(payload).not.toHaveProperty('client_id');
  });

  test('is for the API alone where openid was not asked for', async () => {
    const { access_token, id_token } = await signIn({ audience: API, scope: 'read:reports' });
    expect(decodeJwt(access_token)).toMatchObject({ aud: API, scope: 'read:reports' });
    expect(id_token).toBeUndefined();
    expect((await askUserInfo(access_token)).status).toBe(401);
  });

  test('of a machine names it as its subject, and how it was granted', async () => {
    const { AUTH0_CLIENT_ID: client_id, AUTH0_CLIENT_SECRET: client_secret } = tenant.environment;
    const { data } = await post('/oauth/token', {
      grant_type: 'client_credentials',
      client_id,
      client_secret,
      audience: `${origin}/api/v2/`,
    });
    expect(decodeJwt(data.access_token)).toMatchObject({
      sub: `${client_id}@clients`,
      azp: client_id,
      gty: 'client-credentials',
      aud: `${origin}/api/v2/`,
    });
  });
});

describe('an ID token', () => {
  test('has the session, which stays on single sign-on, and the profile with updated_at and picture', async () => {
    const browser = browserOf(tenant.max);
    const scope = 'openid profile email';
    const first = decodeId(await signIn({ scope }, { browser }));
    expect(first).toMatchObject({
      sid: expect.stringMatching(/^.{16,}$/),
      name: 'Max',
      nickname: 'max',
      email: 'max@example.com',
      email_verified: true,
      picture: `${origin}/avatars/ma.svg`,
      updated_at: store.users.get(String(first.sub))?.updated_at,
    });
    expect(new Date(String(first.updated_at)).toISOString()).toBe(first.updated_at);
    const second = decodeId(await signIn({ scope, prompt: 'none' }, { browser }));
    expect(second.sid).toBe(first.sid);
    const other = decodeId(await signIn({ scope }));
    expect(other.sid).not.toBe(first.sid);
  });

  test('has a picture that is there', async () => {
    const { picture } = decodeId(await signIn({ scope: 'openid profile' }));
    const image = await axios.get(String(picture), open);
    expect([image.status, image.headers['content-type']]).toEqual([200, 'image/svg+xml']);
  });

  test('of somebody else who signs in in the same browser is of another session', async () => {
    const browser = browserOf(tenant.max);
    const scope = 'openid profile';
    const first = decodeId(await signIn({ scope }, { browser }));
    const nora = new URL('/authorize', origin);
    nora.search = String(
      new URLSearchParams({
        client_id: WEB,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope,
        connection: 'bitbucket',
        prompt: 'login',
        state: 'of-nora',
      }),
    );
    const answer = await browser.open(nora, CALLBACK, tenant.nora.uuid);
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringMatching(/^bitbucket_workspace_required: /),
      state: 'of-nora',
    });
    const again = decodeId(await signIn({ scope, prompt: 'login' }, { browser }));
    expect(again.sub).toBe(first.sub);
    expect(again.sid).not.toBe(first.sid);
  });
});

describe('/userinfo', () => {
  test('takes the token of the API in the header, in the query and in a form', async () => {
    const { access_token } = await signIn({ audience: API, scope: 'openid profile email' });
    const inQuery = await axios.get(`${origin}/userinfo`, { ...open, params: { access_token } });
    const inForm = await post('/userinfo', new URLSearchParams({ access_token }));
    const expected = {
      sub: `bitbucket|${tenant.max.uuid}`,
      nickname: 'max',
      email: 'max@example.com',
      picture: expect.any(String),
      updated_at: expect.any(String),
    };
    for (const { status, data } of [await askUserInfo(access_token), inQuery, inForm]) {
      expect([status, data]).toEqual([200, expect.objectContaining(expected)]);
    }
  });

  test('has the custom claims of the ID token, and of the profile what was asked for', async () => {
    const { access_token } = await signIn({ scope: 'openid' });
    const { data } = await askUserInfo(access_token);
    expect(Object.keys(data).sort()).toEqual([
      'https://example.com/bitbucket/email',
      'https://example.com/bitbucket/email_verified',
      'https://example.com/bitbucket/groups',
      'https://example.com/bitbucket/uuid',
      'https://example.com/bitbucket/workspaces',
      'sub',
    ]);
  });

  test('refuses with 401 what is no access token of this tenant for it', async () => {
    const { access_token, id_token } = await signIn({ audience: API, scope: 'openid' });
    const opaque = (await signIn({ scope: 'openid' })).access_token;
    const [head, body, signature = ''] = access_token.split('.');
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(access_token), sub: 'x' }));
    const wrong = [
      '',
      'made-up',
      'a.b.c',
      String(id_token),
      [head, claims.toString('base64url'), signature].join('.'),
      [head, body, signature.split('').reverse().join('')].join('.'),
      `${opaque}x`,
    ];
    for (const token of wrong) {
      const { status, data, headers } = await askUserInfo(token);
      expect([status, data]).toEqual([401, 'Unauthorized']);
      expect(headers['www-authenticate']).toContain('invalid_token');
    }
    expect((await axios.get(`${origin}/userinfo`, open)).status).toBe(401);
  });

  test('can be asked for as the audience, which is the same as none', async () => {
    const { access_token } = await signIn({ scope: 'openid', audience: `${issuer}userinfo` });
    expect((await askUserInfo(access_token)).status).toBe(200);
  });

  test('refuses a token that is too old', async () => {
    const { access_token } = await signIn({ audience: API, scope: 'openid' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (DAY_S + 60) * 1_000 });
    expect((await askUserInfo(access_token)).status).toBe(401);
  });

  test('refuses a token that was revoked, and that of a user who is gone', async () => {
    const { access_token } = await signIn({ scope: 'openid' });
    expect((await askUserInfo(access_token)).status).toBe(200);
    expect((await post('/oauth/revoke', { client_id: SPA, token: access_token })).status).toBe(200);
    expect((await askUserInfo(access_token)).status).toBe(401);

    const ofApi = await signIn({ audience: API, scope: 'openid' });
    const userId = `bitbucket|${tenant.max.uuid}`;
    const user = store.users.get(userId);
    store.users.delete(userId);
    expect((await askUserInfo(ofApi.access_token)).status).toBe(401);
    if (user !== undefined) store.users.set(userId, user);
  });
});
