/**
 * /client/{id}.js: what Lock asks before it shows a button. Source of the shape:
 * https://github.com/auth0/Auth0.Android (the application's settings, as its tests have them)
 */
import { html, type LocalReply } from '#scripts/local/net/reply.ts';
import { toScriptJson } from '../oidc/script-json.ts';
import { renderPage } from '../pages.ts';
import { isEnabledFor, type TenantStore } from '../store.ts';

const PATH = /^\/client\/([^/]+)\.js$/;

export function isClientScriptPath(pathname: string): boolean {
  return PATH.test(pathname);
}

/** Names the connections that are enabled for the application, and nothing that is secret. */
export function renderClientScript(store: TenantStore, pathname: string): LocalReply {
  const [, id = ''] = PATH.exec(pathname) ?? [];
  const client = store.clients.get(id);
  if (client === undefined) {
    return html(404, renderPage('Not found', ['There is no such application.']));
  }
  const enabled = [...store.connections.values()].filter((connection) =>
    isEnabledFor(store, connection, id),
  );
  const strategies = [...Map.groupBy(enabled, ({ strategy }) => strategy)].map(
    ([name, connections]) => ({ name, connections: connections.map(({ name }) => ({ name })) }),
  );
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/x-javascript; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    },
    body: `Auth0.setClient(${toScriptJson({ id, strategies })});`,
  };
}
