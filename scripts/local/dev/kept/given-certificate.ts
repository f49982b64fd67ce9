/**
 * `--cert` and `--key`: a certificate that somebody else made, as mkcert does. The local servers
 * are asked by programs of this package too, so whoever signed it has to be found here.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import { splitCertificates, splitKeys } from '#scripts/local/net/pem.ts';
import { findHome, writeKeptFile } from './cache-folder.ts';
import type { KeptCertificate } from './own-certificate.ts';

/** Both are paths. */
export interface GivenCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * @param own stays in use for Bitbucket's names, which the given one does not have.
 * @param path where what a client has to trust is written.
 * @throws {UserError} for a file that cannot be read or used.
 */
export function useGivenCertificate(
  given: GivenCertificate,
  own: KeptCertificate,
  path: string,
): KeptCertificate {
  const chain = splitCertificates(readPem('--cert', given.cert));
  const [key] = splitKeys(readPem('--key', given.key));
  const leaf = readLeaf(given.cert, chain[0]);
  if (key === undefined) {
    throw new UserError(`--key ${given.key}: there is no private key in it that can be read.`);
  }
  assertUsable(given, leaf, key);
  const issuer = findIssuer(leaf, chain);
  if (issuer === undefined) {
    throw new UserError(
      `--cert ${given.cert}: who signed it is not known here. Put that certificate behind it in the file, or name it in NODE_EXTRA_CA_CERTS.`,
    );
  }
  const ofBitbucket = own.server.others ?? [];
  const pem = [issuer.toString(), ...ofBitbucket.map(({ cert }) => cert)]
    .map((text) => `${text.trim()}\n`)
    .join('');
  writeKeptFile(path, pem);
  return {
    server: { cert: chain.join('\n'), key, others: ofBitbucket },
    authority: { path, pem },
  };
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${option} ${path} cannot be read (${code}).`);
  }
}

function readLeaf(path: string, pem: string | undefined): X509Certificate {
  try {
    return new X509Certificate(pem ?? '');
  } catch {
    throw new UserError(`--cert ${path}: there is no certificate in it that can be read.`);
  }
}

function assertUsable(
  { cert, key: keyPath }: GivenCertificate,
  leaf: X509Certificate,
  key: string,
) {
  if (!isKeyOf(leaf, key)) {
    throw new UserError(`--key ${keyPath} is not the key of --cert ${cert}.`);
  }
  if (leaf.checkHost('localhost') === undefined) {
    throw new UserError(`--cert ${cert} is not for localhost: mkcert localhost 127.0.0.1 ::1`);
  }
  if (Date.parse(leaf.validTo) < Date.now()) {
    throw new UserError(`--cert ${cert} has expired (${leaf.validTo}).`);
  }
}

function isKeyOf(leaf: X509Certificate, key: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Itself, another in its file, mkcert's, or one that Node or the system trusts. */
function findIssuer(leaf: X509Certificate, chain: readonly string[]): X509Certificate | undefined {
  const sources = [
    () => chain,
    () => splitCertificates(readMkcertRoot()),
    ...(['extra', 'bundled', 'system'] as const).map((kind) => () => tls.getCACertificates(kind)),
  ];
  for (const source of sources) {
    for (const pem of source()) {
      const candidate = parse(pem);
      if (candidate === undefined) continue;
      if (leaf.checkIssued(candidate) && leaf.verify(candidate.publicKey)) return candidate;
    }
  }
  return undefined;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Where mkcert keeps its own: https://github.com/FiloSottile/mkcert (`mkcert -CAROOT`). */
function readMkcertRoot({ CAROOT, LOCALAPPDATA, XDG_DATA_HOME } = process.env): string {
  const home = findHome();
  const folders = [
    CAROOT,
    LOCALAPPDATA && join(LOCALAPPDATA, 'mkcert'),
    XDG_DATA_HOME && join(XDG_DATA_HOME, 'mkcert'),
    home && join(home, 'Library', 'Application Support', 'mkcert'),
    home && join(home, '.local', 'share', 'mkcert'),
  ];
  for (const folder of folders) {
    if (!folder) continue;
    try {
      return readFileSync(join(folder, 'rootCA.pem'), 'utf8');
    } catch {
      // The next one, then.
    }
  }
  return '';
}
