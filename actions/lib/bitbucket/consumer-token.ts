/** A token that acts for the consumer, not for a person; kept (sealed) as long as it is good. */
import type { Caller } from '../http/caller.ts';
import { parseJson, readField, readString } from '../read.ts';
import type { TokenCache } from '../token-cache.ts';
import { loginRequired, outage } from '../trouble.ts';

export const BITBUCKET_WEB = 'https://bitbucket.org';
const KIND = 'consumer-token';
/** A token is not used in its last minute: it might end on the way. */
const MARGIN_S = 60;

export interface Consumer {
  readonly key: string;
  readonly secret: string;
}

export function readConsumerToken(cache: TokenCache, consumer: Consumer): string | undefined {
  return cache.read(KIND, ownerOf(consumer));
}

export function dropConsumerToken(cache: TokenCache, consumer: Consumer): void {
  cache.drop(KIND, ownerOf(consumer));
}

/**
 * A key or secret that Bitbucket does not take is for the person a sign-in that cannot be renewed;
 * the cause names it for the admin.
 * @throws {TroubleError}
 */
export async function fetchConsumerToken(
  caller: Caller,
  cache: TokenCache,
  consumer: Consumer,
): Promise<string> {
  const endpoint = 'bitbucket consumer token';
  const credentials = Buffer.from(`${consumer.key}:${consumer.secret}`).toString('base64');
  const reply = await caller.call({
    endpoint,
    method: 'POST',
    origin: BITBUCKET_WEB,
    path: '/site/oauth2/access_token',
    headers: {
      Accept: 'application/json',
      Authorization: `Basic ${credentials}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { status } = reply;
  const body = parseJson(reply.text);
  // RFC 6749 has 401 for a bad key, and an error in JSON beside the others: a page is a proxy's.
  const isError = readField(body, 'error') !== undefined;
  if (status === 401 || (isError && (status === 400 || status === 403))) {
    throw loginRequired(`${endpoint}: ${status}, BITBUCKET_KEY and BITBUCKET_SECRET are refused`);
  }
  if (status !== 200) throw outage(`${endpoint}: ${status}`);
  const token = readString(body, 'access_token');
  if (token === undefined) throw outage(`${endpoint}: unreadable`);
  const expiresIn = readField(body, 'expires_in');
  if (typeof expiresIn === 'number') {
    cache.keep(KIND, ownerOf(consumer), token, Math.floor(expiresIn - MARGIN_S) * 1_000);
  }
  return token;
}

function ownerOf({ key, secret }: Consumer): string {
  return JSON.stringify([key, secret]);
}
