/** What a tenant has before anything is deployed to it: its APIs, a deployer, applications. */
import { MANAGEMENT_SCOPES } from './management-api/router.ts';
import { createId, type StoredClient, type TenantStore } from './store.ts';

export interface Seed {
  /** The machine-to-machine application that deploys. */
  readonly deployer: {
    readonly clientId: string;
    readonly clientSecret: string;
    /** Of the Management API; every one that this tenant knows, where nothing is said. */
    readonly scopes?: readonly string[];
  };
  readonly applications: readonly SeedApplication[];
  /** What applications can ask tokens for. */
  readonly apis?: readonly SeedApi[];
  /** Where a logout that names no application may send people. */
  readonly logoutUrls?: readonly string[];
}

export interface SeedApi {
  /** What an application asks for as `audience`. */
  readonly identifier: string;
  readonly name?: string;
  /** What a token for it can be good for; one for a user has those that were asked for. */
  readonly scopes?: readonly string[];
}

export interface SeedApplication {
  readonly clientId: string;
  readonly name: string;
  readonly callbacks: readonly string[];
  /** Where a logout may send people, compared exactly; nowhere, where nothing is said. */
  readonly logoutUrls?: readonly string[];
  /** Origins whose pages may read answers and get `web_message`; none, where nothing is said. */
  readonly webOrigins?: readonly string[];
  /** Makes it confidential; without one it is public, and has to send PKCE. */
  readonly clientSecret?: string;
  /** Its callbacks may have a scheme of its own. */
  readonly isNative?: boolean;
  /** The code flow and refresh tokens, where nothing is said. */
  readonly grantTypes?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export function seedStore(store: TenantStore, domain: string, seed: Seed): void {
  const management = `https://${domain}/api/v2/`;
  store.resourceServers.set(management, {
    identifier: management,
    name: 'Auth0 Management API',
    scopes: MANAGEMENT_SCOPES,
    isSystem: true,
  });
  for (const { identifier, name = identifier, scopes = [] } of seed.apis ?? []) {
    store.resourceServers.set(identifier, { identifier, name, scopes });
  }
  store.settings.allowed_logout_urls = [...(seed.logoutUrls ?? [])];
  const { clientId, clientSecret, scopes = MANAGEMENT_SCOPES } = seed.deployer;
  addClient(store, {
    client_id: clientId,
    client_secret: clientSecret,
    name: 'Deployer',
    app_type: 'non_interactive',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  });
  const id = createId('cgr_');
  store.grants.set(id, {
    id,
    client_id: clientId,
    audience: management,
    subject_type: 'client',
    scope: [...scopes],
  });
  for (const application of seed.applications) {
    const { clientSecret } = application;
    addClient(store, {
      client_id: application.clientId,
      client_secret: clientSecret ?? '',
      name: application.name,
      app_type:
        clientSecret !== undefined ? 'regular_web' : application.isNative ? 'native' : 'spa',
      grant_types: [...(application.grantTypes ?? ['authorization_code', 'refresh_token'])],
      token_endpoint_auth_method: clientSecret === undefined ? 'none' : 'client_secret_post',
      callbacks: [...application.callbacks],
      allowed_logout_urls: [...(application.logoutUrls ?? [])],
      web_origins: [...(application.webOrigins ?? [])],
      client_metadata: { ...application.metadata },
    });
  }
}

function addClient(store: TenantStore, client: StoredClient): void {
  store.clients.set(client.client_id, client);
}
