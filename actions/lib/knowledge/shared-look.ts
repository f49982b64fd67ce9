/**
 * One look for both Actions of a flow: the first leaves it in the transaction's metadata, which
 * lives as long as this execution. The second takes it only when it was made for the same user,
 * workspaces and address. Values in, values out: no I/O, no `api`.
 */

import { parseJson, parseUuid, readField, readString } from '../read.ts';
import type { EmailFacts, Facts, Trouble, WorkspaceFacts } from './facts.ts';
import { parseMemberships } from './snapshot.ts';

/** Auth0 takes 8 kB a value and 16 kB in all: two parts, and room for others. */
const PART_LENGTH = 7_000;
const PART_KEYS = ['bitbucket_look', 'bitbucket_look_more'] as const;

/** What ties a look to one flow. */
export interface LookOwner {
  readonly userId: string;
  /** Which workspaces and address: see `fingerprint`. */
  readonly about: string;
}

/** The entries to store; `undefined` when the look is too long to share. */
export function createSharedLook(
  owner: LookOwner,
  facts: Facts | Trouble,
): readonly (readonly [key: string, value: string])[] | undefined {
  const text = toAscii(JSON.stringify({ ...owner, facts }));
  if (text.length > PART_LENGTH * PART_KEYS.length) return undefined;
  return PART_KEYS.map((key, index) => [
    key,
    text.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH),
  ]);
}

/** `undefined` when there is none, it is another flow's, or any of it cannot be read. */
export function readSharedLook(metadata: unknown, owner: LookOwner): Facts | Trouble | undefined {
  const parts = PART_KEYS.map((key) => readString(metadata, key) ?? '');
  const shared = parseJson(parts.join(''));
  if (readField(shared, 'userId') !== owner.userId) return undefined;
  if (readField(shared, 'about') !== owner.about) return undefined;
  return parseFacts(readField(shared, 'facts'));
}

function parseFacts(value: unknown): Facts | Trouble | undefined {
  const trouble = parseTrouble(value);
  if (trouble !== undefined) return trouble;
  const account = readField(value, 'uuid');
  const uuid = parseTrouble(account) ?? parseUuid(account);
  const email = readField(value, 'email');
  const emailFacts = parseTrouble(email) ?? parseEmailFacts(email);
  const workspaces = parseWorkspaceFacts(readField(value, 'workspaces'));
  if (uuid === undefined || emailFacts === undefined || workspaces === undefined) return undefined;
  return { uuid, email: emailFacts, workspaces };
}

function parseEmailFacts(value: unknown): EmailFacts | undefined {
  const verified = readField(value, 'verified');
  const primary = readString(value, 'primary');
  if (typeof verified !== 'boolean') return undefined;
  return primary === undefined ? { verified } : { verified, primary };
}

function parseWorkspaceFacts(value: unknown): WorkspaceFacts | undefined {
  const memberships = parseMemberships(readField(value, 'memberships'));
  const truncated = readField(value, 'truncated');
  if (memberships === undefined || typeof truncated !== 'boolean') return undefined;
  const unanswered = readField(value, 'unanswered');
  if (unanswered === undefined) return { memberships, truncated };
  const trouble = parseTrouble(readField(unanswered, 'trouble'));
  const workspaces = readField(unanswered, 'workspaces');
  if (trouble === undefined || !isStrings(workspaces)) return undefined;
  return { memberships, truncated, unanswered: { workspaces, trouble } };
}

function parseTrouble(value: unknown): Trouble | undefined {
  const kind = readField(value, 'kind');
  const cause = readString(value, 'cause');
  if (cause === undefined) return undefined;
  if (kind !== 'outage' && kind !== 'login_required' && kind !== 'misconfigured') return undefined;
  return { kind, cause };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** One character, one byte, so that a length is a size. */
function toAscii(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
