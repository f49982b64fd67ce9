/**
 * One sign-in as an application does it: authorization code with PKCE, by openid-client, which
 * checks state and issuer of the answer, and signature, issuer, audience, nonce and times of the ID
 * token. No token leaves this file.
 */
import * as oidc from 'openid-client';
import { toHarmless } from '../cli/harmless.ts';
import { UserError } from '../cli/report-error.ts';
import { describeFailure, readFailure } from '../tenant/tenant-error.ts';
import type { CallbackServer } from './callback-server.ts';
import type { LoginApplication } from './find-application.ts';
import type { Outcome } from './outcome.ts';
import { readRefusal } from './read-refusal.ts';

export interface SignInOptions {
  /** `host` or `host:port`. */
  readonly domain: string;
  readonly application: LoginApplication;
  /** The name of the Bitbucket connection. */
  readonly connection: string;
  readonly server: CallbackServer;
  readonly timeoutMs: number;
  /** Has the person open `url`; called once it is waited for. */
  open(url: URL): Promise<void> | void;
}

export interface SignedIn {
  readonly outcome: Outcome;
  /**
   * Exchanges the refresh token.
   * @throws {UserError} where there is none, and for an answer that is no refusal.
   */
  refresh(): Promise<Outcome>;
  /** Ends the refresh token, where there is one; nobody waits for it in vain. */
  end(): Promise<void>;
}

const TIMEOUT_S = 30;

/** @throws {UserError} where it ends without being let in or refused. */
export async function signIn(options: SignInOptions): Promise<SignedIn> {
  const { domain, application, connection, server } = options;
  const { clientId } = application;
  const config = await oidc
    .discovery(new URL(`https://${domain}/`), clientId, undefined, oidc.None(), {
      timeout: TIMEOUT_S,
    })
    .catch((error: unknown) => {
      throw new UserError(`${domain} cannot be reached: ${describe(error)}.`);
    });
  oidc.enableNonRepudiationChecks(config);
  config[oidc.customFetch] = createFetch(server.callback.url);
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const scope = ['openid', 'profile', 'email'];
  if (application.hasRefreshTokens) scope.push('offline_access');
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: server.callback.url,
    scope: scope.join(' '),
    connection,
    // At Bitbucket, and not by a session that the browser has.
    prompt: 'login',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  const answered = server.waitFor(expectedState, options.timeoutMs);
  // Whatever fails first is what is told.
  answered.catch(() => {});
  await options.open(url);
  const answer = await answered;
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  try {
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
    return createSignedIn(config, letIn(tokens), tokens.refresh_token);
  } catch (error) {
    if (!(error instanceof oidc.AuthorizationResponseError)) {
      throw new UserError(`The sign-in cannot be finished: ${describe(error)}.`);
    }
    const outcome = readRefusal(error);
    if (outcome !== undefined) return createSignedIn(config, outcome, undefined);
    throw new UserError(explain(error, options));
  }
}

/**
 * A code is exchanged with the callback that it was asked for with, to the letter. openid-client takes
 * it from the address that the browser came back to, which has a path where a callback may have none.
 */
function createFetch(redirectUri: string): oidc.CustomFetch {
  return (url, { body, ...options }) => {
    if (body instanceof URLSearchParams && body.has('redirect_uri')) {
      body.set('redirect_uri', redirectUri);
    }
    return fetch(url, { ...options, body: body ?? null });
  };
}

function createSignedIn(
  config: oidc.Configuration,
  outcome: Outcome,
  issued: string | undefined,
): SignedIn {
  let refreshToken = issued;
  return {
    outcome,
    refresh: async () => {
      if (refreshToken === undefined) {
        throw new UserError('The tenant gave no refresh token: there is none to exchange.');
      }
      try {
        const tokens = await oidc.refreshTokenGrant(config, refreshToken);
        refreshToken = tokens.refresh_token ?? refreshToken;
        return letIn(tokens);
      } catch (error) {
        const refusal = error instanceof oidc.ResponseBodyError ? readRefusal(error) : undefined;
        if (refusal !== undefined) return refusal;
        throw new UserError(`The refresh token cannot be exchanged: ${describe(error)}.`);
      }
    },
    end: async () => {
      if (refreshToken === undefined || config.serverMetadata().revocation_endpoint === undefined) {
        return;
      }
      // It ends by itself soon: no failure of this is worth a word.
      await oidc.tokenRevocation(config, refreshToken).catch(() => {});
    },
  };
}

function letIn(tokens: oidc.TokenEndpointResponseHelpers): Outcome {
  const claims = tokens.claims();
  if (claims !== undefined) return { kind: 'let_in', claims: { ...claims } };
  throw new UserError('The tenant answered without an ID token.');
}

/** In a sentence's middle: openid-client's messages hold no token, and what hangs on them might. */
function describe(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (error instanceof oidc.ResponseBodyError) {
    return toHarmless([error.error, error.error_description].filter(Boolean).join(', '));
  }
  if (error instanceof oidc.ClientError) {
    return toHarmless(error.cause instanceof Error ? error.cause.message : error.message);
  }
  return describeFailure(readFailure(error));
}

/** What Auth0 answers with where it is set up otherwise than it is asked. */
function explain(
  { error, error_description: description = '' }: oidc.AuthorizationResponseError,
  { application, connection }: SignInOptions,
): string {
  const said = `Auth0 answered ${toHarmless([error, description].filter(Boolean).join(': '))}`;
  if (!/connection/i.test(description)) return `${said}.`;
  return `${said}. The connection ${connection} is perhaps not on for “${toHarmless(application.name)}”: name it in AUTH0_ENABLED_CLIENTS and npm run deploy, or look at npm run doctor.`;
}
