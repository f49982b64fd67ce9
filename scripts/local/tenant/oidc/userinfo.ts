/**
 * /userinfo, for an access token of its own and for one of an API that names it: oidc-provider
 * takes only the former. Source:
 * https://auth0.com/docs/api/authentication/user-profile/get-user-info
 */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import { readBody } from '#scripts/local/net/exchange.ts';
import type { TenantStore } from '../store.ts';
import type { IssuedClaims } from './issued-claims.ts';
import { userInfoAudience } from './token-shape.ts';
import { describeUserFor } from './user-claims.ts';

type Middleware = Parameters<Provider['use']>[0];
type Context = Parameters<Middleware>[0];

interface Bearer {
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Middleware of oidc-provider. It leaves who is asking in `ctx.state.clientId`. */
export function createUserInfo(
  provider: Provider,
  publicKey: JWK,
  store: TenantStore,
  claims: IssuedClaims,
): Middleware {
  const { issuer } = provider;
  const keys = createLocalJWKSet({ keys: [publicKey] });

  const readOpaque = async (value: string): Promise<Bearer | undefined> => {
    const token = await provider.AccessToken.find(value);
    if (token === undefined || token.clientId === undefined) return undefined;
    return { userId: token.accountId, clientId: token.clientId, scopes: token.scopes };
  };
  const readJwt = async (value: string): Promise<Bearer | undefined> => {
    try {
      const { payload } = await jwtVerify(value, keys, {
        issuer,
        audience: userInfoAudience(issuer),
        algorithms: ['RS256'],
      });
      return {
        userId: String(payload.sub),
        clientId: String(payload.azp),
        scopes: new Set(String(payload.scope ?? '').split(' ')),
      };
    } catch {
      return undefined;
    }
  };

  return async (ctx, next) => {
    const isAsked = ctx.path === '/userinfo' && ['GET', 'POST'].includes(ctx.method);
    if (!isAsked) return next();
    ctx.set('Cache-Control', 'no-store');
    const value = await readToken(ctx);
    const bearer = await (value.includes('.') ? readJwt : readOpaque)(value);
    const user = store.users.get(bearer?.userId ?? '');
    if (bearer === undefined || user === undefined) {
      // UNVERIFIED: the body. Documented is the status.
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      ctx.body = 'Unauthorized';
      return;
    }
    const { clientId, scopes } = bearer;
    ctx.state.clientId = clientId;
    const custom = scopes.has('openid') ? claims.newestOfIdToken(clientId, user.user_id) : {};
    ctx.body = { ...custom, ...describeUserFor(user, scopes) };
  };
}

/** From the header, the query or the form, in this order; an empty text where there is none. */
async function readToken(ctx: Context): Promise<string> {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  if (bearer !== undefined) return bearer;
  const query = new URLSearchParams(ctx.querystring).get('access_token');
  if (query !== null || ctx.method !== 'POST') return query ?? '';
  return new URLSearchParams(await readBody(ctx.req)).get('access_token') ?? '';
}
