/** A Bitbucket account becomes, or updates, a user of the tenant. */
import type { StoredConnection, StoredUser, TenantStore } from '../store.ts';
import { avatarUrl } from './avatar.ts';
import type { UpstreamProfile } from './upstream.ts';

export function upsertUser(
  store: TenantStore,
  connection: StoredConnection,
  profile: UpstreamProfile,
  nowIso: string,
  /** Where the pictures of who has none are. */
  origin: string,
): StoredUser {
  const userId = `${connection.strategy}|${profile.uuid}`;
  const known = store.users.get(userId);
  const user: StoredUser = known ?? {
    user_id: userId,
    email_verified: false,
    identities: [],
    app_metadata: {},
    user_metadata: {},
    logins_count: 0,
    created_at: nowIso,
    updated_at: nowIso,
  };
  const update = String(connection.options.set_user_root_attributes ?? 'on_each_login');
  if (update === 'on_each_login' || (known === undefined && update === 'on_first_login')) {
    user.name = profile.name;
    user.nickname = profile.nickname;
    user.picture = profile.picture ?? avatarUrl(origin, profile.nickname);
    if (profile.email === undefined) delete user.email;
    else user.email = profile.email;
    user.email_verified = profile.emailVerified;
  }
  const identity = {
    connection: connection.name,
    provider: connection.strategy,
    user_id: profile.uuid,
    isSocial: true,
    access_token: profile.accessToken,
    ...(profile.refreshToken === undefined ? {} : { refresh_token: profile.refreshToken }),
  };
  const others = user.identities.filter(
    (other) => other.connection !== connection.name || other.user_id !== profile.uuid,
  );
  user.identities = [identity, ...others];
  user.logins_count += 1;
  user.updated_at = nowIso;
  store.users.set(userId, user);
  return user;
}
