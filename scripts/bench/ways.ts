/** The ways to find out about a person that are compared, each as one flow. */
import { createRequire } from 'node:module';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { loadHandler } from '../local/stage/load-handler.ts';

export type Way =
  | 'nothing cached'
  | 'Management token cached'
  | 'decided by facts'
  | 'auth0 SDK, one call after another'
  | 'token, user, e-mails, workspaces in a row';

export interface WaysSetup {
  /** Of the shipped files. */
  readonly codes: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly userId: string;
  readonly email: string;
  readonly upstreamToken: string;
}

export interface Ways {
  run(way: Way): Promise<void>;
  /** What the Actions keep between two flows. */
  readonly cache: Map<string, string>;
}

/** Loads the code of each way; nothing is asked yet. */
export function createWays(setup: WaysSetup): Ways {
  const require = createRequire(import.meta.url);
  const { ManagementClient } = require('auth0') as typeof import('auth0');
  const handlers = setup.codes.map((code) => loadHandler(code));
  const cache = new Map<string, string>();
  let appMetadata: Record<string, unknown> = {};

  /** Both Actions, as they are shipped. */
  const runShipped = async (protocol: string): Promise<void> => {
    const transaction: Record<string, unknown> = {};
    const written: Record<string, unknown> = {};
    const event: PostLoginEvent = {
      connection: { name: 'bitbucket', strategy: 'bitbucket' },
      client: { client_id: 'app' },
      user: { user_id: setup.userId, email: setup.email, app_metadata: appMetadata },
      transaction: { protocol, metadata: transaction },
      secrets: setup.secrets,
    };
    const api: PostLoginApi = {
      access: {
        deny: (reason) => {
          throw new Error(reason);
        },
      },
      idToken: { setCustomClaim: () => {} },
      accessToken: { setCustomClaim: () => {} },
      user: { setAppMetadata: (key, value) => Object.assign(written, { [key]: value }) },
      cache: {
        get: (key) => {
          const value = cache.get(key);
          return value === undefined ? undefined : { value, expires_at: Date.now() + 1_000 };
        },
        set: (key, value) => cache.set(key, value),
        delete: (key) => cache.delete(key),
      },
      transaction: { setMetadata: (key, value) => Object.assign(transaction, { [key]: value }) },
    };
    for (const handler of handlers) await handler(event, api);
    if (Object.keys(written).length > 0) appMetadata = written;
  };

  const ask = async (path: string): Promise<void> => {
    const url = `https://api.bitbucket.org/2.0/${path}`;
    const headers = { Authorization: `Bearer ${setup.upstreamToken}` };
    const response = await fetch(url, { headers });
    await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
  };

  const ways: Readonly<Record<Way, () => Promise<void>>> = {
    'nothing cached': () => {
      cache.clear();
      return runShipped('oidc-basic-profile');
    },
    'Management token cached': () => runShipped('oidc-basic-profile'),
    'decided by facts': () => runShipped('oauth2-refresh-token'),
    'auth0 SDK, one call after another': async () => {
      const management = new ManagementClient({
        domain: setup.secrets.MANAGEMENT_DOMAIN ?? '',
        clientId: setup.secrets.MANAGEMENT_CLIENT_ID ?? '',
        clientSecret: setup.secrets.MANAGEMENT_CLIENT_SECRET ?? '',
      });
      await management.users.get(setup.userId);
      await ask('user');
      await ask('user/emails');
      await ask('user/workspaces/acme/permission');
    },
    'token, user, e-mails, workspaces in a row': async () => {
      // Dex has the user's token from the login; its own token request is the first.
      await fetch(`https://${setup.secrets.MANAGEMENT_DOMAIN}/oauth/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: setup.secrets.MANAGEMENT_CLIENT_ID,
          client_secret: setup.secrets.MANAGEMENT_CLIENT_SECRET,
          audience: `https://${setup.secrets.MANAGEMENT_DOMAIN}/api/v2/`,
        }),
      }).then((response) => response.json());
      await ask('user');
      await ask('user/emails');
      await ask('user/workspaces');
    },
  };
  return { cache, run: (way) => ways[way]() };
}
