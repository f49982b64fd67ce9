/**
 * The way of a browser through a sign-in with Bitbucket: /u/login/<uid> sends it to Bitbucket,
 * which sends it back to /login/callback, which sends it on to the step that its cookie opens.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { html, type LocalReply, redirect } from '#scripts/local/net/reply.ts';
import { LOGIN_PATH } from '../oidc/provider.ts';
import { plainIp } from '../oidc/record-log.ts';
import { type PageLink, renderPage } from '../pages.ts';
import { findConnection, isEnabledFor, type StoredConnection, type TenantStore } from '../store.ts';
import { upsertUser } from './profile.ts';
import { destroySession, findSession } from './session.ts';
import { createUpstreamUrl, fetchUpstreamProfile } from './upstream.ts';

export interface SignInOptions {
  readonly provider: Provider;
  readonly store: TenantStore;
  readonly bitbucketOrigin: string;
  /** `https://<domain>` */
  readonly origin: string;
  readonly now: () => number;
}

/** Where Bitbucket sends the browser back to. */
export const CALLBACK_PATH = '/login/callback';

/** What the application is told then. */
export const CANCELLED = 'The sign-in at Bitbucket was cancelled.';

interface PendingLogin {
  readonly uid: string;
  readonly connection: StoredConnection;
  /** What Bitbucket sent back. */
  answer?: URLSearchParams;
}

export type SignInHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<LocalReply | 'answered'>;

export function createSignIn(options: SignInOptions): SignInHandler {
  const { provider, store, bitbucketOrigin, origin, now } = options;
  const redirectUri = `${origin}${CALLBACK_PATH}`;
  const byState = new Map<string, PendingLogin>();
  const byUid = new Map<string, PendingLogin>();

  const refuse = async (
    request: IncomingMessage,
    response: ServerResponse,
    error: string,
    error_description: string,
  ): Promise<'answered'> => {
    await provider.interactionFinished(request, response, { error, error_description });
    return 'answered';
  };

  /** The cookie of this sign-in is needed: only the browser that began it can go on. */
  const begin: SignInHandler = async (request, response, url) => {
    const { uid, params } = await provider.interactionDetails(request, response);
    const name = url.searchParams.get('connection') ?? params.connection;
    const clientId = String(params.client_id);
    if (typeof name !== 'string' || name === '') return chooseConnection(store, clientId, url);
    const connection = findConnection(store, name);
    if (connection === undefined) {
      return refuse(request, response, 'invalid_request', 'the connection was not found');
    }
    if (!isEnabledFor(store, connection, clientId)) {
      return refuse(request, response, 'invalid_request', 'the connection is not enabled');
    }
    const state = randomBytes(24).toString('base64url');
    const pending = { uid, connection };
    byState.set(state, pending);
    byUid.set(uid, pending);
    return redirect(createUpstreamUrl(bitbucketOrigin, connection, state, redirectUri));
  };

  const receiveCallback: SignInHandler = async (_request, _response, url) => {
    const state = url.searchParams.get('state') ?? '';
    const pending = byState.get(state);
    byState.delete(state);
    if (pending === undefined) {
      return html(400, renderPage('Something is wrong', ['This sign-in is not under way.']));
    }
    pending.answer = url.searchParams;
    return redirect(`${LOGIN_PATH}/${pending.uid}/callback`);
  };

  const finish: SignInHandler = async (request, response) => {
    const interaction = await provider.interactionDetails(request, response);
    const { uid } = interaction;
    const pending = byUid.get(uid);
    byUid.delete(uid);
    const code = pending?.answer?.get('code');
    if (pending === undefined || !code) {
      return refuse(request, response, 'access_denied', CANCELLED);
    }
    const profile = await fetchUpstreamProfile(
      bitbucketOrigin,
      pending.connection,
      code,
      redirectUri,
    ).catch(() => undefined);
    if (profile === undefined) {
      return refuse(
        request,
        response,
        'access_denied',
        'Bitbucket could not be asked who you are.',
      );
    }
    const nowIso = new Date(now()).toISOString();
    const ip = plainIp(request.socket.remoteAddress ?? '');
    const user = upsertUser(store, pending.connection, profile, nowIso, ip, origin);
    await leaveToAnother(provider, request, response, interaction, user.user_id);
    // By the tenant's clock: an Action compares it with its own, which is that one.
    const ts = Math.floor(now() / 1_000);
    await provider.interactionFinished(request, response, {
      login: { accountId: user.user_id, ts },
    });
    return 'answered';
  };

  return async (request, response, url) => {
    if (url.pathname === CALLBACK_PATH) return receiveCallback(request, response, url);
    try {
      const isReturn = url.pathname.endsWith('/callback');
      return await (isReturn ? finish : begin)(request, response, url);
    } catch {
      // No cookie, or one of another sign-in.
      return html(400, renderPage('Something is wrong', ['This sign-in is not under way.']));
    }
  };
}

/** Somebody else signs in in the same browser: the session of who was there ends without a page. */
async function leaveToAnother(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  interaction: Awaited<ReturnType<Provider['interactionDetails']>>,
  userId: string,
): Promise<void> {
  const { accountId } = await findSession(provider, request, response);
  if (accountId === undefined || accountId === userId) return;
  await destroySession(provider, request, response);
  delete interaction.session;
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1_000));
}

/** What Universal Login shows where the application names no connection. */
function chooseConnection(store: TenantStore, clientId: string, url: URL): LocalReply {
  const links: PageLink[] = [...store.connections.values()]
    .filter((connection) => isEnabledFor(store, connection, clientId))
    .map(({ name }) => ({
      href: `${url.pathname}?connection=${encodeURIComponent(name)}`,
      text: `Continue with ${name}`,
    }));
  const lines = links.length === 0 ? ['No connection is enabled for this application.'] : [];
  return html(200, renderPage('Log in', lines, links));
}
