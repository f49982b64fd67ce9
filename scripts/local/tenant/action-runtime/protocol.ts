/** What the tenant and an Action's worker say to each other: plain data only. */

export interface CacheRecord {
  readonly value: string;
  readonly expires_at: number;
}

/** One HTTP call of a run. Times are in milliseconds, `startedMs` since the run began. */
export interface RecordedRequest {
  readonly method: string;
  /** With the port, where it is not 443. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly startedMs: number;
  /** Until the body was there, or it failed; absent where it was under way when the run ended. */
  durationMs?: number;
  /** Of the answer; absent where none came. */
  status?: number;
  /** The code or the name of what went wrong. */
  failure?: string;
}

/** One use of `api.cache`. */
export interface CacheUse {
  readonly did: 'hit' | 'miss' | 'set' | 'delete' | 'refused';
  /** What kind of key; never a value. */
  readonly key: string;
  readonly atMs: number;
}

/** What an Action asked for in one run, and what it wrote to its console. */
export interface ActionResult {
  readonly denied?: string;
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  readonly accessTokenClaims: Readonly<Record<string, unknown>>;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  readonly revoked: readonly ('refreshToken' | 'session')[];
  /** The whole metadata of the transaction, after this Action. */
  readonly transaction: Readonly<Record<string, string | number | boolean>>;
  /** What changed in the cache; `null` was deleted. */
  readonly cacheChanges: readonly (readonly [key: string, record: CacheRecord | null])[];
  readonly requests: readonly RecordedRequest[];
  readonly cacheUses: readonly CacheUse[];
  readonly log: string;
  /** It threw; what it asked for before is void. */
  readonly error?: string;
}

/** What a worker is made with. */
export interface WorkerSetup {
  readonly name: string;
  readonly code: string;
  readonly network: readonly (readonly [destination: string, port: number])[];
  readonly certificate: string;
}

export interface RunRequest {
  readonly runId: number;
  readonly event: Readonly<Record<string, unknown>>;
  readonly cache: readonly (readonly [key: string, record: CacheRecord])[];
  /** How far the tenant's clock is ahead of the system's. */
  readonly clockAheadMs: number;
}

export interface RunReply {
  readonly runId: number;
  readonly result: ActionResult;
}

/** From the worker: `loaded` once, when its code was loaded or cannot be. */
export type WorkerMessage = 'loaded' | RunReply;
