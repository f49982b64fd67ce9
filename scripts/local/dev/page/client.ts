/**
 * The page as an OAuth client: authorization code with PKCE through the browser, and the exchange of
 * the refresh token. Tokens stay in this process; what is shown is their claims.
 */
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import type { TenantStore } from '#scripts/local/tenant/store.ts';
import { CALLBACK } from './own-application.ts';
import type { PendingLogin } from './sessions.ts';

export interface Tokens {
  readonly idToken: object | undefined;
  /** Its claims; a sentence where it is for no API, and so opaque. */
  readonly accessToken: object | string;
  readonly refreshToken: string | undefined;
}

export type Exchange =
  | { readonly ok: true; readonly tokens: Tokens }
  | { readonly ok: false; readonly error: string; readonly description: string };

export interface PageClient {
  /** @returns where to send the browser, and what to keep until it is back. */
  begin(
    clientId: string,
    params: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: URL; readonly pending: PendingLogin }>;
  /** @param answer the callback's URL, as the browser came to it. */
  finish(pending: PendingLogin, answer: URL): Promise<Exchange>;
  refresh(clientId: string, refreshToken: string): Promise<Exchange>;
}

const SCOPE = 'openid profile email offline_access';

/** @param origin of the tenant, which is the page's too. */
export function createPageClient(origin: string, store: TenantStore): PageClient {
  const configure = (clientId: string) => {
    const secret = store.clients.get(clientId)?.client_secret;
    const isPublic = store.clients.get(clientId)?.token_endpoint_auth_method === 'none';
    return oidc.discovery(
      new URL(`${origin}/`),
      clientId,
      undefined,
      isPublic || !secret ? oidc.None() : oidc.ClientSecretPost(secret),
    );
  };
  const audience = () =>
    [...store.resourceServers.values()].find(({ isSystem }) => isSystem !== true)?.identifier;

  return {
    begin: async (clientId, params) => {
      const config = await configure(clientId);
      const pending = {
        clientId,
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const api = audience();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: origin + CALLBACK,
        scope: SCOPE,
        connection: connectionName(store),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        ...(api === undefined ? {} : { audience: api }),
        ...params,
      });
      return { url, pending };
    },
    finish: async ({ clientId, state, nonce, verifier }, answer) =>
      exchange(async () =>
        oidc.authorizationCodeGrant(await configure(clientId), answer, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
        }),
      ),
    refresh: (clientId, refreshToken) =>
      exchange(async () => oidc.refreshTokenGrant(await configure(clientId), refreshToken)),
  };
}

function connectionName(store: TenantStore): string {
  const ours = [...store.connections.values()].find(({ strategy }) => strategy === 'bitbucket');
  return ours?.name ?? 'bitbucket';
}

async function exchange(
  ask: () => Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers>,
): Promise<Exchange> {
  try {
    const tokens = await ask();
    return {
      ok: true,
      tokens: {
        idToken: tokens.claims(),
        accessToken: decode(tokens.access_token),
        refreshToken: tokens.refresh_token,
      },
    };
  } catch (error) {
    return { ok: false, ...describe(error) };
  }
}

function decode(token: string): object | string {
  try {
    return decodeJwt(token);
  } catch {
    return 'opaque: it is for no API, only for /userinfo';
  }
}

/** What the tenant said; of anything else that it gave no answer that can be read. */
function describe(error: unknown): { readonly error: string; readonly description: string } {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return { error: error.error, description: error.error_description ?? '' };
  }
  const description =
    'The token endpoint gave no answer that can be read. Is it broken on purpose?';
  return { error: 'no_answer', description };
}
