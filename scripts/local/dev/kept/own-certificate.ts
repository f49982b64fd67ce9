/**
 * The certificate of `npm run dev`: made once, the same at every start, so that it has to be trusted
 * once. Two, in fact, and neither is an authority: one for localhost, which people put into the store
 * of their browser, and one for Bitbucket's names, which only programs are told of (by the PEM that
 * has both). Nobody's browser ever takes a key on this machine for bitbucket.org.
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import {
  type CertificateAndKey,
  createServerCertificate,
  type ServerCertificate,
} from '#scripts/local/net/certificate.ts';
import { splitCertificates, splitKeys } from '#scripts/local/net/pem.ts';
import { readKeptFile, removeKeptFile, writeFirst, writeKeptFile } from './cache-folder.ts';

export interface KeptCertificate {
  readonly server: ServerCertificate;
  /** PEM without a key: what a program trusts. */
  readonly authority: { readonly path: string; readonly pem: string };
  /** What a browser trusts: a PEM of one certificate; absent where a certificate was given. */
  readonly forBrowsers?: string;
}

export const OUR_HOSTS = ['localhost', '127.0.0.1', '::1'];
export const BITBUCKET_HOSTS = ['bitbucket.org', 'api.bitbucket.org'];

/**
 * Apple takes at most 825 days of one that a person trusts (https://support.apple.com/en-us/103769),
 * Chromium and Node any.
 */
const DAYS = 820;
/** It is made anew when less is left. */
const DAYS_LEFT = 30;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** @throws {UserError} where `folder` cannot be used. */
export async function keepCertificate(folder: string, now = Date.now()): Promise<KeptCertificate> {
  const file = join(folder, 'server.pem');
  const [ours, bitbucket] =
    readPairs(readKeptFile(file) ?? '', now) ?? (await makePairs(file, now));
  const authority = {
    path: join(folder, 'certificate.pem'),
    pem: `${ours.cert}\n${bitbucket.cert}\n`,
  };
  const forBrowsers = join(folder, 'localhost.pem');
  writeWhereDifferent(authority.path, authority.pem);
  writeWhereDifferent(forBrowsers, `${ours.cert}\n`);
  return {
    server: { ...ours, others: [{ ...bitbucket, hosts: BITBUCKET_HOSTS }] },
    authority,
    forBrowsers,
  };
}

type Pairs = readonly [CertificateAndKey, CertificateAndKey];

/** `undefined` for what is damaged, too old, or not there. */
function readPairs(text: string, now: number): Pairs | undefined {
  const [ours, bitbucket] = splitCertificates(text);
  const [ourKey, bitbucketKey] = splitKeys(text);
  if (ours === undefined || bitbucket === undefined) return undefined;
  if (ourKey === undefined || bitbucketKey === undefined) return undefined;
  try {
    const isUsable = [ours, bitbucket].every(
      (pem) => Date.parse(new X509Certificate(pem).validTo) - now > DAYS_LEFT * DAY_MS,
    );
    return isUsable
      ? [
          { cert: ours, key: ourKey },
          { cert: bitbucket, key: bitbucketKey },
        ]
      : undefined;
  } catch {
    return undefined;
  }
}

/** Where several start for the first time at once, they are those of one of them. */
async function makePairs(file: string, now: number): Promise<Pairs> {
  const terms = { days: DAYS, isAuthority: false };
  const make = async (hosts: readonly string[]) => {
    const { cert, key } = await createServerCertificate(hosts, terms);
    return { cert: cert.trim(), key: key.trim() };
  };
  const pairs: Pairs = [await make(OUR_HOSTS), await make(BITBUCKET_HOSTS)];
  const text = `${pairs.flatMap(({ cert, key }) => [cert, key]).join('\n')}\n`;
  if (readPairs(readKeptFile(file) ?? '', now) === undefined) removeKeptFile(file);
  return readPairs(writeFirst(file, text), now) ?? pairs;
}

function writeWhereDifferent(path: string, text: string): void {
  if (readKeptFile(path) !== text) writeKeptFile(path, text);
}
