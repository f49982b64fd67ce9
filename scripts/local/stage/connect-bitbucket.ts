/** What a deploy puts into a tenant beside the Actions, put there without one. */
import type { Sandbox } from './sandbox.ts';
import { addConnection } from './tenant-contents.ts';

const MACHINE = { clientId: 'machine', clientSecret: 'machine-secret' };

/**
 * The connection, enabled for one application, and the application that reads upstream tokens.
 * @returns the secrets that the Actions need beside a policy.
 */
export function connectBitbucket(
  { tenant: { store, domain }, environment }: Sandbox,
  clientId: string,
): Readonly<Record<string, string>> {
  const { BITBUCKET_KEY = '', BITBUCKET_SECRET = '' } = environment;
  addConnection(store, 'bitbucket', 'bitbucket', [clientId], {
    client_id: BITBUCKET_KEY,
    client_secret: BITBUCKET_SECRET,
  });
  store.clients.set(MACHINE.clientId, {
    client_id: MACHINE.clientId,
    client_secret: MACHINE.clientSecret,
    name: 'Machine',
    grant_types: ['client_credentials'],
  });
  store.grants.set('grant', {
    id: 'grant',
    client_id: MACHINE.clientId,
    audience: `https://${domain}/api/v2/`,
    scope: ['read:users', 'read:user_idp_tokens'],
  });
  return {
    MANAGEMENT_DOMAIN: domain,
    MANAGEMENT_CLIENT_ID: MACHINE.clientId,
    MANAGEMENT_CLIENT_SECRET: MACHINE.clientSecret,
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    BITBUCKET_KEY,
    BITBUCKET_SECRET,
  };
}
