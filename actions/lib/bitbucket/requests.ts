/**
 * Asking Bitbucket: one function a question. Each says what its statuses mean; nothing is decided
 * here. The user's token goes in the `Authorization` header, to one origin.
 */

import type { Caller } from '../http/caller.ts';
import type { Reply } from '../http/send.ts';
import { isNamedBy, type Membership } from '../knowledge/facts.ts';
import { parseJson, readField, readString } from '../read.ts';
import { loginRequired, misconfigured, outage } from '../trouble-error.ts';
import {
  type BitbucketEmail,
  parseEmail,
  parseMembership,
  parsePermission,
  parseUserUuid,
  parseWorkspaceAccess,
} from './responses.ts';

export const BITBUCKET_API = 'https://api.bitbucket.org';
const BITBUCKET_WEB = 'https://bitbucket.org';
const MAX_PAGES = 10;
const PAGE_LENGTH = 100;

/** Everything below throws {TroubleError} or {HttpError} where there is no answer. */
export interface Bitbucket {
  readonly caller: Caller;
  readonly token: string;
}

export async function fetchUserUuid(bitbucket: Bitbucket): Promise<string> {
  const endpoint = 'bitbucket user';
  const uuid = parseUserUuid(await getJson(bitbucket, endpoint, '/2.0/user'));
  if (uuid === undefined) throw outage(`${endpoint}: unreadable`);
  return uuid;
}

/** The addresses that can be read, and whether there were others. */
export async function fetchEmails(
  bitbucket: Bitbucket,
): Promise<{ readonly emails: readonly BitbucketEmail[]; readonly someUnreadable: boolean }> {
  const entries = await getPages(bitbucket, 'bitbucket emails', '/2.0/user/emails', Infinity);
  const emails = entries.values.map(parseEmail);
  const readable = emails.filter((email) => email !== undefined);
  return { emails: readable, someUnreadable: readable.length < emails.length };
}

/** At least `wanted` of the workspaces that the user can reach, where there are as many. */
export async function fetchWorkspaces(
  bitbucket: Bitbucket,
  wanted: number,
): Promise<{ readonly memberships: readonly Membership[]; readonly hasMore: boolean }> {
  const endpoint = 'bitbucket workspaces';
  const entries = await getPages(bitbucket, endpoint, '/2.0/user/workspaces', wanted);
  const memberships = entries.values
    .map(parseWorkspaceAccess)
    .filter((membership) => membership !== undefined);
  // An entry that cannot be read counts as no membership; when none can, nothing was answered.
  if (memberships.length === 0 && entries.values.length > 0) {
    throw outage(`${endpoint}: unreadable`);
  }
  return { memberships, hasMore: entries.hasMore };
}

/** A membership, and whose it is: the caller compares that with whom it asked about. */
export interface OwnedMembership {
  readonly userUuid: string;
  readonly membership: Membership;
}

/**
 * The user's own membership of one workspace, with the highest permission. `undefined` is
 * Bitbucket's no: a 403, a 404, or a permission that is not a known one.
 */
export async function fetchPermission(
  bitbucket: Bitbucket,
  workspace: string,
): Promise<OwnedMembership | undefined> {
  const endpoint = 'bitbucket permission';
  const path = `/2.0/user/workspaces/${encodeURIComponent(workspace)}/permission`;
  const reply = await get(bitbucket, endpoint, path);
  if (reply.status === 403 || reply.status === 404) return undefined;
  const body = parseBody(reply, endpoint);
  const { userUuid, membership } = readMembership(body, workspace, endpoint);
  const permission = parsePermission(body);
  if (permission === undefined) throw outage(`${endpoint}: unreadable`);
  return permission === 'unknown'
    ? undefined
    : { userUuid, membership: { ...membership, permission } };
}

/**
 * Somebody's membership, asked as the consumer: it proves `member`, no more. `undefined` is
 * Bitbucket's no, which only a 404 is; any other refusal means that this caller cannot tell.
 */
export async function fetchMember(
  bitbucket: Bitbucket,
  workspace: string,
  userUuid: string,
): Promise<OwnedMembership | undefined> {
  const endpoint = 'bitbucket member';
  const path = `/2.0/workspaces/${encodeURIComponent(workspace)}/members/${encodeURIComponent(userUuid)}`;
  const reply = await get(bitbucket, endpoint, path);
  if (reply.status === 404) return undefined;
  const owned = readMembership(parseBody(reply, endpoint), workspace, endpoint);
  if (owned.userUuid !== userUuid) throw outage(`${endpoint}: another person`);
  return { ...owned, membership: { ...owned.membership, permission: 'member' } };
}

function readMembership(body: unknown, workspace: string, endpoint: string): OwnedMembership {
  const owned = parseMembership(body);
  if (owned === undefined) throw outage(`${endpoint}: unreadable`);
  if (!isNamedBy(owned.membership, workspace)) throw outage(`${endpoint}: another workspace`);
  return owned;
}

/** A token that acts for the consumer, not for a person. It is used once and not kept. */
export async function fetchConsumerToken(
  caller: Caller,
  consumer: { readonly key: string; readonly secret: string },
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
  const token = readString(parseBody(reply, endpoint), 'access_token');
  if (token === undefined) throw outage(`${endpoint}: unreadable`);
  return token;
}

function get(bitbucket: Bitbucket, endpoint: string, path: string): Promise<Reply> {
  return bitbucket.caller.call({
    endpoint,
    method: 'GET',
    origin: BITBUCKET_API,
    path,
    headers: { Accept: 'application/json', Authorization: `Bearer ${bitbucket.token}` },
  });
}

async function getJson(bitbucket: Bitbucket, endpoint: string, path: string): Promise<unknown> {
  return parseBody(await get(bitbucket, endpoint, path), endpoint);
}

/** 401: the token is spent. 403: the consumer lacks a permission. */
function parseBody(reply: Reply, endpoint: string): unknown {
  const cause = `${endpoint}: ${reply.status}`;
  if (reply.status === 401) throw loginRequired(cause);
  if (reply.status === 403) throw misconfigured(`${cause}, a permission the consumer lacks?`);
  if (reply.status !== 200) throw outage(cause);
  return parseJson(reply.text);
}

/** Follows `next`, which must stay on the same origin and path, until there are `wanted` entries. */
async function getPages(
  bitbucket: Bitbucket,
  endpoint: string,
  path: string,
  wanted: number,
): Promise<{ readonly values: readonly unknown[]; readonly hasMore: boolean }> {
  const values: unknown[] = [];
  let search = `?pagelen=${PAGE_LENGTH}`;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const body = await getJson(bitbucket, endpoint, path + search);
    const entries = readField(body, 'values');
    if (!Array.isArray(entries)) throw outage(`${endpoint}: unreadable`);
    values.push(...entries);
    const next = readField(body, 'next');
    if (next === undefined) return { values, hasMore: false };
    if (values.length >= wanted) return { values, hasMore: true };
    search = searchOfNext(next, path, endpoint);
  }
  throw outage(`${endpoint}: more than ${MAX_PAGES} pages`);
}

function searchOfNext(next: unknown, path: string, endpoint: string): string {
  const url = typeof next === 'string' && URL.canParse(next) ? new URL(next) : undefined;
  if (url === undefined || url.origin !== BITBUCKET_API || url.pathname !== path) {
    throw outage(`${endpoint}: next leads elsewhere`);
  }
  return url.search;
}
