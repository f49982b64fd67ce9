/** What of this login is kept for later ones: facts, and the last refusal. Values in, values out. */
import type { Login } from '../auth0/login.ts';
import { type Facts, NOTHING_KNOWN } from '../knowledge/facts.ts';
import { merge } from '../knowledge/merge.ts';
import { createStored } from '../knowledge/store.ts';
import { LOOK_KEY, readRefusal, type StoredRefusal, SUMMARY_KEY } from '../knowledge/stored.ts';
import type { Refusal } from '../policy/refusal.ts';
import { readField } from '../read.ts';
import type { Gathered, Remembered } from './gather.ts';

/** The same refusal again, so soon, is not worth a write. */
const SAME_REFUSAL_MS = 60_000;

export interface Happened {
  readonly login: Login;
  readonly remembered: Remembered;
  readonly gathered: Gathered | undefined;
  readonly refusal: Refusal | undefined;
  /** The names that the rules ask about. */
  readonly askedFor: readonly string[];
  readonly nowMs: number;
}

/** The values to write to `app_metadata`, by key; `undefined` where nothing has changed. */
export function whatToStore(
  appMetadata: unknown,
  { login, remembered, gathered, refusal, askedFor, nowMs }: Happened,
): Readonly<{ [key: string]: unknown }> | undefined {
  const known = readRefusal(appMetadata, login);
  const refused = refusal && toStoredRefusal(refusal, login, nowMs);
  const isNewRefusal = refused !== undefined && !isSameRefusal(known, refused);
  const hasLooked = gathered?.look !== undefined && gathered.source !== 'shared';
  if (!isNewRefusal && !hasLooked) return undefined;
  const stored = createStored({
    facts: whatIsKnown(remembered.known, gathered),
    owner: login,
    address: remembered.address,
    askedFor,
    refusal: isNewRefusal ? refused : known,
  });
  if (isStored(appMetadata, stored)) return undefined;
  // A summary that was not believed is not left beside what is.
  const isLeftOver = !(SUMMARY_KEY in stored) && isThere(readField(appMetadata, SUMMARY_KEY));
  return isLeftOver ? { ...stored, [SUMMARY_KEY]: null } : stored;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Of another account nothing is kept, only that it was there. */
function whatIsKnown(known: Facts, gathered: Gathered | undefined): Facts {
  const { look, isAnotherAccount = false } = gathered ?? {};
  if (look === undefined) return known;
  if (!isAnotherAccount) return merge(known, look.found);
  return merge(known, { ...NOTHING_KNOWN, anotherAccountAt: look.at });
}

function toStoredRefusal({ code, cause }: Refusal, login: Login, at: number): StoredRefusal {
  return { at, code, cause, clientId: login.clientId };
}

function isSameRefusal(known: StoredRefusal | undefined, now: StoredRefusal): boolean {
  return (
    known?.code === now.code &&
    known.cause === now.cause &&
    known.clientId === now.clientId &&
    now.at - known.at < SAME_REFUSAL_MS
  );
}

function isStored(appMetadata: unknown, stored: Readonly<{ [key: string]: unknown }>): boolean {
  return [SUMMARY_KEY, LOOK_KEY].every(
    (key) => JSON.stringify(stored[key]) === JSON.stringify(readField(appMetadata, key)),
  );
}
