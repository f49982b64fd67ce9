/** What else an application asks of the tenant: its metadata, Lock's script, and odd parameters. */
import { runInNewContext } from 'node:vm';
import axios from 'axios';
import { decodeJwt } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import {
  API,
  browserOf,
  SPA,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { signInTo } from '#test/support/sign-in-to.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const tenant = await startApplicationTenant(HOME);
const { origin, store } = tenant.tenant;
const { issuer } = tenant;
const open = { maxRedirects: 0, validateStatus: () => true };
afterAll(() => tenant.close());

const signIn = (params: Readonly<Record<string, string>> = {}, browser = browserOf(tenant.max)) =>
  signInTo(origin, browser, CALLBACK, {
    client_id: WEB,
    client_secret: WEB_SECRET,
    scope: 'openid',
    ...params,
  });

describe('discovery', () => {
  test('lists what works, and nothing else', async () => {
    const { data } = await axios.get(`${origin}/.well-known/openid-configuration`);
    expect(data).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}authorize`,
      token_endpoint: `${issuer}oauth/token`,
      userinfo_endpoint: `${issuer}userinfo`,
      jwks_uri: `${issuer}.well-known/jwks.json`,
      revocation_endpoint: `${issuer}oauth/revoke`,
      end_session_endpoint: `${issuer}oidc/logout`,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post', 'web_message'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      claims_supported: expect.arrayContaining(['picture', 'updated_at', 'sid']),
    });
    const endpoints = Object.keys(data).filter((name) => /_endpoint$/.test(name));
    expect(endpoints).toHaveLength(5);
    expect(data).not.toHaveProperty('dpop_signing_alg_values_supported');
  });

  test('leaves out the implicit flow, which is refused', async () => {
    const answer = await axios.get(`${origin}/authorize`, {
      ...open,
      params: {
        client_id: SPA,
        response_type: 'token id_token',
        redirect_uri: CALLBACK,
        scope: 'openid',
        nonce: 'n',
        state: 's',
      },
    });
    expect(answer.headers.location).toMatch(/error=unsupported_response_type/);
  });
});

describe('/client/{id}.js', () => {
  const ask = (id: string) => axios.get(`${origin}/client/${id}.js`, open);

  test('names the connections that are enabled for the application, and no secret', async () => {
    addConnection(store, 'bitbucket-two', 'bitbucket', [WEB], { client_secret: 'hidden' });
    addConnection(store, 'corporate', 'oidc', [WEB]);
    const expected: [string, object[]][] = [
      [SPA, [{ name: 'bitbucket', connections: [{ name: 'bitbucket' }] }]],
      [
        WEB,
        [
          { name: 'bitbucket', connections: [{ name: 'bitbucket' }, { name: 'bitbucket-two' }] },
          { name: 'oidc', connections: [{ name: 'corporate' }] },
        ],
      ],
    ];
    for (const [id, strategies] of expected) {
      const { status, data, headers } = await ask(id);
      expect([status, headers['content-type']]).toEqual([
        200,
        'application/x-javascript; charset=utf-8',
      ]);
      const given: unknown[] = [];
      const Auth0 = { setClient: (client: unknown) => given.push(structuredClone(client)) };
      runInNewContext(data, { Auth0 });
      expect(given).toEqual([{ id, strategies }]);
      expect(data).not.toMatch(/secret/);
    }
    for (const { id, name } of store.connections.values()) {
      if (name !== 'bitbucket') store.connections.delete(id);
    }
  });

  test('is not there for an application that is not', async () => {
    expect((await ask('nobody')).status).toBe(404);
    expect((await ask('__proto__')).status).toBe(404);
  });
});

describe('a login', () => {
  test('is not harmed by what clients send beside it', async () => {
    const { id_token } = await signIn({
      auth0Client: Buffer.from('{"name":"auth0-spa-js"}').toString('base64'),
      screen_hint: 'signup',
      login_hint: 'max@example.com',
      ui_locales: 'de',
      prompt: 'consent',
      audience: API,
    });
    expect(id_token).toBeDefined();
  });

  test('for an organization is refused, as by default no application is for any', async () => {
    const refused = signIn({ organization: 'org_1', state: 'kept' });
    await expect(refused).rejects.toThrow(
      /error=invalid_request&error_description=parameter\+organization.*&state=kept/,
    );
  });

  test('with prompt=login or max_age=0 is a new one, at a later time', async () => {
    const browser = browserOf(tenant.max);
    const first = decodeJwt(String((await signIn({ max_age: '3600' }, browser)).id_token));
    const calls = () => tenant.bitbucket.calls.length;
    const before = calls();
    await signIn({}, browser);
    const afterSingleSignOn = calls();
    const again = decodeJwt(
      String((await signIn({ prompt: 'login', max_age: '0' }, browser)).id_token),
    );
    expect(again.sub).toBe(first.sub);
    expect(calls() - afterSingleSignOn).toBeGreaterThan(afterSingleSignOn - before);
  });

  test('can be answered by a form that is posted to the callback', async () => {
    const browser = browserOf(tenant.max);
    await signIn({}, browser);
    const url = new URL('/authorize', origin);
    url.search = String(
      new URLSearchParams({
        client_id: WEB,
        response_type: 'code',
        response_mode: 'form_post',
        redirect_uri: CALLBACK,
        scope: 'openid',
        state: 'kept',
      }),
    );
    const { status, body } = await browser.visit(url);
    expect(status).toBe(200);
    expect(body).toContain(`action="${CALLBACK}"`);
    expect(body).toMatch(/name="code" value="[\w-]+"/);
  });
});

describe('an application with a secret', () => {
  test.each([
    ['in the body', {}, { client_id: WEB, client_secret: WEB_SECRET }],
    ['by HTTP Basic', { auth: { username: WEB, password: WEB_SECRET } }, {}],
  ])('needs no PKCE, and may send it %s', async (_, config, fields) => {
    const url = new URL('/authorize', origin);
    url.search = String(
      new URLSearchParams({
        client_id: WEB,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        connection: 'bitbucket',
      }),
    );
    const answer = await browserOf(tenant.max).open(url, CALLBACK);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      ...fields,
    });
    const { status, data } = await axios.post(`${origin}/oauth/token`, form, {
      ...open,
      ...config,
    });
    expect([status, data.token_type]).toEqual([200, 'Bearer']);
  });
});

test('the pages of a login let a form end anywhere, and are framed by nobody', async () => {
  const { origin: bitbucket } = tenant.bitbucket;
  const { BITBUCKET_KEY = '' } = tenant.environment;
  const consent = await axios.get(`${bitbucket}/site/oauth2/authorize`, {
    params: { client_id: BITBUCKET_KEY, response_type: 'code' },
  });
  const refused = await axios.get(`${origin}/authorize?client_id=nobody`, open);
  for (const { headers } of [consent, refused]) {
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('form-action');
  }
  const people = [...consent.data.matchAll(/<input type="radio" name="user" value="([^"]+)"/g)];
  expect(people.map(([, uuid]) => uuid)).toEqual([...tenant.bitbucket.world.users.keys()]);
  expect(consent.data.match(/<form /g)).toHaveLength(1);
  expect([...consent.data.matchAll(/<button name="decision" value="(\w+)"/g)]).toMatchObject([
    { 1: 'grant' },
    { 1: 'deny' },
  ]);
  expect(consent.data).not.toContain('<script');
});
