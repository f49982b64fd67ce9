/**
 * One request to Bitbucket, and what its status means. Nothing is decided here. The token goes in
 * the `Authorization` header, to one origin.
 */
import type { Caller } from '../http/caller.ts';
import type { Reply } from '../http/send.ts';
import { parseJson, readField } from '../read.ts';
import { loginRequired, misconfigured, outage, refused, type TroubleError } from '../trouble.ts';
import { parseError } from './responses.ts';

export const BITBUCKET_API = 'https://api.bitbucket.org';
const MAX_PAGES = 10;
const PAGE_LENGTH = 100;

export interface Bitbucket {
  readonly caller: Caller;
  readonly token: string;
  /** Whose token it is, and with it whose rate limit. */
  readonly as: 'person' | 'consumer';
}

/** Bitbucket answered: with a body, or that there is no such thing for this caller. */
export type Answer =
  | { readonly is: 'body'; readonly body: unknown }
  | { readonly is: 'no'; readonly status: number };

/**
 * A 403 or 404 is a no only in Bitbucket's own words, and not where they name a scope that is
 * missing. Anything else that is not 200 is no answer.
 * @throws {TroubleError} where there is no answer.
 */
export async function ask(bitbucket: Bitbucket, endpoint: string, path: string): Promise<Answer> {
  return readAnswer(await get(bitbucket, endpoint, path), endpoint, bitbucket.as);
}

/**
 * Where a no is not among the answers that there can be: then Bitbucket lets the person not in, an
 * allowlist of addresses perhaps. @throws {TroubleError}
 */
export async function askForBody(
  bitbucket: Bitbucket,
  endpoint: string,
  path: string,
): Promise<unknown> {
  const answer = await ask(bitbucket, endpoint, path);
  if (answer.is === 'no') throw refusedTo(bitbucket, `${endpoint}: ${answer.status}`);
  return answer.body;
}

export function get({ caller, token }: Bitbucket, endpoint: string, path: string): Promise<Reply> {
  return caller.call({
    endpoint,
    method: 'GET',
    origin: BITBUCKET_API,
    path,
    headers: { Accept: 'application/json', Authorization: `Bearer ${token}` },
  });
}

/** @throws {TroubleError} */
export function readAnswer(reply: Reply, endpoint: string, as: Bitbucket['as']): Answer {
  const { status } = reply;
  const cause = `${endpoint}: ${status}`;
  if (status === 200) return { is: 'body', body: parseJson(reply.text) };
  if (status === 401) throw loginRequired(cause);
  // The person can use up the person's limit; the consumer's is everybody's.
  if (status === 429) throw refusedTo({ as }, cause);
  if (status !== 403 && status !== 404) throw outage(cause);
  const refusal = parseError(parseJson(reply.text));
  if (refusal === undefined) throw outage(`${cause}, not in Bitbucket's words`);
  if (refusal.lacks.length > 0) {
    throw misconfigured(`${cause}, the consumer lacks ${refusal.lacks.join(' ')}`);
  }
  return { is: 'no', status };
}

export interface Pages {
  readonly values: readonly unknown[];
  readonly hasMore: boolean;
}

/**
 * Follows `next`, which must stay on the same origin and path, until there are `wanted` entries.
 * @throws {TroubleError}
 */
export async function askForPages(
  bitbucket: Bitbucket,
  endpoint: string,
  path: string,
  wanted: number,
): Promise<Pages> {
  const first = await askForBody(bitbucket, endpoint, `${path}?pagelen=${PAGE_LENGTH}`);
  return readPages(bitbucket, endpoint, path, wanted, first);
}

/** The pages from `first` on. @throws {TroubleError} */
export async function readPages(
  bitbucket: Bitbucket,
  endpoint: string,
  path: string,
  wanted: number,
  first: unknown,
): Promise<Pages> {
  const values: unknown[] = [];
  let body = first;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const entries = readField(body, 'values');
    if (!Array.isArray(entries)) throw outage(`${endpoint}: unreadable`);
    for (const entry of entries) values.push(entry);
    const next = readField(body, 'next');
    if (next === undefined || next === null) return { values, hasMore: false };
    if (values.length >= wanted) return { values, hasMore: true };
    if (page === MAX_PAGES) break;
    body = await askForBody(bitbucket, endpoint, path + searchOfNext(next, path, endpoint));
  }
  // People join workspaces and add addresses as they like.
  throw refusedTo(bitbucket, `${endpoint}: more than ${MAX_PAGES} pages`);
}

/** What a person meets may be of their own making; what the consumer meets, everybody does. */
function refusedTo({ as }: Pick<Bitbucket, 'as'>, cause: string): TroubleError {
  return as === 'person' ? refused(cause) : outage(cause);
}

function searchOfNext(next: unknown, path: string, endpoint: string): string {
  const url = typeof next === 'string' && URL.canParse(next) ? new URL(next) : undefined;
  if (url === undefined || url.origin !== BITBUCKET_API || url.pathname !== path) {
    throw outage(`${endpoint}: next leads elsewhere`);
  }
  return url.search;
}
