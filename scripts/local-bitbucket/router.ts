/** From a request to a reply: which endpoint, whose token, which scope, how many calls so far. */

import type { LocalReply, LocalRequest } from '../local/reply.ts';
import { type ApiContext, ENDPOINTS, type Endpoint, GONE } from './api.ts';
import { apiError } from './errors.ts';
import { authorize, issueToken } from './oauth.ts';
import type { TokenStore } from './tokens.ts';
import type { BitbucketWorld } from './world.ts';

export const AUTHORIZE = '/site/oauth2/authorize';
export const ACCESS_TOKEN = '/site/oauth2/access_token';

export interface RouterOptions {
  readonly world: BitbucketWorld;
  readonly tokens: TokenStore;
  readonly now: () => number;
  /** Calls that one token's owner has in a rolling hour. */
  readonly callsPerHour: number;
}

/** The endpoint's pattern, for records and faults; the path itself where there is none. */
export function patternOf(path: string): string {
  return match(path)?.endpoint.pattern ?? path;
}

export function createRouter(options: RouterOptions): (request: LocalRequest) => LocalReply {
  const { world, tokens } = options;
  const isWithinLimit = createRateLimit(options);
  return (request) => {
    const path = request.url.pathname;
    if (path === AUTHORIZE) {
      const isAllowed = request.method === 'GET' || request.method === 'POST';
      return isAllowed ? authorize(request, world, tokens) : apiError(405, 'Method not allowed');
    }
    if (path === ACCESS_TOKEN) {
      const isAllowed = request.method === 'POST';
      return isAllowed ? issueToken(request, world, tokens) : apiError(405, 'Method not allowed');
    }
    if (GONE.includes(path.replace(/\/$/, ''))) {
      return apiError(410, 'CHANGE-2770 - Functionality has been deprecated', {
        documentation: 'https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770',
      });
    }
    const found = match(path);
    if (found === undefined) return apiError(404, 'Resource not found');
    if (request.method !== 'GET') return apiError(405, 'Method not allowed');
    const token = findToken(request, tokens);
    if (token === undefined) return apiError(401, 'Token is invalid, expired, or not supported');
    if (!isWithinLimit(JSON.stringify(token.owner))) {
      return apiError(429, 'Rate limit for this resource has been exceeded', undefined, {
        'Retry-After': '60',
      });
    }
    const { scope } = found.endpoint;
    if (scope !== undefined && !token.scopes.includes(scope)) {
      return apiError(403, 'Your credentials lack one or more required privilege scopes.', {
        required: [scope],
        granted: token.scopes,
      });
    }
    const context: ApiContext = { request, world, token, params: found.params };
    return found.endpoint.answer(context);
  };
}

/** CHANGE-3052: a token is taken from the header, and from nowhere else. */
function findToken(request: LocalRequest, tokens: TokenStore) {
  if (request.url.searchParams.has('access_token')) return undefined;
  const [, value] = /^Bearer (\S+)$/i.exec(String(request.headers.authorization)) ?? [];
  return value === undefined ? undefined : tokens.findAccessToken(value);
}

function match(
  path: string,
): { readonly endpoint: Endpoint; readonly params: Readonly<Record<string, string>> } | undefined {
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
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = decode(part);
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

const HOUR_MS = 60 * 60 * 1_000;

function createRateLimit({ now, callsPerHour }: RouterOptions): (owner: string) => boolean {
  const times = new Map<string, number[]>();
  return (owner) => {
    const recent = (times.get(owner) ?? []).filter((time) => time > now() - HOUR_MS);
    times.set(owner, recent);
    if (recent.length >= callsPerHour) return false;
    recent.push(now());
    return true;
  };
}
