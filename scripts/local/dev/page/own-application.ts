/**
 * The application that the page itself is: one more of the tenant's, with a callback of its own and
 * the connection enabled. It can sign in as another one too, where that declares the callback.
 */
import type { StoredClient, TenantStore } from '#scripts/local/tenant/store.ts';

export const OWN_CLIENT_ID = 'local-page';
export const CALLBACK = '/dev/callback';

/** Puts it there, where it is not yet. */
export function ensureOwnApplication(store: TenantStore, origin: string): void {
  if (store.clients.has(OWN_CLIENT_ID)) return;
  store.clients.set(OWN_CLIENT_ID, {
    client_id: OWN_CLIENT_ID,
    client_secret: '',
    name: 'Local page',
    app_type: 'spa',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    callbacks: [origin + CALLBACK],
    allowed_logout_urls: [`${origin}/`],
    web_origins: [],
    client_metadata: {},
  });
  for (const { id, strategy } of store.connections.values()) {
    if (strategy === 'bitbucket') store.enabledClients.get(id)?.add(OWN_CLIENT_ID);
  }
}

/** Applications that people sign in to, in the tenant's order. */
export function listApplications(store: TenantStore): readonly StoredClient[] {
  return [...store.clients.values()].filter(({ grant_types = [] }) =>
    grant_types.includes('authorization_code'),
  );
}

/** Those that the page can sign in as; its own first. */
export function listUsable(store: TenantStore, origin: string): readonly StoredClient[] {
  const usable = listApplications(store).filter(({ callbacks = [] }) =>
    callbacks.includes(origin + CALLBACK),
  );
  return usable.toSorted(
    (one, other) =>
      Number(other.client_id === OWN_CLIENT_ID) - Number(one.client_id === OWN_CLIENT_ID),
  );
}
