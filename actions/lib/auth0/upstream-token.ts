/**
 * The Management API: the token for it, and the Bitbucket token that it holds for a user.
 * https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens
 */
import { createHash } from 'node:crypto';
import type { Caller } from '../http/caller.ts';
import type { Reply } from '../http/send.ts';
import type { Settings } from '../policy/settings.ts';
import { parseJson, readField, readString } from '../read.ts';
import { misconfigured, outage } from '../trouble-error.ts';
import type { PostLoginApi } from './post-login.ts';

export interface Subject {
  readonly userId: string;
  /** The connection of this login, whose identity is the one to use. */
  readonly connection: string;
}

/** Auth0 keeps no value that is longer. */
const MAX_CACHED_BYTES = 4_096;
const MAX_CACHED_MS = 24 * 60 * 60 * 1_000;
/** A token is not used in its last minute: it might end on the way. */
const MARGIN_S = 60;

/**
 * The user's Bitbucket access token, from the identity of this login's connection. A cached
 * Management token that is refused is dropped, and renewed once. The identity's refresh token is
 * never read: Bitbucket rotates it, and using it would spend the one that Auth0 keeps.
 * @throws {TroubleError} @throws {HttpError}
 */
export async function fetchUpstreamToken(
  caller: Caller,
  cache: PostLoginApi['cache'],
  settings: Settings,
  subject: Subject,
): Promise<string> {
  const key = cacheKey(settings);
  const cached = readCache(cache, key);
  if (cached !== undefined) {
    const reply = await getUser(caller, settings, subject, cached);
    // After a 403 an admin mends the grant, and only a new token has what it grants.
    if (reply.status === 401 || reply.status === 403) tolerate(() => cache.delete(key));
    if (reply.status !== 401) return parseUpstreamToken(reply, subject);
  }
  const token = await fetchManagementToken(caller, cache, settings, key);
  return parseUpstreamToken(await getUser(caller, settings, subject, token), subject);
}

async function fetchManagementToken(
  caller: Caller,
  cache: PostLoginApi['cache'],
  settings: Settings,
  key: string,
): Promise<string> {
  const origin = `https://${settings.managementDomain}`;
  const reply = await caller.call({
    endpoint: 'management token',
    method: 'POST',
    origin,
    path: '/oauth/token',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: settings.managementClientId,
      client_secret: settings.managementClientSecret,
      audience: `${origin}/api/v2/`,
    }),
  });
  assertAnswered(reply, 'management token');
  const body = parseJson(reply.text);
  const token = readString(body, 'access_token');
  if (token === undefined) throw outage('management token: unreadable');
  const expiresIn = readField(body, 'expires_in');
  if (typeof expiresIn === 'number' && Buffer.byteLength(token) <= MAX_CACHED_BYTES) {
    const ttl = Math.min(Math.floor(expiresIn - MARGIN_S) * 1_000, MAX_CACHED_MS);
    if (ttl > 0) tolerate(() => cache.set(key, token, { ttl }));
  }
  return token;
}

function getUser(
  caller: Caller,
  settings: Settings,
  subject: Subject,
  token: string,
): Promise<Reply> {
  return caller.call({
    endpoint: 'management user',
    method: 'GET',
    origin: `https://${settings.managementDomain}`,
    path: `/api/v2/users/${encodeURIComponent(subject.userId)}?fields=user_id,identities&include_fields=true`,
    headers: { Accept: 'application/json', Authorization: `Bearer ${token}` },
  });
}

/** Reads `identities[].access_token` of the one identity of this connection. */
export function parseUpstreamToken(reply: Reply, subject: Subject): string {
  assertAnswered(reply, 'management user');
  const body = parseJson(reply.text);
  const identities = readField(body, 'identities');
  if (readField(body, 'user_id') !== subject.userId || !Array.isArray(identities)) {
    throw outage('management user: unreadable');
  }
  const ours = identities.filter(
    (identity) => readField(identity, 'connection') === subject.connection,
  );
  if (ours.length > 1) throw misconfigured('two identities of this connection are linked');
  if (ours.length === 0) throw misconfigured('no identity of this connection');
  const token = readString(ours[0], 'access_token');
  if (token === undefined) {
    throw misconfigured('no token in the identity: read:user_idp_tokens, or Token Vault is on');
  }
  return token;
}

/** 408 and 429 pass; any other 4xx says that the application, its secret or its grant is wrong. */
function assertAnswered(reply: Reply, endpoint: string): void {
  const { status } = reply;
  if (status === 200) return;
  const cause = `${endpoint}: ${status}`;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw misconfigured(cause);
  throw outage(cause);
}

/** Another domain or application is another token. At most 64 bytes. */
function cacheKey(settings: Settings): string {
  const owner = `${settings.managementDomain} ${settings.managementClientId}`;
  const hash = createHash('sha256').update(owner).digest('base64url').slice(0, 22);
  return `bitbucket-management-token-${hash}`;
}

function readCache(cache: PostLoginApi['cache'], key: string): string | undefined {
  const entry = tolerate(() => cache.get(key));
  return readString(entry, 'value');
}

/** A cache that fails is a miss. */
function tolerate<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
