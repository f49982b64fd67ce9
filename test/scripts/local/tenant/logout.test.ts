/** The ways out: what they end, where they send people, and what they refuse. */
import axios from 'axios';
import { decodeJwt } from 'jose';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Browser } from '#scripts/local/stage/browser.ts';
import {
  browserOf,
  SPA,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { readForm } from '#test/support/page-form.ts';
import { signInTo } from '#test/support/sign-in-to.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const OF_TENANT = 'https://www.example.com/bye';
const tenant = await startApplicationTenant(HOME);
const { origin, store } = tenant.tenant;
store.settings.allowed_logout_urls = [OF_TENANT];
afterAll(() => tenant.close());

/** Signs Max in; gives the browser and the ID token. */
async function signIn(browser = browserOf(tenant.max)) {
  const { id_token, refresh_token } = await signInTo(origin, browser, CALLBACK, {
    client_id: WEB,
    client_secret: WEB_SECRET,
    scope: 'openid offline_access',
  });
  return { browser, idToken: String(id_token), refreshToken: String(refresh_token) };
}

function logout(browser: Browser, path: string, params: Readonly<Record<string, string>> = {}) {
  const url = new URL(path, origin);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return browser.visit(url);
}

/** Whether prompt=none finds somebody signed in. */
async function isSignedIn(browser: Browser): Promise<boolean> {
  const url = new URL('/authorize', origin);
  url.search = String(
    new URLSearchParams({
      client_id: WEB,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      prompt: 'none',
    }),
  );
  const { searchParams } = await browser.open(url, CALLBACK);
  if (searchParams.has('code')) return true;
  expect(searchParams.get('error')).toBe('login_required');
  return false;
}

describe('/v2/logout', () => {
  test('ends the session and goes to a declared URL of the application', async () => {
    const { browser, refreshToken } = await signIn();
    expect(await isSignedIn(browser)).toBe(true);
    const answer = await logout(browser, '/v2/logout', { client_id: WEB, returnTo: HOME });
    expect([answer.status, answer.location]).toEqual([302, HOME]);
    expect(await isSignedIn(browser)).toBe(false);

    const { data } = await axios.post(`${origin}/oauth/token`, {
      grant_type: 'refresh_token',
      client_id: WEB,
      client_secret: WEB_SECRET,
      refresh_token: refreshToken,
    });
    expect(data).toHaveProperty('access_token');
  });

  test('goes to a declared URL of the tenant where no application is named', async () => {
    const { browser } = await signIn();
    const answer = await logout(browser, '/v2/logout', { returnTo: OF_TENANT });
    expect([answer.status, answer.location]).toEqual([302, OF_TENANT]);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test.each([
    ['of nobody', { client_id: WEB, returnTo: 'https://evil.example/' }],
    ['that begins like a declared one', { client_id: WEB, returnTo: `${HOME}.evil.example` }],
    ['with a query', { client_id: WEB, returnTo: `${HOME}/?a=b` }],
    ['that is a callback and no more', { client_id: WEB, returnTo: CALLBACK }],
    ['of the tenant, to an application', { client_id: WEB, returnTo: OF_TENANT }],
    ['of an application, to the tenant', { returnTo: HOME }],
    ['of an application that does not exist', { client_id: 'nobody', returnTo: HOME }],
  ])('goes to no URL %s, and ends nothing', async (_, params) => {
    const { browser } = await signIn();
    const answer = await logout(browser, '/v2/logout', params);
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('says that the session has ended where it is not told where to go', async () => {
    const { browser } = await signIn();
    const answer = await logout(browser, '/v2/logout', { client_id: WEB });
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.stringContaining('Your session has ended'),
    ]);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('works for a browser that is not signed in', async () => {
    const browser = browserOf(tenant.max);
    const answer = await logout(browser, '/v2/logout', { client_id: SPA, returnTo: `${HOME}/` });
    expect([answer.status, answer.location]).toEqual([302, `${HOME}/`]);
  });
});

describe('/oidc/logout', () => {
  test('with the ID token asks nothing, and state comes back', async () => {
    const { browser, idToken } = await signIn();
    const answer = await logout(browser, '/oidc/logout', {
      id_token_hint: idToken,
      post_logout_redirect_uri: HOME,
      state: 'a&b',
    });
    expect([answer.status, answer.location]).toEqual([302, `${HOME}/?state=a%26b`]);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('takes an ID token that has expired, and one of an earlier session of the same person', async () => {
    const { browser, idToken } = await signIn();
    await logout(browser, '/v2/logout');
    await signIn(browser);
    const { exp = 0 } = decodeJwt(idToken);
    vi.useFakeTimers({ toFake: ['Date'], now: (exp + 60) * 1_000 });
    const answer = await logout(browser, '/oidc/logout', {
      id_token_hint: idToken,
      client_id: WEB,
      post_logout_redirect_uri: HOME,
    });
    vi.useRealTimers();
    expect(answer.location).toBe(HOME);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('with the session as logout_hint asks nothing', async () => {
    const { browser, idToken } = await signIn();
    const answer = await logout(browser, '/oidc/logout', {
      client_id: WEB,
      logout_hint: String(decodeJwt(idToken).sid),
      post_logout_redirect_uri: HOME,
    });
    expect(answer.location).toBe(HOME);
  });

  test('without a hint asks, and ends the session when the form is sent', async () => {
    const { browser } = await signIn();
    const params = { client_id: WEB, post_logout_redirect_uri: HOME, state: 'kept' };
    const page = await logout(browser, '/oidc/logout', params);
    expect([page.status, page.location]).toEqual([200, undefined]);
    expect(await isSignedIn(browser)).toBe(true);

    const answer = await browser.visit(new URL('/oidc/logout', origin), readForm(page.body));
    expect([answer.status, answer.location]).toEqual([302, `${HOME}/?state=kept`]);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('asks when the ID token is of another person than the session', async () => {
    const { idToken } = await signIn();
    const { browser } = await signIn(browserOf(tenant.mia));
    const answer = await logout(browser, '/oidc/logout', { id_token_hint: idToken });
    expect(answer.body).toContain('Do you want to log out?');
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('says that the session has ended where it is not told where to go', async () => {
    const { browser, idToken } = await signIn();
    const answer = await logout(browser, '/oidc/logout', { id_token_hint: idToken });
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.stringContaining('Your session has ended'),
    ]);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('asks nothing of a browser that is not signed in', async () => {
    const answer = await logout(browserOf(tenant.max), '/oidc/logout', {
      client_id: WEB,
      post_logout_redirect_uri: HOME,
    });
    expect(answer.location).toBe(HOME);
  });

  test.each([
    ['an address that is not declared', { post_logout_redirect_uri: 'https://evil.example/' }],
    ['a client id that is not the ID token’s', { client_id: SPA }],
    ['a logout_hint that is not the ID token’s', { logout_hint: 'another' }],
    ['an ID token that was changed', { id_token_hint: 'e30.e30.e30' }],
    ['an ID token that is none', { id_token_hint: 'x' }],
  ])('refuses %s, and ends nothing', async (_, params) => {
    const { browser, idToken } = await signIn();
    const answer = await logout(browser, '/oidc/logout', { id_token_hint: idToken, ...params });
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    expect(await isSignedIn(browser)).toBe(true);
  });
});
