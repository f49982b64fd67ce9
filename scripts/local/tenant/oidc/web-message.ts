/**
 * `response_mode=web_message`: a page in a frame or a window of its own, which hands the answer to
 * the page that opened it. It posts to the origin of the callback and to no other, and only to one
 * that the application has declared. Source of the page:
 * https://github.com/auth0/auth0-spa-js/blob/main/src/utils.ts (what listens for it).
 */
import { createHash } from 'node:crypto';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { renderPage } from '../pages.ts';
import type { TenantStore } from '../store.ts';
import { isWebOrigin } from './cors.ts';
import { toScriptJson } from './script-json.ts';

export function createWebMessage(store: TenantStore) {
  return (
    ctx: KoaContextWithOIDC,
    redirectUri: string,
    response: Readonly<Record<string, unknown>>,
  ): void => {
    ctx.type = 'html';
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Referrer-Policy', 'no-referrer');
    const { origin } = new URL(redirectUri);
    if (!isWebOrigin(store, origin, ctx.oidc.client?.clientId)) {
      ctx.status = 400;
      ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
      ctx.body = renderPage('Something is wrong', [
        `The specified redirect_uri '${redirectUri}' does not have a registered origin.`,
      ]);
      return;
    }
    const script = renderScript(origin, response);
    const hash = createHash('sha256').update(script).digest('base64');
    ctx.status = 200;
    // No frame-ancestors: it is made to be framed, and says nothing to whoever else frames it.
    ctx.set('Content-Security-Policy', `default-src 'none'; script-src 'sha256-${hash}'`);
    ctx.body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Authorization Response</title></head>
<body><script>${script}</script></body></html>`;
  };
}

function renderScript(origin: string, response: Readonly<Record<string, unknown>>): string {
  const message = toScriptJson({ type: 'authorization_response', response });
  return `(window.opener || window.parent).postMessage(${message}, ${toScriptJson(origin)});`;
}
