/** The server that the browser comes back to takes what is its own, once, and tells nothing of it. */
import axios from 'axios';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { isMarked } from '#scripts/lib/deploy/login-application.ts';
import { type CallbackServer, openCallbackServer } from '#scripts/lib/login/callback-server.ts';
import { findCallbacks, SUGGESTED } from '#scripts/lib/login/callbacks.ts';
import { readText } from '#test/docs/pages.ts';
import { findFreePorts } from '#test/support/dev-command.ts';
import { get } from '#test/support/login-run.ts';

let server: CallbackServer;
let url: string;
const tell = vi.fn();
beforeEach(async () => {
  tell.mockReset();
  const [port] = await findFreePorts();
  const callbacks = findCallbacks([`http://127.0.0.1:${port}/callback`]);
  server = await openCallbackServer(callbacks, tell);
  url = server.callback.url;
});
afterEach(() => server.close());

describe('an answer', () => {
  test('is taken once; another one is too late', async () => {
    const waited = server.waitFor('mine', 60_000);
    expect(await get(`${url}?code=first&state=mine`)).toMatchObject({ status: 200 });
    expect(await get(`${url}?code=second&state=mine`)).toMatchObject({ status: 410 });
    expect((await waited).searchParams.get('code')).toBe('first');
  });

  test.each([
    ['with another state', (at: string) => get(`${at}?code=c&state=other`), 400],
    ['without one', (at: string) => get(`${at}?code=c`), 400],
    ['at another path', (at: string) => get(`${at}/?code=c&state=mine`), 404],
    ['at the root', (at: string) => get(new URL('/?code=c&state=mine', at)), 404],
    ['by POST', (at: string) => axios.post(`${at}?code=c&state=mine`, '', ANY), 405],
    [
      'for another host, which leads here',
      (at: string) => get(`${at}?code=c&state=mine`, { Host: 'evil.example.com' }),
      404,
    ],
  ])('%s is not taken', async (_, send, status) => {
    const waited = server.waitFor('mine', 60_000);
    expect(await send(url)).toMatchObject({ status });
    expect(tell).toHaveBeenCalledTimes(status === 400 ? 1 : 0);
    await get(`${url}?code=right&state=mine`);
    expect((await waited).searchParams.get('code')).toBe('right');
  });

  test('before anybody waits is not taken', async () => {
    expect(await get(`${url}?code=c&state=`)).toMatchObject({ status: 400 });
  });
});

const ANY = { validateStatus: () => true };

test('the page says nothing of the answer, and hands its address to nobody', async () => {
  const waited = server.waitFor('mine', 60_000);
  const query =
    'state=mine&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E';
  const { data, headers } = await get(`${url}?${query}`);
  await waited;
  expect(data).not.toMatch(/mine|access_denied|script/);
  expect(data).toContain('You can close this window.');
  expect(headers).toMatchObject({
    ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
});

test('where no port is free it says so, with the ports', async () => {
  await expect(openCallbackServer([server.callback], tell)).rejects.toThrow(
    `No port for the answer is free on this machine (${server.callback.port})`,
  );
});

test.each([
  [
    'http://127.0.0.1:24817/callback',
    { host: '127.0.0.1:24817', port: 24_817, path: '/callback', addresses: ['127.0.0.1'] },
  ],
  [
    'http://localhost:3000',
    { host: 'localhost:3000', port: 3_000, path: '/', addresses: ['127.0.0.1', '::1'] },
  ],
  ['https://127.0.0.1:24817/callback', undefined],
  ['http://localhost/callback', undefined],
  ['http://127.0.0.1.example.com:3000/callback', undefined],
  ['http://localhost:3000/callback?a=b', undefined],
  ['com.example.app://callback', undefined],
  ['http://*.example.com/callback', undefined],
])('the callback %s is on this machine: %j', (text, found) => {
  expect(findCallbacks([text])).toEqual(found === undefined ? [] : [{ url: text, ...found }]);
});

test('the application of tenant.yaml has callbacks here, and the mark by which it is known', () => {
  const { clients } = parse(readText('tenant.yaml')) as {
    readonly clients: readonly Readonly<Record<string, unknown>>[];
  };
  const login = clients.find(({ name }) => name === '##LOGIN_APPLICATION##');
  const callbacks = login?.callbacks as readonly string[];
  expect(findCallbacks(callbacks).map((one) => one.url)).toEqual(callbacks);
  expect(callbacks).toContain(SUGGESTED);
  expect(isMarked(login?.client_metadata)).toBe(true);
});
