/** auth0-spa-js in a real Chromium: redirects, a popup, a frame, refresh tokens, a refusal, logout. */
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BitbucketUser } from '#scripts/local/bitbucket/world.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { listenOnLoopback } from '#scripts/local/net/loopback-server.ts';
import {
  API,
  type ApplicationTenant,
  SPA,
  startApplicationTenant,
} from '#test/support/application-tenant.ts';
import { chromiumPath, launchChromium } from '#test/support/chromium.ts';
import { serve } from '#test/support/serve.ts';

const SCOPE = 'openid profile email offline_access read:reports';
const BUTTONS = ['login', 'popup', 'refresh', 'frame', 'logout'];

describe.skipIf(chromiumPath === undefined)('auth0-spa-js', () => {
  let tenant: ApplicationTenant;
  let browser: Browser;
  let page: Page;
  let http: string;
  let https: string;
  const closing: (() => Promise<unknown>)[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('pages/spa.js', import.meta.url))],
      bundle: true,
      format: 'esm',
      write: false,
    });
    const handler: RequestListener = ({ url }, response) => {
      const isScript = url === '/page.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? outputFiles[0]?.contents : renderPage(tenant));
    };
    const certificate = await createServerCertificate(['localhost']);
    const plain = await serve(handler);
    const secure = await listenOnLoopback(certificate, handler);
    http = plain.origin;
    https = secure.origin;
    tenant = await startApplicationTenant(http, https);
    browser = await launchChromium(tenant.certificate, certificate.cert);
    closing.push(
      () => browser.close(),
      () => tenant.close(),
      () => plain.close(),
      () => secure.close(),
    );
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  beforeEach(async () => {
    complaints.length = 0;
    const context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  const press = (name: string) => page.click(`button[name=${name}]`);
  const readResult = async () => {
    await page.waitForFunction('document.querySelector("output")?.textContent');
    return JSON.parse((await page.textContent('output')) ?? '');
  };
  const doAndRead = async (name: string) => {
    await press(name);
    return readResult();
  };
  const signIn = async (origin: string, person: BitbucketUser) => {
    await page.goto(origin);
    await press('login');
    await consent(page, person);
    await page.waitForURL((url) => url.origin === origin && url.pathname === '/callback');
    return readResult();
  };
  const expected = () => ({
    email: 'max@example.com',
    sub: `bitbucket|${tenant.max.uuid}`,
    scope: SCOPE,
    expires_in: 86_400,
  });

  test('signs in by redirects from http://localhost, refreshes, and signs out', async () => {
    expect(await signIn(http, tenant.max)).toEqual(expected());
    expect(await doAndRead('refresh')).toEqual(expected());
    await press('logout');
    await page.waitForURL(`${http}/`);
    expect(await doAndRead('refresh')).toMatchObject({ error: expect.any(String) });
    await press('login');
    await page.waitForSelector('input[type=radio]');
  });

  test('is told the code and the sentence of a refusal', async () => {
    expect(await signIn(http, tenant.nora)).toEqual({
      error: 'access_denied',
      description: expect.stringMatching(/^bitbucket_workspace_required: /),
    });
  });

  test('signs in with a popup', async () => {
    await page.goto(http);
    const [popup] = await Promise.all([page.waitForEvent('popup'), press('popup')]);
    await consent(popup, tenant.max);
    expect(await readResult()).toEqual(expected());
  });

  test('is told of a refusal in a popup', async () => {
    await page.goto(http);
    const [popup] = await Promise.all([page.waitForEvent('popup'), press('popup')]);
    await consent(popup, tenant.nora);
    expect(await readResult()).toMatchObject({ error: 'access_denied' });
  });

  test('finds the session in a frame from https://localhost, and none from http: Chromium keeps the cookie back', async () => {
    await signIn(https, tenant.max);
    await page.goto(https);
    expect(await doAndRead('frame')).toEqual({ scope: SCOPE.replace(' offline_access', '') });
    await page.goto(http);
    expect(await doAndRead('frame')).toMatchObject({ error: 'login_required' });
  });
});

/** The person is chosen on Bitbucket's page, and grants what is asked for. */
async function consent(page: Page, person: BitbucketUser): Promise<void> {
  await page.check(`input[value="${person.uuid}"]`);
  await page.click('button[value=grant]');
}

function renderPage({ tenant: { domain } }: ApplicationTenant): string {
  const buttons = BUTTONS.map((name) => `<button name="${name}">${name}</button>`);
  return `<!doctype html>
<html lang="en" data-domain="${domain}" data-client-id="${SPA}" data-audience="${API}">
<head><meta charset="utf-8"><title>Application</title><link rel="icon" href="data:,"></head>
<body>${buttons.join('')}<output></output><script type="module" src="/page.js"></script></body></html>`;
}
