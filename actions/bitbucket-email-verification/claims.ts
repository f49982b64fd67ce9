/** Evidence in, claims out. */
import type { ClaimsOf } from '../lib/login/claims.ts';

/** `email` is the primary confirmed address; what could not be told is left out. */
export const claimsOf: ClaimsOf = (evidence, _policy, { addressMark }) => {
  const address = evidence.address(addressMark);
  return {
    email: evidence.primaryAddress(addressMark),
    email_verified: address.is === 'unknown' ? undefined : address.is === 'yes',
  };
};
