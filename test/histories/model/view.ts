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
  /** Of an older look, and asked again in vain: a no may as well be called what failed. */
  readonly isOld?: boolean;
}

/** Nothing failed, so nothing excuses a refusal: no outcome is called this. */
const NO_CODE = '(none)';
/** Facts may be stamped in whole seconds. */
const MARGIN_MS = 1_500;

export function possible(view: View, thing: string): Possible {
  const { before, after, settings, liveFrom } = view;
  const causes = causesOf(view, thing);
  const failed = causes.flatMap((cause) => CODES[cause]);
  const codes = failed.length === 0 ? [NO_CODE] : [...new Set(failed)];
  const fact = after.facts.get(thing);
  const more = fact?.otherwise === undefined ? [] : [fact.otherwise];
  const told = (...values: string[]): Possible => ({ values: [...values, ...more], codes });
  if (fact !== undefined && fact.began >= liveFrom) {
    return fact.isSure ? { values: [fact.value], codes } : told(fact.value, '?');
  }
  // Suspended now, or until this look named the account: only the latter may be used.
  if (fact === undefined || fact.value === '?' || after.isSuspended) return told('?');
  if (before.facts.get(thing) === undefined) return told('?');

  const limitMs = thing.startsWith('address ')
    ? Number(settings.EMAIL_RECHECK_AFTER_DAYS) * 86_400_000
    : Number(settings.RECHECK_AFTER_MINUTES) * 60_000;
  const fresh = view.isSignIn ? 'no' : isYounger(view, fact.began, limitMs);
  if (fresh !== 'no') {
    // "The person's own rate limit … is bitbucket_unavailable": even beside a fact that is young.
    const isPlain = fresh === 'yes' && fact.isSure && !causes.includes('limited');
    const isOld = causes.length > 0;
    return { ...(isPlain ? told(fact.value) : told(fact.value, '?')), isOld };
  }
  const lastKnownMs = Number(settings.LAST_KNOWN_MAX_AGE_HOURS) * 3_600_000;
  const usable = isYounger(view, fact.began, lastKnownMs);
  // "Facts up to LAST_KNOWN_MAX_AGE_HOURS old stand in for what was not answered"; "the person's
  // own rate limit … never filled in".
  const isOutage =
    causes.some((cause) => cause === 'outage' || cause === 'proxy') && !causes.includes('limited');
  if (settings.ON_OUTAGE === 'deny' || !isOutage || usable === 'no') return told('?');
  const isPlain =
    usable === 'yes' &&
    fact.isSure &&
    allCauses(view).every((cause) => cause === 'outage') &&
    !before.isSuspended;
  return { ...(isPlain ? told(fact.value) : told(fact.value, '?')), isOld: true };
}

/** All that failed, for a login of which it cannot be told whose it is. */
export const allCodes = (view: View): readonly string[] =>
  allCauses(view).flatMap((cause) => CODES[cause]);

const allCauses = ({ heard }: View): readonly Cause[] =>
  lastAttempts(heard).flatMap(({ cause }) => (cause === undefined ? [] : [cause]));

function isYounger({ startedAt, endedAt }: View, began: number, limitMs: number) {
  if (endedAt - began + MARGIN_MS < limitMs) return 'yes';
  return startedAt - began - MARGIN_MS <= limitMs && limitMs > 0 ? 'perhaps' : 'no';
}

/** Why this could not be told: what failed when it was asked, or else all that failed. */
function causesOf(view: View, thing: string): readonly Cause[] {
  const last = lastAttempts(view.heard);
  const asConsumer = last.filter(({ by }) => by === 'consumer');
  // "When Bitbucket answers that 401, as the consumer … its 429, 5xx and silence are an outage":
  // what the consumer may prove, and could not, is for its reasons.
  const canProve = /^(account|member|any)/.test(thing);
  const isHandedOver = canProve && asConsumer.some(({ cause }) => cause !== undefined);
  const counted = last.filter(
    ({ by, cause }) => !(isHandedOver && by === 'person' && cause === 'expired'),
  );
  const common = counted.filter(
    ({ by, endpoint, cause }) =>
      by === 'management' ||
      endpoint === 'key' ||
      cause === 'expired' ||
      (thing === 'account' && by === 'consumer'),
  );
  const specific = aboutThing(counted, thing);
  const causes = (heard: readonly Heard[]) =>
    heard.flatMap(({ cause }) => (cause === undefined ? [] : [cause]));
  if (specific.length > 0) return [...new Set(causes([...specific, ...common]))];
  return [...new Set(causes(common.some(({ cause }) => cause) ? common : counted))];
}

/** What failed of the questions about this thing. */
function aboutThing(heard: readonly Heard[], thing: string): readonly Heard[] {
  const [kind = '', about] = thing.split(/ (.*)/);
  return heard.filter((one) => one.cause !== undefined && isAbout(one, kind, about));
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
