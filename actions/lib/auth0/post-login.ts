/**
 * The slice of Auth0's post-login Action interface that this project uses: types only.
 *
 * There is no package of these types to install. Sources:
 * https://auth0.com/docs/customize/actions/explore-triggers/signup-and-login-triggers/login-trigger/post-login-event-object
 * https://auth0.com/docs/customize/actions/explore-triggers/signup-and-login-triggers/login-trigger/post-login-api-object
 *
 * What Auth0 does not guarantee is optional here, whatever a usual login brings.
 */

/** One upstream account of the user. It never carries the upstream token. */
export interface Identity {
  readonly connection?: string;
  readonly provider?: string;
  readonly user_id?: string | number;
  readonly isSocial?: boolean;
}

export interface PostLoginEvent {
  readonly connection?: {
    readonly id?: string;
    readonly name: string;
    readonly strategy: string;
  };
  readonly client: {
    readonly client_id: string;
    readonly name?: string;
    /** Set by an admin; each value is a string of at most 255 characters. */
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
  readonly user: {
    readonly user_id: string;
    readonly email?: string;
    readonly email_verified?: boolean;
    /** Written by Actions and admins only; the user cannot change it. */
    readonly app_metadata?: Readonly<Record<string, unknown>>;
    readonly identities?: readonly Identity[];
  };
  readonly transaction?: {
    /** `oauth2-refresh-token` on a refresh token exchange. */
    readonly protocol?: string;
    /** What `api.transaction.setMetadata` stored in this execution of the flow. */
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
  readonly authentication?: {
    /** What the person did in this session, and when; `federated` is a sign-in at a connection. */
    readonly methods?: readonly { readonly name?: string; readonly timestamp?: string }[];
  };
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** What `api.cache.get` finds; `expires_at` is in milliseconds since the epoch. */
export interface CacheEntry {
  readonly value: string;
  readonly expires_at: number;
}

export interface PostLoginApi {
  readonly access: {
    /** Marks the login as refused. It does not stop the Action; the flow ends after it returns. */
    deny(reason: string): unknown;
  };
  readonly idToken: {
    setCustomClaim(name: string, value: unknown): unknown;
  };
  readonly accessToken: {
    setCustomClaim(name: string, value: unknown): unknown;
  };
  readonly user: {
    /** Saved once, at the end of the flow; also when the login is refused. */
    setAppMetadata(key: string, value: unknown): unknown;
  };
  /** Per trigger 20 entries, key ≤ 64 bytes, value ≤ 4 kB, 8 kB in all, at most 24 hours. */
  readonly cache: {
    get(key: string): CacheEntry | undefined;
    /** `ttl` and `expires_at` are in milliseconds. */
    set(key: string, value: string, options?: { ttl?: number; expires_at?: number }): unknown;
    delete(key: string): unknown;
  };
  readonly transaction: {
    /** Key ≤ 64 characters, value ≤ 8 kB, 16 kB in all; seen by later Actions of this execution. */
    setMetadata(key: string, value: string | number | boolean): unknown;
  };
}
