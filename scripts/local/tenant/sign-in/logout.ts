/**
 * The two ways out. Both end the session of the browser, send people on only to a declared address,
 * compared exactly, and change nothing where they refuse. Refresh tokens outlive a logout. Sources:
 * https://auth0.com/docs/api/authentication/logout/auth-0-logout
 * https://auth0.com/docs/authenticate/login/logout/log-users-out-of-auth0
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { compactVerify, createLocalJWKSet, decodeJwt, type JWK } from 'jose';
import type Provider from 'oidc-provider';
import { readBody } from '#scripts/local/net/exchange.ts';
import { html, type LocalReply, redirect } from '#scripts/local/net/reply.ts';
import type { EndedSession } from '../oidc/record-log.ts';
import { renderPage } from '../pages.ts';
import type { TenantStore } from '../store.ts';
import { destroySession, findSession } from './session.ts';

export const LOGOUT_PATH = '/v2/logout';
export const OIDC_LOGOUT_PATH = '/oidc/logout';

export interface LogoutOptions {
  readonly provider: Provider;
  readonly store: TenantStore;
  /** The key that ID tokens are signed with. */
  readonly publicKey: JWK;
  /** Is called for each session that somebody was in. */
  readonly onLogout: (ended: EndedSession) => void;
}

export type LogoutHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<LocalReply>;

/** What an ID token says of the login that it came from. */
interface Hint {
  readonly clientId: string;
  readonly userId: string | undefined;
  readonly sessionId: unknown;
}

class Refusal extends Error {}

/** GET /v2/logout */
export function createLogout(options: LogoutOptions): LogoutHandler {
  const { store } = options;
  return refusing(async (request, response, url) => {
    const clientId = url.searchParams.get('client_id') ?? undefined;
    const declared = listLogoutUrls(store, clientId, false);
    const returnTo = readReturnUrl(url.searchParams, 'returnTo', declared);
    await endSession(options, request, response, { clientId, returnTo });
    return leave(returnTo);
  });
}

/** GET and POST /oidc/logout: OpenID Connect's RP-initiated logout. */
export function createOidcLogout(options: LogoutOptions): LogoutHandler {
  const { provider, store, publicKey } = options;
  const readHint = createHintReader(publicKey, provider.issuer);
  return refusing(async (request, response, url) => {
    const isPost = request.method === 'POST';
    const params = isPost ? new URLSearchParams(await readBody(request)) : url.searchParams;
    const hint = await readHint(params.get('id_token_hint'));
    const logoutHint = params.get('logout_hint');
    const clientId = params.get('client_id') ?? hint?.clientId;
    if (hint !== undefined && clientId !== hint.clientId) {
      throw new Refusal('The "client_id" is not the one of the "id_token_hint".');
    }
    if (hint !== undefined && logoutHint !== null && logoutHint !== hint.sessionId) {
      throw new Refusal('The "logout_hint" is not the session of the "id_token_hint".');
    }
    const declared = listLogoutUrls(store, clientId, !params.has('client_id'));
    const returnTo = readReturnUrl(params, 'post_logout_redirect_uri', declared);

    const session = await findSession(provider, request, response);
    const isTheirs =
      logoutHint === session.uid ||
      hint?.sessionId === session.uid ||
      hint?.userId === session.accountId;
    if (session.accountId !== undefined && !isTheirs) return ask(params, session.uid);
    await endSession(options, request, response, { clientId, returnTo });
    return leave(returnTo, params.get('state'));
  });
}

async function endSession(
  { provider, onLogout }: LogoutOptions,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Pick<EndedSession, 'clientId' | 'returnTo'>,
): Promise<void> {
  const { uid, accountId } = await destroySession(provider, request, response);
  if (accountId === undefined) return;
  onLogout({
    ...{ ...asked, id: uid, userId: accountId },
    ip: request.socket.remoteAddress ?? '',
    hostname: request.headers.host ?? '',
    userAgent: request.headers['user-agent'] ?? '',
  });
}

function refusing(handle: LogoutHandler): LogoutHandler {
  return async (request, response, url) => {
    try {
      return await handle(request, response, url);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return html(400, renderPage('You are not signed out', [error.message]));
    }
  };
}

/** An ID token of this tenant, however old. */
function createHintReader(publicKey: JWK, issuer: string) {
  const keys = createLocalJWKSet({ keys: [publicKey] });
  return async (token: string | null): Promise<Hint | undefined> => {
    if (token === null) return undefined;
    try {
      await compactVerify(token, keys, { algorithms: ['RS256'] });
      const { iss, aud, sub, sid } = decodeJwt(token);
      if (iss === issuer && typeof aud === 'string') {
        return { clientId: aud, userId: sub, sessionId: sid };
      }
    } catch {
      // Not a token, or not one of this tenant: said below.
    }
    throw new Refusal('The "id_token_hint" is not an ID token of this tenant.');
  };
}

/** The application's with a client id, the tenant's without; both where only a hint names it. */
function listLogoutUrls(
  store: TenantStore,
  clientId: string | undefined,
  isTenantIncluded: boolean,
): readonly string[] {
  const ofTenant = store.settings.allowed_logout_urls;
  if (clientId === undefined) return ofTenant;
  const client = store.clients.get(clientId);
  if (client === undefined) throw new Refusal(`Unknown client: ${clientId}`);
  return [...(client.allowed_logout_urls ?? []), ...(isTenantIncluded ? ofTenant : [])];
}

function readReturnUrl(
  params: URLSearchParams,
  name: string,
  declared: readonly string[],
): string | undefined {
  const url = params.get(name) ?? '';
  if (url === '') return undefined;
  if (declared.includes(url)) return url;
  throw new Refusal(
    `The "${name}" querystring parameter "${url}" is not defined as a valid URL in "Allowed Logout URLs".`,
  );
}

/** The form repeats the request with the session in it, which no other site knows. */
function ask(params: URLSearchParams, sessionId: string): LocalReply {
  const repeated = [...params].filter(([name]) => name !== 'id_token_hint');
  const fields = Object.fromEntries([...repeated, ['logout_hint', sessionId]]);
  return html(
    200,
    renderPage('Log out', ['Do you want to log out?'], [], {
      action: OIDC_LOGOUT_PATH,
      button: 'Log out',
      fields,
    }),
  );
}

function leave(returnTo: string | undefined, state: string | null = null): LocalReply {
  if (returnTo === undefined) {
    return html(200, renderPage('You are signed out', ['Your session has ended.']));
  }
  if (state === null) return redirect(returnTo);
  const url = new URL(returnTo);
  url.searchParams.set('state', state);
  return redirect(url.href);
}
