/**
 * What an Action may take for true about one thing, and with which codes it may refuse where it
 * cannot tell: the contract's "Outcome", one thing at a time.
 */
import { type Cause, CODES } from '../fake/failures.ts';
import type { Heard } from '../fake/heard.ts';
import type { Settings } from '../fake/world.ts';
import type { Known } from './known.ts';

export interface View {
  readonly isSignIn: boolean;
  readonly settings: Settings;
  /** Before this run, and with what it heard. */
  readonly before: Known;
  readonly after: Known;
  readonly heard: readonly Heard[];
  /** An answer of a look that began then or later is an answer of this flow. */
  readonly liveFrom: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Of one thing: the values that it may be taken for; `?` where it cannot be told. */
export interface Possible {
  readonly values: readonly string[];
  /** Of a refusal, where it cannot be told. */
  readonly codes: readonly string[];
  /** Of an older look, during an outage. */
  readonly isFilled?: boolean;
}

/** Facts may be stamped in whole seconds. */
const MARGIN_MS = 1_500;

export function possible(view: View, thing: string): Possible {
  const { before, after, settings, liveFrom } = view;
  const causes = causesOf(view, thing);
  const codes = [...new Set(causes.flatMap((cause) => CODES[cause]))];
  const fact = after.facts.get(thing);
  const told = (...values: string[]): Possible => ({ values, codes });
  if (fact !== undefined && fact.began >= liveFrom) {
    return fact.isSure ? told(fact.value) : told(fact.value, '?');
  }
  // Suspended now, or until this look named the account: only the latter may be used.
  if (fact === undefined || fact.value === '?' || after.isSuspended) return told('?');
  if (before.facts.get(thing) === undefined) return told('?');

  const limitMs = thing.startsWith('address ')
    ? Number(settings.EMAIL_RECHECK_AFTER_DAYS) * 86_400_000
    : Number(settings.RECHECK_AFTER_MINUTES) * 60_000;
  const fresh = view.isSignIn ? 'no' : isYounger(view, fact.began, limitMs);
  const wasAsked = specificCauses(view, thing).length > 0;
  if (fresh !== 'no') {
    // Asked again because of something else, and not answered: either may be said.
    const isPlain = fresh === 'yes' && fact.isSure && !wasAsked;
    return isPlain ? told(fact.value) : told(fact.value, '?');
  }
  const lastKnownMs = Number(settings.LAST_KNOWN_MAX_AGE_HOURS) * 3_600_000;
  const usable = isYounger(view, fact.began, lastKnownMs);
  // "Facts up to LAST_KNOWN_MAX_AGE_HOURS old stand in for what was not answered"; "the person's
  // own rate limit … never filled in".
  const isOutage = causes.includes('outage') && !causes.includes('limited');
  if (settings.ON_OUTAGE === 'deny' || !isOutage || usable === 'no') return told('?');
  const isPlain =
    usable === 'yes' &&
    fact.isSure &&
    causes.every((cause) => cause === 'outage') &&
    !before.isSuspended;
  return { ...(isPlain ? told(fact.value) : told(fact.value, '?')), isFilled: true };
}

function isYounger({ startedAt, endedAt }: View, began: number, limitMs: number) {
  if (endedAt - began + MARGIN_MS < limitMs) return 'yes';
  return startedAt - began - MARGIN_MS <= limitMs && limitMs > 0 ? 'perhaps' : 'no';
}

/** Why this could not be told: what failed when it was asked, or else all that failed. */
function causesOf(view: View, thing: string): readonly Cause[] {
  const last = lastAttempts(view.heard);
  const common = last.filter(
    ({ by, endpoint, cause }) => by === 'management' || endpoint === 'key' || cause === 'expired',
  );
  const specific = specificCauses(view, thing);
  const found = [
    ...specific,
    ...common.flatMap(({ cause }) => (cause === undefined ? [] : [cause])),
  ];
  if (specific.length > 0) return [...new Set(found)];
  return [...new Set(last.flatMap(({ cause }) => (cause === undefined ? [] : [cause])))];
}

function specificCauses({ heard }: View, thing: string): readonly Cause[] {
  const [kind = '', about] = thing.split(/ (.*)/);
  return lastAttempts(heard).flatMap((one) =>
    one.cause !== undefined && isAbout(one, kind, about) ? [one.cause] : [],
  );
}

function isAbout({ endpoint, about: name }: Heard, kind: string, about: string | undefined) {
  if (kind === 'account') return endpoint === 'account';
  if (kind === 'address') return endpoint === 'emails';
  if (kind === 'repository') return endpoint === 'repository' && name === about;
  if (endpoint === 'list') return true;
  if (kind === 'any') return endpoint === 'member' || endpoint === 'permission';
  return ['permission', 'member', 'workspace'].includes(endpoint) && name === about;
}

/** A question may be asked more than once; the last answer, or failure, is what counts. */
function lastAttempts(heard: readonly Heard[]): readonly Heard[] {
  const last = new Map<string, Heard>();
  for (const one of heard) {
    const key = `${one.by} ${one.endpoint} ${one.about}`;
    const before = last.get(key);
    // Whoever was at their own limit once in a flow stays so: people could make it themselves.
    if (before?.cause !== 'limited' || one.answer !== undefined) last.set(key, one);
  }
  return [...last.values()];
}
