/** What a page in a browser is answered: web messages, and what a script may read of the tenant. */
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import axios from 'axios';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { BrowserPage } from '#scripts/local/stage/browser.ts';
import {
  API,
  browserOf,
  SPA,
  startApplicationTenant,
  WEB,
} from '#test/support/application-tenant.ts';
import { signInTo } from '#test/support/sign-in-to.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const ELSEWHERE = 'https://elsewhere.example.com';
const tenant = await startApplicationTenant(HOME);
const { origin, store } = tenant.tenant;
const written = [
  vi.spyOn(process.stdout, 'write'),
  vi.spyOn(process.stderr, 'write'),
  ...(['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name)),
];
afterAll(() => tenant.close());

function authorizeUrl(params: Readonly<Record<string, string>>): URL {
  const url = new URL('/authorize', origin);
  url.search = String(
    new URLSearchParams({
      client_id: SPA,
      response_type: 'code',
      response_mode: 'web_message',
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 'of-the-app',
      code_challenge: createHash('sha256').update('x'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256',
      connection: 'bitbucket',
      ...params,
    }),
  );
  return url;
}

/** Runs the page's script as a browser would, with a policy that lets it; gives what it posts. */
function runPage({ body, headers }: BrowserPage, opener?: 'opener') {
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(body) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}'`);
  const posted: { to: string; message: unknown; origin: string }[] = [];
  const receive = (to: string) => ({
    postMessage: (message: unknown, target: string) =>
      posted.push({ to, message: structuredClone(message), origin: target }),
  });
  const window = {
    opener: opener === undefined ? null : receive('opener'),
    parent: receive('parent'),
  };
  runInNewContext(script, { window });
  return posted;
}

async function signIn(params: Readonly<Record<string, string>> = {}) {
  const browser = browserOf(tenant.max);
  const tokens = await signInTo(origin, browser, CALLBACK, {
    client_id: SPA,
    scope: 'openid',
    ...params,
  });
  return { browser, ...tokens };
}

describe('response_mode=web_message', () => {
  test('posts the code and the state to the origin of the callback alone, from a page that may be framed', async () => {
    const { browser } = await signIn();
    const page = await browser.visit(authorizeUrl({ prompt: 'none' }));
    expect([page.status, page.location]).toEqual([200, undefined]);
    expect(page.headers).not.toHaveProperty('x-frame-options');
    expect(page.headers['content-security-policy']).not.toContain('frame-ancestors');
    const [{ to, message, origin: target } = {}, ...more] = runPage(page);
    expect([to, target, more]).toEqual(['parent', HOME, []]);
    expect(message).toMatchObject({
      type: 'authorization_response',
      response: { code: expect.any(String), state: 'of-the-app' },
    });
    expect(runPage(page, 'opener')).toMatchObject([{ to: 'opener', origin: HOME }]);
  });

  test('posts login_required where nobody is signed in', async () => {
    const page = await browserOf(tenant.max).visit(authorizeUrl({ prompt: 'none' }));
    expect(page.status).toBe(200);
    expect(runPage(page)).toMatchObject([
      { message: { response: { error: 'login_required', state: 'of-the-app' } }, origin: HOME },
    ]);
  });

  test('posts a refusal with its code and sentence', async () => {
    const browser = browserOf(tenant.nora);
    const params = { client_id: SPA, scope: 'openid' };
    await expect(signInTo(origin, browser, CALLBACK, params)).rejects.toThrow('access_denied');
    const page = await browser.visit(authorizeUrl({ prompt: 'none' }));
    const error_description = expect.stringMatching(/^bitbucket_workspace_required: \w/);
    const response = { error: 'access_denied', error_description, state: 'of-the-app' };
    expect(runPage(page)).toMatchObject([{ message: { response }, origin: HOME }]);
  });

  test('has nothing in it that could end the script', async () => {
    const state = `</script><img src=x onerror=alert(1)>\u2028'"&`;
    const page = await browserOf(tenant.max).visit(authorizeUrl({ prompt: 'none', state }));
    expect(page.body).not.toContain('<img');
    expect(runPage(page)).toMatchObject([{ message: { response: { state } } }]);
  });

  test('is refused to a callback whose origin is not declared, without a code', async () => {
    const client = store.clients.get(SPA);
    if (client === undefined) throw new Error('no such application');
    const declared = structuredClone(client);
    const others = [`${ELSEWHERE}/callback`, 'com.example.app:/callback'];
    Object.assign(client, { app_type: 'native', callbacks: [CALLBACK, ...others] });
    const { browser } = await signIn();
    for (const redirect_uri of others) {
      const page = await browser.visit(authorizeUrl({ prompt: 'none', redirect_uri }));
      expect(page.status).toBe(400);
      expect(page.body).toContain('does not have a registered origin');
      expect(page.body).not.toContain('script');
    }
    Object.assign(client, declared);
  });
});

const send = (method: string, path: string, headers: Readonly<Record<string, string>>) =>
  axios.request({ method, url: `${origin}${path}`, headers, validateStatus: () => true });
const allowed = (answer: { readonly headers: object }) =>
  Object.fromEntries(
    Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control-')),
  );

describe('a script may read', () => {
  const PATHS = [
    ['GET', '/.well-known/openid-configuration'],
    ['GET', '/.well-known/jwks.json'],
    ['GET', '/userinfo'],
    ['POST', '/oauth/token'],
  ] as const;

  test.each(PATHS)('%s %s from a declared web origin', async (method, path) => {
    const answer = await send(method, path, { Origin: HOME });
    expect(allowed(answer)).toEqual({ 'access-control-allow-origin': HOME });
    expect(answer.headers.vary).toContain('Origin');
  });

  test.each(PATHS)('nothing of %s %s from another origin', async (method, path) => {
    for (const other of [ELSEWHERE, 'null', 'https://localhost:3000', 'http://localhost:30000']) {
      expect(allowed(await send(method, path, { Origin: other }))).toEqual({});
    }
    expect(allowed(await send(method, path, {}))).toEqual({});
  });

  test('tokens and the profile of its own application only', async () => {
    const web = store.clients.get(WEB);
    if (web === undefined) throw new Error('no such application');
    web.web_origins = [ELSEWHERE];
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: SPA,
      refresh_token: 'made-up',
    });
    const exchange = (from: string) =>
      axios.post(`${origin}/oauth/token`, form, {
        headers: { Origin: from },
        validateStatus: () => true,
      });
    expect(allowed(await exchange(HOME))).toHaveProperty('access-control-allow-origin', HOME);
    expect(allowed(await exchange(ELSEWHERE))).toEqual({});

    const { access_token } = await signIn({ audience: API });
    const Authorization = `Bearer ${access_token}`;
    const ask = (from: string) => send('GET', '/userinfo', { Origin: from, Authorization });
    expect(allowed(await ask(HOME))).toHaveProperty('access-control-allow-origin', HOME);
    expect(allowed(await ask(ELSEWHERE))).toEqual({});
  });

  test('what a preflight asks for, and nothing where it comes from elsewhere', async () => {
    const ask = (from: string) =>
      send('OPTIONS', '/oauth/token', {
        Origin: from,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'auth0-client,content-type',
      });
    const mine = await ask(HOME);
    expect(mine.status).toBe(204);
    expect(allowed(mine)).toMatchObject({
      'access-control-allow-origin': HOME,
      'access-control-allow-headers': 'auth0-client,content-type',
      'access-control-allow-methods': 'GET, POST',
    });
    expect(allowed(await ask('https://third.example.com'))).toEqual({});
  });
});

test('nothing of it is printed', () => {
  const printed = written.flatMap(({ mock }) => mock.calls.map(([text]) => String(text)));
  expect(printed.filter((text) => /oidc-provider|NOTICE|WARNING/i.test(text))).toEqual([]);
});
