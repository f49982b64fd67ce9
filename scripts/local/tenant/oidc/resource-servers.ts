/** APIs and who may have a token for them, in oidc-provider's words. */
import type { Client, ResourceServer } from 'oidc-provider';
import { CURRENT_USER_SCOPES, findGrantedScopes } from '../management-api/client-grants.ts';
import type { StoredResourceServer, TenantStore } from '../store.ts';
import { refuseAccess } from './refusals.ts';
import { OIDC_SCOPES } from './scopes.ts';

const DAY_S = 24 * 60 * 60;

/** @throws {Error} an OAuth error, as Auth0 refuses. */
export function describeApi(
  store: TenantStore,
  identifier: string,
  client: Client,
  params: Readonly<Record<string, unknown>>,
): ResourceServer {
  const api = store.resourceServers.get(identifier);
  if (api === undefined) throw refuseAccess(`Service not enabled within domain: ${identifier}`);
  const isMachine = params.grant_type === 'client_credentials';
  const scopes = isMachine ? scopesOfMachine(store, api, client, params.scope) : scopesOfUser(api);
  return {
    audience: identifier,
    scope: scopes.join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: DAY_S,
    jwt: { sign: { alg: 'RS256' } },
  };
}

/** A machine names the API that it wants a token for; for a user without one it is /userinfo. */
export function assertApiIsNamed(params: Readonly<Record<string, unknown>>): void {
  if (params.grant_type !== 'client_credentials') return;
  throw refuseAccess('Non-global clients are not allowed access to APIv1');
}

function scopesOfMachine(
  store: TenantStore,
  { identifier }: StoredResourceServer,
  client: Client,
  requested: unknown,
): readonly string[] {
  const granted = findGrantedScopes(store, client.clientId, identifier);
  if (granted === undefined) {
    throw refuseAccess(
      `Client is not authorized to access "${identifier}". You need to create a "client-grant" associated to this API.`,
    );
  }
  const asked = typeof requested === 'string' ? requested.split(' ') : [];
  const missing = asked.filter((scope) => scope !== '' && !granted.includes(scope));
  if (missing.length > 0) {
    throw refuseAccess(`Client has not been granted scopes: ${missing.join(', ')}`);
  }
  return granted;
}

/**
 * Those of the API, and those about the person: the token is good for /userinfo too. A client grant
 * is a machine's: it neither adds to what a user may have nor takes from it.
 */
function scopesOfUser({ isSystem, scopes }: StoredResourceServer): readonly string[] {
  return [...OIDC_SCOPES, ...(isSystem ? CURRENT_USER_SCOPES : scopes)];
}
