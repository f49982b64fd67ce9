/**
 * One look for both Actions of a flow: the first leaves it in the transaction's metadata, sealed, so
 * that no other Action can read or make one. The metadata is stored where a flow is suspended and
 * read back hours later: so a look has an age, and is bound to the user and to what was asked. Values
 * in, values out: no I/O, no `api`.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { parseJson, readField, readString } from '../read.ts';
import { open, seal } from '../seal.ts';
import { TROUBLE_KINDS, type Trouble } from '../trouble.ts';
import type { Facts } from './facts.ts';
import type { Look, Troubles } from './look.ts';

/** Auth0 takes 8 kB a value and 16 kB in all: two parts, and a little room for others. */
const PART_LENGTH = 7_800;
const PART_KEYS = ['bitbucket_look', 'bitbucket_look_more'] as const;
const MAX_AGE_MS = 30_000;

/** What ties a look to one flow. */
export interface SharedFor {
  /** Of the Actions; the other one has the same. */
  readonly secret: string;
  readonly userId: string;
  /** Everything that was asked, and by whom. */
  readonly about: readonly unknown[];
}

/** The entries to store; `undefined` when the look is too long to share. */
export function createSharedLook(
  { secret, userId, about }: SharedFor,
  look: Look,
  nowMs: number,
): readonly (readonly [key: string, value: string])[] | undefined {
  const text = JSON.stringify({ sharedAt: nowMs, look }, replaceMap);
  // It repeats itself: who is in many workspaces has each of them several times in it.
  const sealed = seal(secret, purposeOf(userId, about), deflateRawSync(text));
  if (sealed.length > PART_LENGTH * PART_KEYS.length) return undefined;
  return PART_KEYS.map((key, index) => [
    key,
    sealed.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH),
  ]);
}

/** `undefined` when there is none, it is old, or it is not of these Actions for this flow. */
export function readSharedLook(
  metadata: unknown,
  { secret, userId, about }: SharedFor,
  nowMs: number,
): Look | undefined {
  const sealed = PART_KEYS.map((key) => readString(metadata, key) ?? '').join('');
  if (sealed === '') return undefined;
  const packed = open(secret, purposeOf(userId, about), sealed);
  if (packed === undefined) return undefined;
  const shared = parseJson(inflateRawSync(packed).toString('utf8'));
  const sharedAt = readField(shared, 'sharedAt');
  const ageMs = typeof sharedAt === 'number' ? nowMs - sharedAt : Number.NaN;
  if (!(ageMs >= 0 && ageMs <= MAX_AGE_MS)) return undefined;
  return restoreLook(readField(shared, 'look'));
}

/** A look that was sealed for another user, question or kind of login does not open. */
function purposeOf(userId: string, about: readonly unknown[]): string {
  return `shared look ${JSON.stringify([userId, about])}`;
}

/** The seal says that it is as `createSharedLook` wrote it: only the maps have to be made again. */
function restoreLook(value: unknown): Look | undefined {
  const at = readField(value, 'at');
  const by = readField(value, 'by');
  const found = readField(value, 'found');
  const troubles = readField(value, 'troubles');
  if (typeof at !== 'number' || (by !== 'person' && by !== 'consumer')) return undefined;
  if (typeof found !== 'object' || typeof troubles !== 'object') return undefined;
  const workspaces = restoreMap<Trouble>(readField(troubles, 'workspaces'));
  const repositories = restoreMap<Trouble>(readField(troubles, 'repositories'));
  if (![...workspaces.values(), ...repositories.values()].every(isKnownTrouble)) return undefined;
  return {
    at,
    by,
    found: {
      ...(found as Facts),
      workspaces: restoreMap(readField(found, 'workspaces')),
      permissions: restoreMap(readField(found, 'permissions')),
      noOwner: restoreMap(readField(found, 'noOwner')),
      repositories: restoreMap(readField(found, 'repositories')),
    },
    troubles: { ...(troubles as Troubles), workspaces, repositories },
  };
}

function restoreMap<T>(entries: unknown): ReadonlyMap<string, T> {
  return new Map(Array.isArray(entries) ? (entries as [string, T][]) : []);
}

function isKnownTrouble({ kind }: Trouble): boolean {
  return TROUBLE_KINDS.includes(kind);
}

function replaceMap(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
