/** The tenant's metadata: what oidc-provider tells of itself, corrected to what works here. */
import { OFFLINE_ACCESS, OIDC_SCOPES } from './scopes.ts';

/** Middleware of oidc-provider. */
export function createDiscovery(issuer: string) {
  return async (
    ctx: { readonly path: string; body: unknown },
    next: () => Promise<void>,
  ): Promise<void> => {
    await next();
    const isMetadata =
      ctx.path === '/.well-known/openid-configuration' ||
      ctx.path === '/.well-known/oauth-authorization-server';
    if (!isMetadata || typeof ctx.body !== 'object') return;
    ctx.body = {
      ...ctx.body,
      end_session_endpoint: `${issuer}oidc/logout`,
      response_modes_supported: ['query', 'fragment', 'form_post', 'web_message'],
      scopes_supported: [...OIDC_SCOPES, OFFLINE_ACCESS],
    };
  };
}
