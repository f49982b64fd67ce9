/** A question that has no answer, as it travels from a client to the one place that judges it. */

import { HttpError } from './http/send.ts';
import type { Trouble } from './knowledge/facts.ts';

/** Thrown by the clients. `message` is safe to log. */
export class TroubleError extends Error {
  override readonly name = 'TroubleError';
  readonly kind: Trouble['kind'];

  constructor(kind: Trouble['kind'], cause: string) {
    super(cause);
    this.kind = kind;
  }
}

export const outage = (cause: string) => new TroubleError('outage', cause);
export const loginRequired = (cause: string) => new TroubleError('login_required', cause);
export const misconfigured = (cause: string) => new TroubleError('misconfigured', cause);

/** The promise's value, or the trouble that it met. What is not a trouble stays thrown. */
export function orTrouble<T>(promise: Promise<T>): Promise<T | Trouble> {
  return promise.catch((error: unknown): Trouble => {
    if (error instanceof TroubleError) return { kind: error.kind, cause: error.message };
    if (error instanceof HttpError) return { kind: 'outage', cause: error.message };
    throw error;
  });
}
