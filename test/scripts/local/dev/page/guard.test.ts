/** Another website in the same browser neither changes nor reads anything of the page. */
import { describe, expect, test } from 'vitest';
import { findIntruder } from '#scripts/local/dev/page/guard.ts';

const PORT = 8443;
const HOST = 'localhost:8443';
const ask = (method: string, headers: Readonly<Record<string, string>>) =>
  findIntruder({ method, headers: { host: HOST, ...headers } }, PORT);

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('is let through', () => {
  test.each<[string, string, Record<string, string>]>([
    ['an address that is typed', 'GET', { 'sec-fetch-site': 'none', ...NAVIGATION }],
    ['a link of another site', 'GET', { 'sec-fetch-site': 'cross-site', ...NAVIGATION }],
    ['the way back from Bitbucket', 'GET', { 'sec-fetch-site': 'same-site', ...NAVIGATION }],
    [
      'a form of the page',
      'POST',
      { origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin', ...NAVIGATION },
    ],
    [
      'the script of the page',
      'POST',
      { origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    ],
    ['the page’s own stylesheet', 'GET', { 'sec-fetch-site': 'same-origin' }],
    ['a program that is no browser', 'POST', {}],
    ['an older browser’s own form', 'POST', { origin: `https://${HOST}` }],
    ['the address in numbers', 'GET', { host: '127.0.0.1:8443' }],
    ['the address in IPv6', 'GET', { host: '[::1]:8443' }],
  ])('%s', (_, method, headers) => {
    expect(ask(method, headers)).toBeUndefined();
  });
});

describe('is refused', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'a form of another site',
      'POST',
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', ...NAVIGATION },
    ],
    ['a form of another site in an older browser', 'POST', { origin: 'https://evil.example' }],
    ['a form of a page without an origin', 'POST', { origin: 'null' }],
    [
      'an application on another port',
      'POST',
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' },
    ],
    [
      'the local Bitbucket',
      'POST',
      { origin: 'https://localhost:8444', 'sec-fetch-site': 'same-site' },
    ],
    ['the same host over http', 'POST', { origin: `http://${HOST}` }],
    ['a POST whose site alone is told', 'POST', { 'sec-fetch-site': 'cross-site', ...NAVIGATION }],
    [
      'a script of another site that reads',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ],
    [
      'another site that embeds it as a script',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    ],
    [
      'a frame of another site',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    ['a name that was pointed here', 'GET', { host: 'evil.example:8443' }],
    ['a name that begins like it', 'GET', { host: 'localhost.evil.example:8443' }],
    ['another port', 'GET', { host: 'localhost:8444' }],
    ['no host', 'GET', { host: '' }],
  ])('%s', (_, method, headers) => {
    expect(ask(method, headers)).toEqual(expect.any(String));
  });
});
