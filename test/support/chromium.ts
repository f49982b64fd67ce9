/**
 * A real browser for tests: the Chromium of the system, driven by playwright-core.
 *
 * Where there is none, `chromiumPath` is undefined and the tests are skipped by name:
 * `describe.skipIf(chromiumPath === undefined)(…)`.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const KNOWN_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** `CHROMIUM_PATH` where it is set, else where distributions put it. */
export const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH || KNOWN_PATHS.find((path) => existsSync(path));

if (chromiumPath === undefined) {
  console.warn('No Chromium here: the tests in a browser are skipped. CHROMIUM_PATH names one.');
}

/** Nothing that talks to anybody but the page, and nothing that needs a screen. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts it without a window. It trusts `certificates` (PEM) beside its own authorities, by the keys
 * in them; every other certificate is verified as ever.
 */
export function launchChromium(...certificates: readonly string[]): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: [
      ...QUIET,
      ...(isRoot ? ['--no-sandbox'] : []),
      `--ignore-certificate-errors-spki-list=${certificates.map(hashPublicKey).join()}`,
    ],
  });
}

/** As Chromium names a key: SHA-256 of its SubjectPublicKeyInfo, in Base64. */
function hashPublicKey(certificate: string): string {
  const { publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
