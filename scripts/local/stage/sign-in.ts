/**
 * An application that signs people in: OpenID Connect with PKCE, by openid-client, which checks
 * the ID token's signature against the tenant's JWKS, its issuer, audience, nonce and times.
 */

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import type { Browser } from './browser.ts';

export type SignInResult =
  | {
      readonly kind: 'allowed';
      readonly idToken: Readonly<Record<string, unknown>>;
      /** The payload of the access token, its signature checked too. */
      readonly accessToken: Readonly<Record<string, unknown>>;
      readonly refreshToken: string | undefined;
    }
  | {
      readonly kind: 'refused';
      /** The OAuth error. */
      readonly error: string;
      /** What the Action said: a code and a sentence. */
      readonly description: string;
    };

export interface ApplicationOptions {
  /** `https://<domain>/` */
  readonly issuer: string;
  readonly clientId: string;
  readonly callbackUrl: string;
  /** The API that the access token is for. */
  readonly audience: string;
}

export interface Application {
  /** `prompt: 'none'` is single sign-on: it works only where the browser has a session. */
  signIn(browser: Browser, params?: Readonly<Record<string, string>>): Promise<SignInResult>;
  refresh(refreshToken: string): Promise<SignInResult>;
}

export async function createApplication(options: ApplicationOptions): Promise<Application> {
  const { issuer, clientId, callbackUrl, audience } = options;
  const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None());
  oidc.enableNonRepudiationChecks(config);
  const jwksUri = config.serverMetadata().jwks_uri ?? '';
  const keys = createRemoteJWKSet(new URL(jwksUri));

  const readTokens = async (
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  ): Promise<SignInResult> => {
    const { payload } = await jwtVerify(tokens.access_token, keys, { issuer, audience });
    return {
      kind: 'allowed',
      idToken: { ...tokens.claims() },
      accessToken: payload,
      refreshToken: tokens.refresh_token,
    };
  };

  return {
    signIn: async (browser, params = {}) => {
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      const expectedState = oidc.randomState();
      const expectedNonce = oidc.randomNonce();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callbackUrl,
        scope: 'openid profile email offline_access',
        connection: 'bitbucket',
        audience,
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: expectedState,
        nonce: expectedNonce,
        ...params,
      });
      const answer = await browser.open(url, callbackUrl);
      return oidc
        .authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedState, expectedNonce })
        .then(readTokens)
        .catch(readRefusal);
    },
    refresh: (refreshToken) =>
      oidc.refreshTokenGrant(config, refreshToken).then(readTokens).catch(readRefusal),
  };
}

/** An OAuth error is an answer; anything else stays thrown. */
function readRefusal(error: unknown): SignInResult {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    const { error: code, error_description: description = '' } = error;
    return { kind: 'refused', error: code, description };
  }
  throw error;
}
