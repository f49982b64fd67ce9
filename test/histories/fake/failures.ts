/** What can go wrong in a login, and what the contract calls it. */

/** Endpoints, by who asks: `bitbucket` stands for all that are asked with the person's token. */
export const TARGETS = [
  'bitbucket',
  'account',
  'emails',
  'list',
  'permission',
  'permission acme',
  'permission beta',
  'repository',
  'token',
  'profile',
  'key',
  'member',
  'member acme',
  'workspace',
] as const;
export type Target = (typeof TARGETS)[number];

export const KINDS = [
  'drop',
  'silence',
  '500',
  '503',
  '429',
  'html403',
  'html404',
  'garbage',
  'shape',
  'another',
  'scope',
  'expired',
  'denied',
] as const;
/** `huge`: a body of 450,000 entries; `deep`: 800 kB of `[`. Too slow for every history. */
export type Kind = (typeof KINDS)[number] | 'huge' | 'deep';

export interface Failure {
  readonly target: Target;
  readonly kind: Kind;
}

/**
 * `limited`: the person's own rate limit. `expired`: 401 to the person's token. `key`: the
 * consumer's own bad key. `untold`: the consumer cannot tell. `setup`: an admin must act.
 * `proxy`: a 403 or 404 of the Management API that is not Auth0's own.
 */
export type Cause =
  | 'outage'
  | 'limited'
  | 'expired'
  | 'scope'
  | 'key'
  | 'untold'
  | 'setup'
  | 'proxy';

/** The codes that a question may be refused with that failed for this cause. */
export const CODES: Readonly<Record<Cause, readonly string[]>> = {
  outage: ['bitbucket_unavailable'],
  limited: ['bitbucket_unavailable'],
  expired: ['bitbucket_login_required'],
  scope: ['bitbucket_misconfigured'],
  key: ['bitbucket_login_required'],
  untold: ['bitbucket_login_required'],
  // "bitbucket_misconfigured (an admin must act)"; a Management API that refuses its token may
  // also be called a failure of it: "while Bitbucket or the Management API fails".
  setup: ['bitbucket_misconfigured', 'bitbucket_unavailable'],
  proxy: ['bitbucket_misconfigured', 'bitbucket_unavailable'],
};

type Asker = 'person' | 'consumer' | 'management';

/** The cause that a failure of this kind is, asked by `asker`. */
export function causeOf(kind: Kind, asker: Asker, endpoint: string): Cause {
  if (kind === '429') return asker === 'person' ? 'limited' : 'outage';
  if (kind === 'scope') return asker === 'person' ? 'scope' : untoldOr(endpoint, asker);
  if (kind === 'expired') return asker === 'person' ? 'expired' : untoldOr(endpoint, asker);
  // Auth0's 404 about the user: bitbucket_unavailable, as just after accounts were linked.
  if (kind === 'denied') {
    if (endpoint === 'profile') return 'outage';
    return asker === 'person' ? 'outage' : untoldOr(endpoint, asker);
  }
  return asker === 'management' && kind.startsWith('html') ? 'proxy' : 'outage';
}

function untoldOr(endpoint: string, asker: Asker): Cause {
  if (asker === 'management') return 'setup';
  return endpoint === 'key' ? 'key' : 'untold';
}

/** The failure that was arranged for an endpoint, about a workspace where it is about one. */
export function failureOf(
  failures: readonly Failure[],
  asker: Asker,
  endpoint: string,
  about: string | undefined,
): Kind | undefined {
  return failures.find(
    ({ target, kind }) =>
      (target === endpoint ||
        target === `${endpoint} ${about}` ||
        (target === 'bitbucket' && asker === 'person')) &&
      isPossible(kind, asker, endpoint, target),
  )?.kind;
}

/** A token expires everywhere at once; what has no other thing to be about is about its own. */
function isPossible(kind: Kind, asker: Asker, endpoint: string, target: Target): boolean {
  if (kind === 'expired') return target === 'bitbucket' || asker !== 'person';
  if (kind === 'denied') return asker !== 'person';
  if (kind === 'another') return ['permission', 'member', 'repository'].includes(endpoint);
  if (kind === 'scope') return asker === 'person' || endpoint === 'member';
  return true;
}
