/**
 * The Management API: the token for it, and the Bitbucket token that it holds for a user.
 * https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens
 */
import type { Caller } from '../http/caller.ts';
import type { Reply } from '../http/send.ts';
import { parseJson, readField, readString } from '../read.ts';
import type { TokenCache } from '../token-cache.ts';
import { misconfigured, outage } from '../trouble.ts';

/** The machine-to-machine application that may read upstream tokens. */
export interface MachineClient {
  /** `host` or `host:port`. */
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Subject {
  readonly userId: string;
  /** The connection of this login, whose identity is the one to use. */
  readonly connection: string;
  /** The id of that identity, where the event shows it. */
  readonly account: string | undefined;
}

const KIND = 'management-token';
/** A token is not used in its last minute: it might end on the way. */
const MARGIN_S = 60;

/**
 * The user's Bitbucket access token, from the identity of this login's connection. A cached
 * Management token that is refused is dropped, and renewed once. The identity's refresh token is
 * never read: Bitbucket rotates it, and using it would spend the one that Auth0 keeps.
 * @throws {TroubleError}
 */
export async function fetchUpstreamToken(
  caller: Caller,
  cache: TokenCache,
  machine: MachineClient,
  subject: Subject,
): Promise<string> {
  const owner = `${machine.domain} ${machine.clientId}`;
  const cached = cache.read(KIND, owner);
  if (cached !== undefined) {
    const reply = await getUser(caller, machine, subject, cached);
    // After a 403 an admin mends the grant, and only a new token has what it grants.
    if (reply.status === 401 || reply.status === 403) cache.drop(KIND, owner);
    if (reply.status !== 401) return parseUpstreamToken(reply, subject);
  }
  const { token, ttlMs } = await fetchManagementToken(caller, machine);
  if (ttlMs > 0) cache.keep(KIND, owner, token, ttlMs);
  return parseUpstreamToken(await getUser(caller, machine, subject, token), subject);
}

async function fetchManagementToken(
  caller: Caller,
  { domain, clientId, clientSecret }: MachineClient,
): Promise<{ readonly token: string; readonly ttlMs: number }> {
  const origin = `https://${domain}`;
  const reply = await caller.call({
    endpoint: 'management token',
    method: 'POST',
    origin,
    path: '/oauth/token',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      audience: `${origin}/api/v2/`,
    }),
    waitsForLimit: true,
  });
  assertAnswered(reply, 'management token');
  const body = parseJson(reply.text);
  const token = readString(body, 'access_token');
  if (token === undefined) throw outage('management token: unreadable');
  const expiresIn = readField(body, 'expires_in');
  const seconds = typeof expiresIn === 'number' ? Math.floor(expiresIn - MARGIN_S) : 0;
  return { token, ttlMs: seconds * 1_000 };
}

function getUser(
  caller: Caller,
  { domain }: MachineClient,
  { userId }: Subject,
  token: string,
): Promise<Reply> {
  return caller.call({
    endpoint: 'management user',
    method: 'GET',
    origin: `https://${domain}`,
    path: `/api/v2/users/${encodeURIComponent(userId)}?fields=user_id,identities&include_fields=true`,
    headers: { Accept: 'application/json', Authorization: `Bearer ${token}` },
    waitsForLimit: true,
  });
}

/**
 * Reads `identities[].access_token` of the one identity of this connection.
 * @throws {TroubleError}
 */
export function parseUpstreamToken(reply: Reply, subject: Subject): string {
  // Just after two accounts were linked, the user is not there for a moment.
  if (reply.status === 404) throw outage('management user: 404');
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
  const account = readField(ours[0], 'user_id');
  if (
    subject.account !== undefined &&
    account !== undefined &&
    String(account) !== subject.account
  ) {
    throw outage('management user: another identity than in the login');
  }
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
