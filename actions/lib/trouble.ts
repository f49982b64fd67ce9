/** Why a question has no answer, and how that travels from who asked to the one place that judges. */

/**
 * - `outage`: the other side failed, or said something that cannot be read; it may pass.
 * - `refused`: Bitbucket refuses the person (their own limit, an allowlist of addresses), or there is
 *   more than is read. People can bring that about themselves, so nothing that was known before takes
 *   its place.
 * - `login_required`: the stored Bitbucket sign-in is spent; only the person can renew it.
 * - `misconfigured`: an admin must act.
 */
export const TROUBLE_KINDS = ['outage', 'refused', 'login_required', 'misconfigured'] as const;

export interface Trouble {
  readonly kind: (typeof TROUBLE_KINDS)[number];
  /** For the admin's log: no token, secret, address or name. */
  readonly cause: string;
}

/** Thrown by who asks. `message` is safe to log. */
export class TroubleError extends Error {
  override readonly name: string = 'TroubleError';
  readonly kind: Trouble['kind'];

  constructor(kind: Trouble['kind'], cause: string) {
    super(cause);
    this.kind = kind;
  }
}

export const outage = (cause: string) => new TroubleError('outage', cause);
export const refused = (cause: string) => new TroubleError('refused', cause);
export const loginRequired = (cause: string) => new TroubleError('login_required', cause);
export const misconfigured = (cause: string) => new TroubleError('misconfigured', cause);

/** The promise's value, or the trouble that it met. What is not a trouble stays thrown. */
export function orTrouble<T>(promise: Promise<T>): Promise<T | Trouble> {
  return promise.catch((error: unknown): Trouble => {
    if (error instanceof TroubleError) return { kind: error.kind, cause: error.message };
    throw error;
  });
}

export function isTrouble(value: unknown): value is Trouble {
  return typeof value === 'object' && value !== null && 'kind' in value && 'cause' in value;
}

/** Of two troubles the one to tell: an outage may pass by itself, what does not comes first. */
export function graver(one: Trouble | undefined, other: Trouble): Trouble {
  if (one === undefined) return other;
  return TROUBLE_KINDS.indexOf(other.kind) > TROUBLE_KINDS.indexOf(one.kind) ? other : one;
}
