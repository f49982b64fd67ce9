/** From a request to a reply: which endpoint, whose token, which scope, how many calls so far. */

import type { LocalReply, LocalRequest } from '../net/reply.ts';
import { ENDPOINTS, GONE } from './api.ts';
import type { Endpoint } from './endpoint.ts';
import { apiError, goneError, methodError } from './errors.ts';
import { authorize, issueToken } from './oauth.ts';
import { createRateLimit } from './rate-limit.ts';
import { hasScope, scopeHeaders } from './scopes.ts';
import type { AccessToken, TokenStore } from './tokens.ts';
import type { BitbucketWorld } from './world.ts';

export const AUTHORIZE = '/site/oauth2/authorize';
export const ACCESS_TOKEN = '/site/oauth2/access_token';

export interface RouterOptions {
  readonly world: BitbucketWorld;
  readonly tokens: TokenStore;
  readonly now: () => number;
  /** Calls that one caller has in a rolling hour. */
  readonly callsPerHour: number;
}

/** The endpoint's pattern, for records and faults; the path itself where there is none. */
export function patternOf(path: string): string {
  return match(path)?.endpoint.pattern ?? path;
}

const AUTHORIZE_METHODS = ['GET', 'POST'];
const ACCESS_TOKEN_METHODS = ['POST'];
const API_METHODS = ['GET'];

export function createRouter(options: RouterOptions): (request: LocalRequest) => LocalReply {
  const { world, tokens } = options;
  const isWithinLimit = createRateLimit(options.callsPerHour, options.now);

  const answer = (request: LocalRequest, { endpoint, params }: Match, token?: AccessToken) => {
    if (!API_METHODS.includes(request.method)) return methodError(API_METHODS);
    if (token === undefined) return apiError(401, 'Token is invalid, expired, or not supported');
    if (!isWithinLimit(token)) {
      return apiError(429, 'Rate limit for this resource has been exceeded', undefined, {
        'Retry-After': '60',
      });
    }
    if (!endpoint.scopes.every((scope) => hasScope(token.scopes, scope))) {
      return apiError(403, 'Your credentials lack one or more required privilege scopes.', {
        required: endpoint.scopes,
        granted: token.scopes,
      });
    }
    return endpoint.answer({ request, world, token, params });
  };

  return (request) => {
    const path = request.url.pathname;
    if (path === AUTHORIZE) {
      if (!AUTHORIZE_METHODS.includes(request.method)) return methodError(AUTHORIZE_METHODS);
      return authorize(request, world, tokens);
    }
    if (path === ACCESS_TOKEN) {
      if (!ACCESS_TOKEN_METHODS.includes(request.method)) return methodError(ACCESS_TOKEN_METHODS);
      return issueToken(request, world, tokens);
    }
    if (GONE.includes(path.replace(/\/$/, ''))) return goneError();
    const found = match(path);
    if (found === undefined) return apiError(404, 'Resource not found');
    const token = findToken(request, options);
    const reply = answer(request, found, token);
    return { ...reply, headers: { ...reply.headers, ...headersOf(found.endpoint, token, world) } };
  };
}

/** What every answer of an endpoint has, a refusal too. */
function headersOf(
  { pattern, scopes }: Endpoint,
  token: AccessToken | undefined,
  { deprecations }: BitbucketWorld,
): Readonly<Record<string, string>> {
  const { deprecation, sunset } = deprecations.get(pattern) ?? {};
  return {
    ...scopeHeaders(scopes, token?.scopes),
    ...(deprecation === undefined ? {} : { Deprecation: deprecation }),
    ...(sunset === undefined ? {} : { Sunset: sunset }),
  };
}

/**
 * CHANGE-3052: a token is taken from the header; one anywhere else is refused, whatever the header
 * says. The token of a user who is no longer there is good for nothing.
 */
function findToken({ url, form, headers }: LocalRequest, { world, tokens }: RouterOptions) {
  if (url.searchParams.has('access_token') || form.has('access_token')) return undefined;
  const [, value] = /^Bearer (\S+)$/i.exec(String(headers.authorization)) ?? [];
  const token = value === undefined ? undefined : tokens.findAccessToken(value);
  const isOrphan = token?.owner.kind === 'user' && !world.users.has(token.owner.userUuid);
  return isOrphan ? undefined : token;
}

interface Match {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

function match(path: string): Match | undefined {
  const parts = path.split('/');
  for (const endpoint of ENDPOINTS) {
    const params = matchParts(endpoint.pattern.split('/'), parts);
    if (params !== undefined) return { endpoint, params };
  }
  return undefined;
}

function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith('{') && part !== '') params[expected.slice(1, -1)] = decode(part);
    else if (expected !== part) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
