/** PEM, as files hold it: several blocks, one after the other. Text in, texts out. */

/** The certificates of `pem`, each by itself; keys are left out. */
export function splitCertificates(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** The private keys of `pem`, each by itself. */
export function splitKeys(pem: string): readonly string[] {
  return (
    pem.match(/-----BEGIN (?:\w+ )*PRIVATE KEY-----[^-]+-----END (?:\w+ )*PRIVATE KEY-----/g) ?? []
  );
}
