/** What the tenant and an Action's worker say to each other: plain data only. */

export interface CacheRecord {
  readonly value: string;
  readonly expires_at: number;
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
