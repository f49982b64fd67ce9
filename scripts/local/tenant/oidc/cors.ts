/**
 * Which pages may read what the tenant answers to a script: those of an application's declared web
 * origins, and no others. oidc-provider lets anybody read some of it, so its headers are replaced.
 */
import type Provider from 'oidc-provider';
import type { TenantStore } from '../store.ts';

type Middleware = Parameters<Provider['use']>[0];
type Context = Parameters<Middleware>[0];

const READABLE = [
  '/oauth/token',
  '/oauth/revoke',
  '/userinfo',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/jwks.json',
];

/** An origin that an application has declared; any application of the tenant, where none is named. */
export function isWebOrigin(store: TenantStore, origin: string, clientId?: string): boolean {
  return [...store.clients.values()].some(
    ({ client_id, web_origins }) =>
      (clientId ?? client_id) === client_id &&
      // The dashboard takes them with a slash at the end too.
      (web_origins ?? []).some((declared) => declared.replace(/\/$/, '') === origin),
  );
}

/** Middleware of oidc-provider: the first one, so that its headers are the last word. */
export function createCors(store: TenantStore): Middleware {
  return async (ctx, next) => {
    if (!READABLE.includes(ctx.path)) return next();
    const origin = ctx.get('Origin');
    if (ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method') !== '') {
      ctx.status = 204;
      allow(ctx, origin, isWebOrigin(store, origin));
      return;
    }
    await next();
    for (const name of Object.keys(ctx.response.headers)) {
      if (name.startsWith('access-control-')) ctx.remove(name);
    }
    allow(ctx, origin, isWebOrigin(store, origin, findClientId(ctx)));
  };
}

function findClientId(ctx: Context): string | undefined {
  const { oidc, state } = ctx as Context & {
    readonly oidc?: { readonly client?: { readonly clientId: string } };
  };
  return oidc?.client?.clientId ?? state.clientId;
}

function allow(ctx: Context, origin: string, isAllowed: boolean): void {
  ctx.vary('Origin');
  if (!isAllowed) return;
  ctx.set('Access-Control-Allow-Origin', origin);
  if (ctx.method !== 'OPTIONS') return;
  ctx.set('Access-Control-Allow-Methods', 'GET, POST');
  ctx.set('Access-Control-Allow-Headers', ctx.get('Access-Control-Request-Headers'));
  ctx.set('Access-Control-Max-Age', '600');
}
