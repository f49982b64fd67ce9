/** A user, as ID tokens and /userinfo tell of them: standard claims, by scope. */
import type { StoredUser } from '../store.ts';

/** Which scope gives which claims. */
export const CLAIMS_BY_SCOPE: Readonly<Record<string, string[]>> = {
  openid: ['sub'],
  profile: ['name', 'nickname', 'picture', 'updated_at'],
  email: ['email', 'email_verified'],
};

/** `updated_at` is a text, as Auth0 has it; the standard has a number. */
export function describeUser(user: StoredUser) {
  const { user_id: sub, name, nickname, picture, updated_at, email, email_verified } = user;
  return { sub, name, nickname, picture, updated_at, email, email_verified };
}

export function describeUserFor(
  user: StoredUser,
  scopes: ReadonlySet<string>,
): Record<string, unknown> {
  const names = Object.entries(CLAIMS_BY_SCOPE)
    .filter(([scope]) => scopes.has(scope))
    .flatMap(([, claims]) => claims);
  return Object.fromEntries(
    Object.entries(describeUser(user)).filter(([name]) => names.includes(name)),
  );
}
