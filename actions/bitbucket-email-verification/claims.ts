/** Facts in, claims out. */

import { type Facts, isTrouble } from '../lib/knowledge/facts.ts';
import type { Claims } from '../lib/login/apply.ts';

/** `email` is the primary confirmed address, absent when there is none. */
export function claimsOf({ email }: Facts): Claims {
  if (isTrouble(email)) return {};
  return { email: email.primary, email_verified: email.verified };
}
