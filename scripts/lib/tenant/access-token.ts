/** The deployer's Management API token: from Auth0's SDK, with a secret or a private key. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AuthenticationClient } from 'auth0';
import type { Deployer } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { tryPatiently } from './patience.ts';
import { TenantError } from './tenant-error.ts';

const TIMEOUT_MS = 30_000;

/** @throws {UserError} when the tenant cannot be reached, or does not take the credential. */
export async function fetchAccessToken(
  deployer: Deployer,
  tell: (text: string) => void,
): Promise<string> {
  const { credential, domain, clientId } = deployer;
  if (credential.kind === 'access_token') return credential.token;
  if (clientId === undefined) throw new UserError('AUTH0_CLIENT_ID is not set');
  const authentication = new AuthenticationClient({
    ...{ domain, clientId, timeoutDuration: TIMEOUT_MS },
    ...(credential.kind === 'secret'
      ? { clientSecret: credential.secret }
      : {
          clientAssertionSigningKey: await readSigningKey(credential.path),
          clientAssertionSigningAlg: credential.algorithm,
        }),
  });
  const patience = { what: 'POST /oauth/token', domain, isRepeatable: true, tell };
  const answer = await tryPatiently(patience, () =>
    authentication.oauth.clientCredentialsGrant({ audience: `https://${domain}/api/v2/` }),
  ).catch((error: unknown) => {
    throw describeRefusal(error, domain);
  });
  const token: unknown = answer.data.access_token;
  if (typeof token === 'string' && token !== '') return token;
  throw new UserError(`${domain} answered without a token: is AUTH0_DOMAIN an Auth0 tenant?`);
}

function describeRefusal(error: unknown, domain: string): unknown {
  if (!(error instanceof TenantError)) return error;
  // An answer that is no JSON of a token endpoint ends in the SDK as an error without a status.
  if (error.status === undefined) return error;
  const [, reason = ''] = error.message.split(/ was refused: /);
  return new TenantError(
    `${domain} does not let the deployer in: ${reason}. Check AUTH0_CLIENT_ID and its credential, and that the application is authorized for the Management API.`,
    error.status,
  );
}

/**
 * The private key as PKCS#8, which is all that the SDK takes; OpenSSL also writes PKCS#1
 * (`BEGIN RSA PRIVATE KEY`).
 * @throws {UserError} for a file that is not there, or is no RSA key.
 */
async function readSigningKey(path: string): Promise<string> {
  const pem = await readFile(path, 'utf8').catch(() => {
    throw new UserError(`AUTH0_CLIENT_SIGNING_KEY_PATH: cannot read ${path}`);
  });
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') throw new Error('not RSA');
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw new UserError(
      'AUTH0_CLIENT_SIGNING_KEY_PATH: not an RSA private key in PEM (PKCS#8 or PKCS#1), or one with a passphrase',
    );
  }
}
