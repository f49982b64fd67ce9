/** APIs and who may have a token for them, in oidc-provider's words. */
import { type Client, errors, type ResourceServer } from 'oidc-provider';
import type { TenantStore } from '../store.ts';
import { findGrantedScopes } from './auth0-dialect.ts';

const DAY_S = 24 * 60 * 60;

/** @throws {errors.CustomOIDCProviderError} as Auth0 refuses. */
export function describeApi(
  store: TenantStore,
  identifier: string,
  client: Client,
  grantType: unknown,
): ResourceServer {
  const api = store.resourceServers.get(identifier);
  if (api === undefined) {
    throw refuse(`Service not enabled within domain: ${identifier}`);
  }
  const granted = findGrantedScopes(store, client.clientId, identifier);
  if (grantType === 'client_credentials' && granted === undefined) {
    throw refuse(
      `Client is not authorized to access "${identifier}". You need to create a "client-grant" associated to this API.`,
    );
  }
  return {
    audience: identifier,
    scope: (granted ?? api.scopes).join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: DAY_S,
    jwt: { sign: { alg: 'RS256' } },
  };
}

function refuse(description: string): Error {
  const error = new errors.CustomOIDCProviderError('access_denied', description);
  return Object.assign(error, { status: 403, statusCode: 403 });
}
