/** The example of `docs/applications.md`, as it stands there, told what the Actions say. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeRefusal, type RefusalCode } from '#actions/lib/policy/refusal.ts';
import { namedBlocksOf, pathOf, readText } from './pages.ts';

const APPLICATION = {
  domain: 'login.example.com',
  clientId: 'an id&more',
  loginUrl: 'https://app.example.com/login',
};
const CODES = Object.keys({
  bitbucket_email_unverified: true,
  bitbucket_workspace_required: true,
  bitbucket_login_required: true,
  bitbucket_unavailable: true,
  bitbucket_misconfigured: true,
} satisfies Record<RefusalCode, true>) as RefusalCode[];

// biome-ignore lint/suspicious/noExplicitAny: the example is JavaScript.
const example: Record<string, any> = {};
let folder: string;

beforeAll(async () => {
  // Inside node_modules, so that the example finds openid-client as an application would.
  const cache = pathOf('node_modules/.cache/');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'refusal-example-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const blocks = namedBlocksOf(readText('docs/applications.md'));
  for (const [name, block] of blocks) await writeFile(join(folder, name), block);
  for (const name of blocks.keys()) {
    example[name] = await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const refusedWith = (description: string) => ({
  error: 'access_denied',
  error_description: description,
});

describe('readRefusal', () => {
  test.each(CODES)('takes %s and its sentence apart', (code) => {
    const { readRefusal } = example['bitbucket-refusal.js'];
    const description = describeRefusal({ code: code, cause: '' });
    expect(readRefusal(refusedWith(description))).toEqual({
      code,
      sentence: description.slice(code.length + 2),
    });
  });

  test.each([
    ['another error', { error: 'login_required', error_description: 'Login required' }],
    [
      'another code under another error',
      { ...refusedWith('bitbucket_x: y'), error: 'server_error' },
    ],
    ['what another Action refused', refusedWith('Only on weekdays.')],
    ['a code in the middle', refusedWith('see bitbucket_unavailable: later')],
    ['no description', { error: 'access_denied' }],
    ['an error of the network', new TypeError('Failed to fetch')],
  ])('leaves %s alone', (_, error) => {
    expect(example['bitbucket-refusal.js'].readRefusal(error)).toBeUndefined();
  });
});

test('the links lead to a new login, and to it by way of the sign-out', () => {
  const { tryAgain, useAnotherAccount } = example['bitbucket-refusal.js'].createLinks(APPLICATION);
  expect(tryAgain).toBe(APPLICATION.loginUrl);
  const url = new URL(useAnotherAccount);
  expect(url.origin + url.pathname).toBe('https://login.example.com/v2/logout');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: APPLICATION.clientId,
    returnTo: APPLICATION.loginUrl,
  });
});

describe('the single-page application', () => {
  const fail = (error: object) => () => Promise.reject(Object.assign(new Error(), error));
  const refusal = refusedWith(describeRefusal({ code: 'bitbucket_workspace_required', cause: '' }));

  test('begins a login at Bitbucket, not with the session that was refused', () => {
    const loginWithRedirect = vi.fn();
    example['single-page.js'].beginLogin({ loginWithRedirect });
    expect(loginWithRedirect).toHaveBeenCalledWith({
      authorizationParams: { connection: 'bitbucket', prompt: 'login' },
    });
  });

  test.each([
    ['endLogin', 'handleRedirectCallback'],
    ['getToken', 'getTokenSilently'],
  ])('%s shows a refusal with both ways on', async (name, method) => {
    const show = vi.fn();
    await example['single-page.js'][name]({ [method]: fail(refusal) }, APPLICATION, show);
    expect(show).toHaveBeenCalledExactlyOnceWith({
      code: 'bitbucket_workspace_required',
      sentence: expect.stringContaining('Ask your administrator'),
      tryAgain: APPLICATION.loginUrl,
      useAnotherAccount: expect.stringContaining('/v2/logout?'),
    });
  });

  test.each([
    ['endLogin', 'handleRedirectCallback'],
    ['getToken', 'getTokenSilently'],
  ])('%s hides no other error', async (name, method) => {
    const auth0 = { [method]: fail({ error: 'login_required' }) };
    const ended = example['single-page.js'][name](auth0, APPLICATION, vi.fn());
    await expect(ended).rejects.toMatchObject({ error: 'login_required' });
  });
});

describe('the server application', () => {
  const issuer = 'https://login.example.com/';
  const config = new oidc.Configuration({ issuer, token_endpoint: `${issuer}oauth/token` }, 'id');
  const checks = { expectedState: 'the state', pkceCodeVerifier: 'v'.repeat(43) };
  const callback = (state: string) => {
    const description = describeRefusal({ code: 'bitbucket_unavailable', cause: '' });
    const query = new URLSearchParams({ ...refusedWith(description), state });
    return new URL(`https://app.example.com/callback?${query}`);
  };
  const endLogin = (state: string) =>
    example['server.js'].endLogin(config, APPLICATION, callback(state), checks);

  test('answers a refusal with both ways on', async () => {
    expect(await endLogin('the state')).toEqual({
      refusal: {
        code: 'bitbucket_unavailable',
        sentence: expect.stringContaining('Try again in a few minutes'),
        tryAgain: APPLICATION.loginUrl,
        useAnotherAccount: expect.stringContaining('/v2/logout?'),
      },
    });
  });

  test('shows nothing of a link that somebody else made', async () => {
    await expect(endLogin('another state')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('"state"') },
    });
  });
});
