/**
 * Bitbucket's OAuth 2.0: the consent page and the token endpoint.
 * https://developer.atlassian.com/cloud/bitbucket/oauth-2/
 */

import { html, json, type LocalReply, type LocalRequest, redirect } from '../net/reply.ts';
import { oauthError } from './errors.ts';
import { renderConsentPage, renderErrorPage } from './pages.ts';
import { ACCESS_TOKEN_SECONDS, type TokenOwner, type TokenStore } from './tokens.ts';
import type { BitbucketWorld, Consumer } from './world.ts';

/** GET shows the consent page; POST, its form, answers to the consumer's callback. */
export function authorize(
  request: LocalRequest,
  world: BitbucketWorld,
  tokens: TokenStore,
): LocalReply {
  const query = request.url.searchParams;
  const consumer = world.consumers.get(query.get('client_id') ?? '');
  if (consumer === undefined) return refusePage('Invalid client_id');
  const redirectUri = query.get('redirect_uri') ?? undefined;
  if (redirectUri !== undefined && !isUnder(redirectUri, consumer.callbackUrl)) {
    return refusePage('Invalid redirect_uri');
  }
  if (query.get('response_type') !== 'code') {
    return refusePage('Unsupported response_type');
  }
  if (request.method === 'GET') return page(200, renderConsentPage(world, consumer));

  const decision = request.form.get('decision');
  const user = world.users.get(request.form.get('user') ?? '');
  if (decision !== 'deny' && decision !== 'grant') return refusePage('Invalid decision');
  if (decision === 'grant' && user === undefined) return refusePage('Nobody was chosen');
  const answer = new URL(redirectUri ?? consumer.callbackUrl);
  const state = query.get('state');
  if (state !== null) answer.searchParams.set('state', state);
  if (decision === 'deny' || user === undefined) {
    answer.searchParams.set('error', 'access_denied');
    return redirect(answer.href);
  }
  const code = tokens.createCode({ userUuid: user.uuid, consumerKey: consumer.key, redirectUri });
  answer.searchParams.set('code', code);
  return redirect(answer.href);
}

/** The consumer signs in with HTTP Basic; the parameters are a form. */
export function issueToken(
  request: LocalRequest,
  world: BitbucketWorld,
  tokens: TokenStore,
): LocalReply {
  const consumer = authenticate(request, world);
  if (consumer === undefined) {
    return oauthError(400, 'unauthorized_client', 'Invalid OAuth client credentials');
  }
  if (!isForm(request)) return oauthError(400, 'invalid_request', 'The body has to be a form');
  switch (request.form.get('grant_type')) {
    case 'authorization_code':
      return redeemCode(request.form, consumer, world, tokens);
    case 'refresh_token':
      return refresh(request.form, consumer, world, tokens);
    case 'client_credentials':
      return issueForConsumer(consumer, tokens);
    default:
      return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported');
  }
}

function redeemCode(
  form: URLSearchParams,
  consumer: Consumer,
  world: BitbucketWorld,
  tokens: TokenStore,
): LocalReply {
  const code = tokens.takeCode(form.get('code') ?? '', consumer.key);
  const isSameRedirect =
    code?.redirectUri === undefined || code.redirectUri === form.get('redirect_uri');
  if (code === undefined || !isSameRedirect || !world.users.has(code.userUuid)) {
    return oauthError(400, 'invalid_grant', 'The specified code is not valid.');
  }
  return issueForUser(code.userUuid, consumer, tokens);
}

function refresh(
  form: URLSearchParams,
  consumer: Consumer,
  world: BitbucketWorld,
  tokens: TokenStore,
): LocalReply {
  const userUuid = tokens.takeRefreshToken(form.get('refresh_token') ?? '', consumer.key);
  if (userUuid === undefined || !world.users.has(userUuid)) {
    return oauthError(400, 'invalid_grant', 'Invalid refresh_token');
  }
  return issueForUser(userUuid, consumer, tokens);
}

function issueForUser(userUuid: string, consumer: Consumer, tokens: TokenStore): LocalReply {
  const owner = { kind: 'user', userUuid } as const;
  return json(200, {
    ...createTokenResponse(owner, consumer, tokens),
    refresh_token: tokens.createRefreshToken(userUuid, consumer.key),
    state: 'authorization_code',
  });
}

/** Acts as an app user of the consumer's workspace, and comes without a refresh token. */
function issueForConsumer(consumer: Consumer, tokens: TokenStore): LocalReply {
  if (!consumer.isPrivate) {
    return oauthError(
      400,
      'unauthorized_client',
      'Cannot use client_credentials with a consumer marked as "public".',
    );
  }
  const owner = { kind: 'app_user', workspaceUuid: consumer.workspaceUuid } as const;
  return json(200, createTokenResponse(owner, consumer, tokens));
}

function createTokenResponse(owner: TokenOwner, consumer: Consumer, tokens: TokenStore) {
  const { key: consumerKey, scopes } = consumer;
  return {
    access_token: tokens.createAccessToken({ owner, consumerKey, scopes }),
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    scope: scopes.join(' '),
  };
}

function authenticate(request: LocalRequest, world: BitbucketWorld): Consumer | undefined {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(String(request.headers.authorization)) ?? [];
  const [key = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  const consumer = world.consumers.get(key);
  return consumer?.secret === secret.join(':') ? consumer : undefined;
}

function isForm({ headers }: LocalRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type']));
}

function refusePage(message: string): LocalReply {
  return page(400, renderErrorPage(message));
}

/** Not to be framed by anybody, in older browsers too. */
function page(status: number, content: string): LocalReply {
  const { headers, ...reply } = html(status, content);
  return { ...reply, headers: { ...headers, 'X-Frame-Options': 'DENY' } };
}

function isUnder(url: string, callbackUrl: string): boolean {
  return URL.canParse(url) && new URL(url).href.startsWith(new URL(callbackUrl).href);
}
