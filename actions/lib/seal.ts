/**
 * Sealing something with a key that only these Actions have: nobody else can read it, change it, or
 * make one. AES-256-GCM; the key is derived from a secret of the Actions.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** `purpose` says what it is for and whose it is: it opens for nothing and nobody else. */
export function seal(secret: string, purpose: string, content: string | Uint8Array): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, deriveKey(secret, purpose), iv);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** `undefined` for anything that was not sealed with this secret for this purpose. */
export function open(secret: string, purpose: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(
      ALGORITHM,
      deriveKey(secret, purpose),
      bytes.subarray(0, IV_BYTES),
      { authTagLength: TAG_BYTES },
    );
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = bytes.subarray(IV_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(text), decipher.final()]);
  } catch {
    return undefined;
  }
}

function deriveKey(secret: string, purpose: string): Buffer {
  // HKDF takes 1 kB of it at the most.
  const info = createHash('sha256').update(purpose).digest();
  return Buffer.from(hkdfSync('sha256', secret, 'auth0-bitbucket-login', info, 32));
}
