/**
 * The picture of the page in the README, and what tells that it is still one of the page: a hash of
 * the HTML that it was taken of, without what differs from run to run.
 *
 * `node test/support/page-picture.ts` takes it anew.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '#scripts/lib/root.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { createApplication } from '#scripts/local/stage/sign-in.ts';
import {
  APPLICATION_CALLBACK,
  type StartedPage,
  startPage,
} from '#test/scripts/local/dev/page/start-page.ts';
import { launchChromium } from './chromium.ts';
import { sendHttps } from './https-request.ts';

export const PICTURE = join(ROOT, 'docs/page.png');
export const PICTURE_MARK = join(ROOT, 'docs/page.png.json');

export interface PictureMark {
  /** Of the HTML. */
  readonly page: string;
  /** Of the picture that was taken of it. */
  readonly picture: string;
}

/** What the picture shows: somebody got in, and somebody else did not. */
export async function setScene(): Promise<StartedPage> {
  const started = await startPage();
  const application = await createApplication({
    issuer: `${started.origin}/`,
    clientId: 'local-spa',
    callbackUrl: APPLICATION_CALLBACK,
    audience: 'https://api.example.com',
  });
  const { olivia, uma, nora } = started.people;
  for (const { uuid } of [olivia, uma, nora]) {
    await application.signIn(createBrowser({ userUuid: uuid }));
  }
  return started;
}

export async function hashPage({ origin, sandbox }: StartedPage): Promise<string> {
  const read = async (path: string) =>
    (await sendHttps(origin + path, { ca: sandbox.certificate })).body;
  const page = (await read('/')).replace(/just now|\d+ (?:s|min) ago/g, 'ago').replace(/\d+/g, '0');
  return hashOf(page + (await read('/dev/page.css')));
}

export function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function takePicture(): Promise<void> {
  const started = await setScene();
  const browser = await launchChromium(started.sandbox.certificate);
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    await page.goto(started.origin);
    const picture = await page.screenshot();
    await mkdir(join(ROOT, 'docs'), { recursive: true });
    await writeFile(PICTURE, picture);
    const mark: PictureMark = { page: await hashPage(started), picture: hashOf(picture) };
    await writeFile(PICTURE_MARK, `${JSON.stringify(mark, null, 2)}\n`);
  } finally {
    await browser.close();
    await started.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await takePicture();
