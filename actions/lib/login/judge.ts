/** One login's ages, and the whole policy over them. Pure. */
import type { Login } from '../auth0/login.ts';
import { decideEmail, decideWorkspaces, type Subject } from '../policy/decide.ts';
import { type Ages, createEvidence, type Occasion } from '../policy/evidence.ts';
import type { Policy } from '../policy/policy.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * At a sign-in nothing older than the look itself will do. Otherwise facts stand as long as the
 * policy lets them; the address longer, as only the person can renew it.
 */
export function agesOf({ settings }: Policy, { isSignIn }: Login): Ages {
  return {
    factMs: isSignIn ? 0 : settings.recheckAfterMinutes * MINUTE_MS,
    addressMs: isSignIn ? 0 : settings.emailRecheckAfterDays * DAY_MS,
    outageMs: settings.onOutage === 'last_known' ? settings.lastKnownMaxAgeHours * HOUR_MS : 0,
  };
}

export function subjectOf(login: Login, address: { readonly mark: string } | undefined): Subject {
  return { addressMark: address?.mark, isAddressOfAnother: login.isAddressOfAnother };
}

/** Whether these facts let somebody in by both halves of the policy. */
export function admits(
  occasion: Occasion,
  policy: Policy,
  login: Login,
  address: { readonly mark: string } | undefined,
): boolean {
  const evidence = createEvidence(occasion);
  const subject = subjectOf(login, address);
  return [decideEmail, decideWorkspaces].every(
    (decide) => decide(evidence, policy, subject) === undefined,
  );
}
