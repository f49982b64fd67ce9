/**
 * A self-signed server certificate, made on the spot.
 *
 * Nothing is written to disk here: who starts a child process that must trust the certificate
 * writes `cert` to a temporary file of its own for NODE_EXTRA_CA_CERTS, and removes it.
 */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** Both PEM. A client trusts the server by taking `cert` as an authority. */
export interface CertificateAndKey {
  readonly key: string;
  readonly cert: string;
}

/** What a server presents, and to whom asks for one of certain hosts, something else. */
export interface ServerCertificate extends CertificateAndKey {
  readonly others?: readonly (CertificateAndKey & { readonly hosts: readonly string[] })[];
}

export interface CertificateTerms {
  readonly days?: number;
  /**
   * Whether it is an authority itself. What somebody puts into the store of a browser must not be:
   * its key could then make a certificate for any host.
   */
  readonly isAuthority?: boolean;
}

const ONE_DAY_MS = 24 * 60 * 60 * 1000;
/** The types of a subject alternative name in X.509. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Creates a certificate for `hosts` (host names and IP addresses), from yesterday on. */
export async function createServerCertificate(
  hosts: readonly string[],
  { days = 1, isAuthority = true }: CertificateTerms = {},
): Promise<CertificateAndKey> {
  // An authority is found by its name: two that are trusted at once must not share one.
  const commonName = `localhost ${randomUUID()}`;
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - ONE_DAY_MS),
    notAfterDate: new Date(Date.now() + days * ONE_DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) =>
          isIP(host) ? { type: IP_ADDRESS, ip: host } : { type: DNS_NAME, value: host },
        ),
      },
    ],
  });
  return { key, cert };
}
