/** The page in a real browser: every control of it, as a person uses it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { createApplication } from '#scripts/local/stage/sign-in.ts';
import { chromiumPath, launchChromium } from '#test/support/chromium.ts';
import { APPLICATION_CALLBACK, type StartedPage, startPage } from './start-page.ts';

const PLACES = ['/', '/dev/people', '/dev/policy', '/dev/applications'];

/** What a person sees of it, and not what is folded away. */
// biome-ignore lint/performance/useDomNodeTextContent: textContent has what nobody sees.
const seen = (part: Locator): Promise<string> => part.innerText();

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let started: StartedPage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  const open = async (path: string) => void (await page.goto(started.origin + path));
  /** Every button sends a form, which ends with a page. */
  const press = async (name: string) => {
    const loaded = page.waitForEvent('domcontentloaded');
    await page.getByRole('button', { name, exact: true }).click();
    await loaded;
  };
  const choose = (name: string) => page.getByRole('combobox', { name, exact: true });
  const result = () => page.locator('.result');
  const headline = () => seen(page.locator('#result'));
  const notice = () => seen(page.locator('.notice'));
  /** At the local Bitbucket. */
  const consent = async (name: string, decision = 'Grant access') => {
    await page.getByRole('radio', { name }).check();
    await press(decision);
    await page.waitForURL((url) => url.origin === started.origin && url.pathname === '/');
  };
  const logIn = async (name: string) => {
    await press('Use another account');
    await consent(name);
  };

  const newPage = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    context = await browser.newContext(options);
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      // What is refused with a status is told as an error too; that is what the test asks for.
      if (message.type() !== 'error' || message.text().includes('status of 422')) return;
      complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  };

  beforeAll(async () => {
    started = await startPage();
    browser = await launchChromium(started.sandbox.certificate);
  });
  beforeEach(async () => {
    await newPage();
    await open('/');
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await context.close();
    await started.reset();
  });
  afterAll(async () => {
    await browser?.close();
    await started?.close();
  });

  it('goes by the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await seen(page.locator(':focus'))).toBe('To the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await seen(page.locator(':focus'))).toBe('Log in with Bitbucket');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.origin === started.sandbox.bitbucket.origin);
  });

  it('works without its script', async () => {
    await context.close();
    await newPage({ javaScriptEnabled: false });
    await open('/');
    await logIn('Olivia');
    expect(await headline()).toBe('in Olivia got in');
    await open('/dev/policy');
    await page.getByLabel('Roles').fill('admin');
    await press('Save the policy');
    expect(await seen(page.locator('#ROLES-said'))).toBe('role 1 has no =; write role=rule');
  });

  it('logs somebody in by the real redirects, and shows rules, timeline, facts and tokens', async () => {
    await press('Log in with Bitbucket');
    expect(new URL(page.url()).origin).toBe(started.sandbox.bitbucket.origin);
    await consent('Olivia');
    expect(await headline()).toBe('in Olivia got in');
    const text = await seen(result());
    for (const part of ['✔ yes', '/2.0/user/emails', 'app_metadata', 'Permission in acme']) {
      expect(text).toContain(part);
    }
    await page.getByText('ID token', { exact: true }).click();
    await page.getByText('Access token', { exact: true }).click();
    const claims = await seen(page.locator('pre[aria-label="ID token"]'));
    expect(JSON.parse(claims)).toMatchObject({
      email: 'olivia@example.com',
      'https://example.com/bitbucket/roles': ['admin'],
    });
    expect(await seen(page.locator('pre[aria-label="Access token"]'))).toContain('"aud"');
  });

  it('refuses somebody with code and sentence, and takes another account', async () => {
    await logIn('Nora');
    expect(await headline()).toBe('refused Nora was not let in');
    expect(await seen(result())).toMatch(
      /bitbucket_workspace_required\s+Your Bitbucket account is not in a workspace/,
    );
    await logIn('Uma');
    expect(await seen(result())).toContain('bitbucket_email_unverified');
    await logIn('Olivia');
    expect(await headline()).toBe('in Olivia got in');
  });

  it('tells of somebody who cancels', async () => {
    await press('Log in with Bitbucket');
    await consent('Olivia', 'Cancel');
    expect(await headline()).toBe('cancelled Somebody cancelled at Bitbucket');
  });

  it('refreshes; when the sign-in has expired, the consumer is asked', async () => {
    await logIn('Olivia');
    await press('Refresh the token');
    expect(await headline()).toBe('in A refresh for Olivia went through');
    expect(await seen(result())).toContain('decided by what was known, without a call');
    await press('Let the Bitbucket token expire');
    expect(await notice()).toBe('The Bitbucket token of Olivia has expired.');
    await press('+61 min');
    expect(await seen(page.locator('.state'))).toContain('Clock 1 h 1 min ahead');
    await press('Refresh the token');
    expect(await seen(result())).toContain('Bitbucket was asked as the consumer');
    await press('Back to now');
    expect(await seen(page.locator('.state'))).not.toContain('Clock');
  });

  it('moves the clock a day and a month', async () => {
    await press('+25 h');
    await press('+31 d');
    expect(await seen(page.locator('.state'))).toContain('Clock 32 d 1 h ahead');
    await press('Back to now');
  });

  it('takes somebody out of a workspace, and puts them back', async () => {
    await logIn('Olivia');
    await press('Take Olivia out of acme');
    await press('Take Olivia out of elsewhere');
    await logIn('Olivia');
    expect(await seen(result())).toContain('bitbucket_workspace_required');
    await press('Put Olivia back into acme as owner');
    await press('Put Olivia back into elsewhere as member');
    await logIn('Olivia');
    expect(await headline()).toBe('in Olivia got in');
  });

  it('breaks Bitbucket, and mends it', async () => {
    await logIn('Olivia');
    await press('+61 min');
    for (const call of ['permission', 'repositories']) {
      await choose('Call').selectOption(call);
      await choose('Fault').selectOption('truncated JSON');
      await press('Break it');
    }
    expect(await seen(page.locator('.state'))).toContain('permission, truncated JSON');
    await press('Log in with Bitbucket');
    expect(await seen(result())).toContain('bitbucket_unavailable');
    await press('Mend everything');
    await press('Log in with Bitbucket');
    expect(await headline()).toBe('in Olivia got in');
    await press('Back to now');
  });

  it('signs out: the next login asks at Bitbucket again', async () => {
    await logIn('Olivia');
    await press('Log in with Bitbucket');
    await press('Sign out');
    expect(await notice()).toBe('Signed out.');
    await press('Log in with Bitbucket');
    expect(new URL(page.url()).origin).toBe(started.sandbox.bitbucket.origin);
  });

  it('shows a login of another application without a reload', async () => {
    const application = await createApplication({
      issuer: `${started.origin}/`,
      clientId: 'local-spa',
      callbackUrl: APPLICATION_CALLBACK,
      audience: 'https://api.example.com',
    });
    await application.signIn(createBrowser({ userUuid: started.people.nora.uuid }));
    await page.getByText('New: refused Nora was not let in').waitFor();
    await page.getByRole('link', { name: /Nora was not let in Local SPA/ }).click();
    expect(await headline()).toBe('refused Nora was not let in');
  });

  it('changes a person, who gets in then', async () => {
    await page.getByRole('link', { name: 'People' }).click();
    await page.locator('summary', { hasText: 'Nora' }).click();
    const form = page.locator('.person[open]');
    await choose('acme').selectOption('member');
    await choose('acme/infra').selectOption('write');
    await form.getByLabel('Another address').fill('nora.second@example.com');
    await form.getByLabel('Name').fill('Nora N.');
    await press('Save');
    expect(await notice()).toBe('Nora N. is saved.');
    expect(await seen(page.locator('.person[open] summary'))).toContain('member of acme');
    await open('/');
    await logIn('Nora N.');
    expect(await headline()).toBe('in Nora N. got in');
  });

  it('adds and removes people, workspaces and repositories', async () => {
    await open('/dev/people');
    await page.getByText('Add somebody').click();
    const add = page.locator('form[action="/dev/people/add"]');
    await add.getByLabel('Name').fill('Zed');
    await add.getByLabel('Address').fill('zed@example.com');
    await press('Add');
    await press('Remove Zed');
    expect(await notice()).toBe('Zed is not here any more.');
    await page.getByLabel('New workspace').fill('beta');
    await press('Add the workspace');
    await choose('In').selectOption('beta');
    await page.getByLabel('New repository').fill('site');
    await press('Add the repository');
    expect(await notice()).toBe('There is a repository beta/site.');
  });

  it('tells while typing what is wrong with a rule, and saves what is right', async () => {
    await open('/dev/policy');
    const field = page.getByLabel('Who gets in');
    await field.fill('acme, acme:boss');
    await page.getByText('rule 2 has an unknown permission').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await press('Save the policy');
    expect(await notice()).toBe('Not saved. Something is wrong with: Who gets in.');
    await page.getByLabel('Who gets in').fill('acme, acme/infra:write, elsewhere:owner');
    await page.getByText('elsewhere:owner: owners of the workspace elsewhere').waitFor();
    expect(await page.getByLabel('Who gets in').getAttribute('aria-invalid')).toBeNull();
    await press('Save the policy');
    expect(await notice()).toBe('The policy is saved. It acts at the next login.');
  });

  it('logs in as an application that declares the page’s callback, by its own policy', async () => {
    await open('/dev/applications');
    const form = page.locator('form', {
      has: page.getByRole('button', { name: 'Save Local web' }),
    });
    await form.getByLabel('The connection is enabled').check();
    await form.getByLabel('Callbacks, one a line').fill(`${started.origin}/dev/callback`);
    await form.getByLabel('Who gets in').fill('no-such-workspace');
    await press('Save Local web');
    await open('/');
    await choose('Application').selectOption('Local web');
    await logIn('Olivia');
    expect(await seen(result())).toContain('no-such-workspace');
    expect(await headline()).toBe('refused Olivia was not let in');
    await open('/dev/applications');
    await form.getByLabel('Who gets in').fill('');
    await press('Save Local web');
    await open('/');
    await choose('Application').selectOption('Local web');
    await logIn('Olivia');
    expect(await headline()).toBe('in Olivia got in');
    await press('Refresh the token');
    expect(await headline()).toBe('in A refresh for Olivia went through');
  });

  it('shows a client secret to who asks for it', async () => {
    await open('/dev/applications');
    const secret = page.getByText('the-secret-of-the-web-application');
    expect(await secret.isVisible()).toBe(false);
    await page.getByText('Show', { exact: true }).click();
    expect(await secret.isVisible()).toBe(true);
  });

  it('resets, and hands out the world', async () => {
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the world' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('world.yaml');
    expect(await readFile(await download.path(), 'utf8')).toBe('people: []\n');
    const { resets } = started;
    await press('Reset');
    expect(await notice()).toBe('Everything is as it was at the start.');
    expect(started.resets).toBe(resets + 1);
  });

  describe.each([
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
    ['narrow', { colorScheme: 'light', viewport: { width: 320, height: 700 } }],
  ] as const)('%s', (_, options) => {
    test('has nothing that axe finds, and nothing that sticks out', async () => {
      await context.close();
      await newPage(options);
      await open('/');
      await logIn('Nora');
      await press('+61 min');
      await press('Break it');
      const { build } = started;
      started.build = { ...build, error: 'actions/lib/read.ts:3:1: Unexpected "<"' };
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
      for (const place of PLACES) {
        await open(place);
        await page.locator('details').evaluateAll((all: { open?: boolean }[]) => {
          for (const one of all) one.open = true;
        });
        await page.evaluate(axe);
        const violations = await page.evaluate(
          'axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes.map(({ html }) => html).join("\\n")))',
        );
        expect(violations, place).toEqual([]);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect(width, place).toBeLessThanOrEqual(options.viewport.width);
      }
      started.build = build;
    });
  });
});
