/** The `api` of one flow: refuses what Auth0 refuses, and keeps what was asked for, in its order. */
import type { PostLoginApi } from '#actions/lib/auth0/post-login.ts';
import type { FakeCache } from './cache.ts';

const MAX_KEY = 64;
const MAX_VALUE = 8_192;
const MAX_TRANSACTION = 16_384;

export interface Asked {
  readonly reasons: string[];
  readonly idToken: Record<string, unknown>;
  readonly accessToken: Record<string, unknown>;
  /** What is to be saved at the end of the flow, by key. */
  readonly appMetadata: Record<string, unknown>;
  readonly transaction: Record<string, unknown>;
  claimsAfterDeny: number;
}

export const nothingAsked = (): Asked => ({
  reasons: [],
  idToken: {},
  accessToken: {},
  appMetadata: {},
  transaction: {},
  claimsAfterDeny: 0,
});

/** `savingFails`: `api.user.setAppMetadata` throws, as it may. */
export function createApi(asked: Asked, cache: FakeCache, savingFails: boolean): PostLoginApi {
  const claimIn = (claims: Record<string, unknown>) => (name: string, value: unknown) => {
    if (asked.reasons.length > 0) asked.claimsAfterDeny += 1;
    claims[name] = structuredClone(value);
  };
  return {
    access: { deny: (reason) => asked.reasons.push(reason) },
    idToken: { setCustomClaim: claimIn(asked.idToken) },
    accessToken: { setCustomClaim: claimIn(asked.accessToken) },
    user: {
      setAppMetadata: (key, value) => {
        if (savingFails) throw new Error('could not save');
        asked.appMetadata[key] = toJson(value);
      },
    },
    cache,
    transaction: {
      setMetadata: (key, value) => {
        if (!['string', 'number', 'boolean'].includes(typeof value))
          throw new Error('not a scalar');
        if (key.length > MAX_KEY || Buffer.byteLength(String(value)) > MAX_VALUE) {
          throw new Error('too large');
        }
        const others = Object.entries(asked.transaction).filter(([other]) => other !== key);
        const size = others.reduce((sum, [, kept]) => sum + Buffer.byteLength(String(kept)), 0);
        if (size + Buffer.byteLength(String(value)) > MAX_TRANSACTION) throw new Error('too large');
        asked.transaction[key] = value;
      },
    },
  };
}

/** As it is read back: JSON, and nothing else. */
function toJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
