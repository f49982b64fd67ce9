/**
 * The `api` object of one run: it writes down what the Action asks for, and refuses what Auth0
 * refuses. Nothing takes effect here.
 */
import { isClaimSet } from './claim-names.ts';
import { CLAIMS_BYTES, METADATA_BYTES, TRANSACTION } from './limits.ts';
import { cloneJson, jsonBytes } from './metadata-size.ts';
import type { ActionResult, RunRequest } from './protocol.ts';
import { createWorkerCache, type TellCacheUse } from './worker-cache.ts';

export interface WorkerApi {
  readonly api: object;
  readonly result: () => Omit<ActionResult, 'requests' | 'cacheUses' | 'log' | 'error'>;
}

type Data = Record<string, unknown>;
type Transaction = Record<string, string | number | boolean>;

/**
 * @param transaction `event.transaction.metadata` itself: what is set is visible there at once.
 * @param isRefresh whether the login is a refresh token exchange.
 */
export function createWorkerApi(
  cacheEntries: RunRequest['cache'],
  transaction: Transaction,
  isRefresh: boolean,
  now: () => number,
  tellCacheUse: TellCacheUse,
): WorkerApi {
  const cache = createWorkerCache(cacheEntries, now, tellCacheUse);
  const idTokenClaims: Data = {};
  const accessTokenClaims: Data = {};
  const appMetadata: Data = {};
  const userMetadata: Data = {};
  const revoked: ('refreshToken' | 'session')[] = [];
  let denied: string | undefined;

  const deny = (method: string, reason: unknown) => {
    if (typeof reason !== 'string') throw new TypeError(`${method} takes a string`);
    // Auth0 does not say which of several counts: here the first.
    denied ??= reason;
  };

  const api = guard('api', {
    access: guard('api.access', {
      deny: (reason: unknown) => {
        deny('api.access.deny', reason);
        return api;
      },
    }),
    idToken: guard('api.idToken', {
      setCustomClaim: (name: string, value: unknown) => setClaim(idTokenClaims, name, value, api),
    }),
    accessToken: guard('api.accessToken', {
      setCustomClaim: (name: string, value: unknown) =>
        setClaim(accessTokenClaims, name, value, api),
    }),
    user: guard('api.user', {
      setAppMetadata: (key: string, value: unknown) => setMetadata(appMetadata, key, value, api),
      setUserMetadata: (key: string, value: unknown) => setMetadata(userMetadata, key, value, api),
    }),
    cache: guard('api.cache', cache.api),
    transaction: guard('api.transaction', {
      setMetadata: (key: string, value: unknown) => setTransaction(transaction, key, value, api),
    }),
    // To revoke is to refuse as well.
    refreshToken: guard('api.refreshToken', {
      revoke: (reason: unknown) => {
        if (!isRefresh) throw new Error('api.refreshToken.revoke is for refresh token exchanges');
        deny('api.refreshToken.revoke', reason);
        revoked.push('refreshToken');
      },
    }),
    session: guard('api.session', {
      revoke: (reason: unknown) => {
        deny('api.session.revoke', reason);
        revoked.push('session');
      },
    }),
  });

  return {
    api,
    result: () => ({
      ...(denied === undefined ? {} : { denied }),
      idTokenClaims,
      accessTokenClaims,
      appMetadata,
      userMetadata,
      revoked,
      transaction,
      cacheChanges: cache.changes(),
    }),
  };
}

function setClaim(claims: Data, name: string, value: unknown, api: object): object {
  if (typeof name !== 'string') throw new TypeError('The name of a claim must be a string');
  if (!isClaimSet(name)) return api;
  const next = { ...claims, [name]: cloneJson(value, `The claim ${name}`) };
  if (jsonBytes(next) > CLAIMS_BYTES) {
    throw new RangeError(`The custom claims would pass ${CLAIMS_BYTES} bytes`);
  }
  claims[name] = next[name];
  return api;
}

function setMetadata(metadata: Data, key: string, value: unknown, api: object): object {
  // A key that is set to null or undefined is removed from the profile.
  const copy = value === undefined || value === null ? null : cloneJson(value, `Metadata ${key}`);
  if (jsonBytes({ ...metadata, [key]: copy }) > METADATA_BYTES) {
    throw new RangeError(`The metadata would pass ${METADATA_BYTES} bytes`);
  }
  metadata[key] = copy;
  return api;
}

function setTransaction(metadata: Transaction, key: string, value: unknown, api: object): object {
  if (value === null) {
    delete metadata[key];
    return api;
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError('Transaction metadata takes strings, numbers and booleans');
  }
  if (typeof value === 'number' && !isSafe(value)) {
    throw new RangeError('Transaction metadata takes safe numbers only');
  }
  if (typeof key !== 'string' || key.length > TRANSACTION.keyLength) {
    throw new RangeError(`A key of transaction metadata has at most ${TRANSACTION.keyLength}`);
  }
  const next = { ...metadata, [key]: value };
  if (Buffer.byteLength(String(value)) > TRANSACTION.valueBytes) {
    throw new RangeError(`A value of transaction metadata has at most ${TRANSACTION.valueBytes}`);
  }
  if (jsonBytes(next) > TRANSACTION.totalBytes) {
    throw new RangeError(`Transaction metadata would pass ${TRANSACTION.totalBytes} bytes`);
  }
  metadata[key] = value;
  return api;
}

/** Auth0 takes no integer that another one could be mistaken for. */
function isSafe(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** Says by name what Auth0 may have and the local tenant has not. */
function guard<T extends object>(path: string, target: T): T {
  return new Proxy(target, {
    get: (object, property, receiver) => {
      if (Reflect.has(object, property) || typeof property === 'symbol' || property === 'then') {
        return Reflect.get(object, property, receiver);
      }
      throw new TypeError(`${path}.${property} is not supported by the local tenant`);
    },
  });
}
