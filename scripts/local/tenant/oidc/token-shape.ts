/** Tokens and token responses in the shape that Auth0 gives them. */
import type {
  AccessToken,
  ClientCredentials,
  JWTStructured,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { IssuedClaims } from './issued-claims.ts';
import { describeGranted } from './scopes.ts';

/** What a token has to name to be good for /userinfo. */
export function userInfoAudience(issuer: string): string {
  return `${issuer}userinfo`;
}

/**
 * The default profile of access tokens. Source:
 * https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
 */
export function createTokenShaper(issuer: string, claims: IssuedClaims) {
  return (
    _ctx: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
    parts: JWTStructured,
  ): void => {
    const { payload } = parts;
    parts.header = { ...parts.header, typ: 'JWT' };
    payload.azp = token.clientId;
    delete payload.client_id;
    if (token.kind === 'ClientCredentials') {
      payload.sub = `${token.clientId}@clients`;
      payload.gty = 'client-credentials';
      return;
    }
    payload.scope = describeGranted(token.scope, claims.hasRefreshToken(token.grantId));
    if (token.scopes.has('openid')) payload.aud = [payload.aud, userInfoAudience(issuer)].flat();
  };
}

interface TokenResponse {
  scope?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
}

/** Middleware of oidc-provider. */
export async function tellGrantedScope(
  ctx: { readonly path: string; body: unknown },
  next: () => Promise<void>,
): Promise<void> {
  await next();
  if (ctx.path !== '/oauth/token') return;
  const { scope, ...response } = (ctx.body ?? {}) as TokenResponse;
  if (response.access_token === undefined) return;
  const granted = describeGranted(scope, response.refresh_token !== undefined);
  ctx.body = granted === undefined ? response : { ...response, scope: granted };
}
