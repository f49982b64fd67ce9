/** Two people at the page at once, each in a browser of their own: what each is shown is their own. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Browser, createBrowser } from '#scripts/local/stage/browser.ts';
import { type StartedPage, startPage } from '#test/scripts/local/dev/page/start-page.ts';

let started: StartedPage;
beforeAll(async () => {
  started = await startPage();
});
beforeEach(() => started.sandbox.tenant.history.clear());
afterAll(() => started.close());

const at = (path: string) => new URL(path, started.origin);
const open = (name: keyof StartedPage['people']): Browser =>
  createBrowser({ userUuid: started.people[name].uuid });

/** To the page's callback, and no further: the flow has run, the code is not redeemed. */
async function signInAtThePage(browser: Browser): Promise<URL> {
  const { location = '' } = await browser.visit(at('/dev/login'), new URLSearchParams());
  return browser.open(new URL(location), `${started.origin}/dev/callback`);
}

async function follow(browser: Browser, url: URL, form?: URLSearchParams): Promise<string> {
  const { location = '' } = await browser.visit(url, form);
  return (await browser.visit(at(location))).body;
}

const headlineOf = (body: string) => />(?:\w+) *<\/span> ([^<]*)<\/h2>/.exec(body)?.[1];

test('logins that overlap are not taken for one another', async () => {
  const [olivia, uma] = [open('olivia'), open('uma')];
  const [hers, theirs] = [await signInAtThePage(olivia), await signInAtThePage(uma)];
  const first = await follow(olivia, hers);
  expect(headlineOf(first)).toBe('Olivia got in');
  expect(first).toContain('Signed in as Olivia');
  expect(headlineOf(await follow(uma, theirs))).toBe('Uma was not let in');
  expect(headlineOf((await olivia.visit(at('/'))).body)).toBe('Olivia got in');
});

test('nor is a refresh taken for a login, or a refresh, of somebody else', async () => {
  const [olivia, mallory] = [open('olivia'), open('mallory')];
  await follow(olivia, await signInAtThePage(olivia));
  await follow(mallory, await signInAtThePage(mallory));
  const refresh = (browser: Browser) => follow(browser, at('/dev/refresh'), new URLSearchParams());
  const others = [refresh(mallory), signInAtThePage(open('uma'))];
  const [first] = await Promise.all([refresh(olivia), ...others]);
  expect(headlineOf(first)).toBe('A refresh for Olivia went through');
  expect(first).toContain('Signed in as Olivia');
});
