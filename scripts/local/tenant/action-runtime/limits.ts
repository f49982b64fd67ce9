/**
 * What Auth0 allows an Action. Sources:
 * https://auth0.com/docs/customize/actions/limitations
 * https://auth0.com/docs/customize/actions/explore-triggers/signup-and-login-triggers/login-trigger/post-login-api-object
 */

/** Of a tenant, of a trigger, and of an Action. */
export const ACTIONS = { count: 100, bound: 20, keptVersions: 50 } as const;
export const CODE_BYTES = 100_000;
export const FLOW_MS = 20_000;
export const LOG_CHARACTERS = 256;
export const SECRETS = { count: 30, nameLength: 128, valueLength: 4_096 } as const;
/** Of the cache of a trigger. */
export const CACHE = {
  entries: 20,
  keyBytes: 64,
  valueBytes: 4_096,
  totalBytes: 8_192,
  lifetimeMs: 24 * 60 * 60 * 1_000,
  /** Where neither `ttl` nor `expires_at` is given. */
  defaultLifetimeMs: 15 * 60 * 1_000,
} as const;
/** Of the metadata of a transaction. */
export const TRANSACTION = { keyLength: 64, valueBytes: 8_192, totalBytes: 16_384 } as const;
/** Of the custom claims of one token. */
export const CLAIMS_BYTES = 100_000;
/** Of what an execution asks to keep in one kind of user metadata. */
export const METADATA_BYTES = 32_768;
