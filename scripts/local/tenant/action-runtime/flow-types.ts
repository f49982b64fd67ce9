/** What goes into a post-login flow and what comes of it. Types only. */
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import type { CacheUse, RecordedRequest } from './protocol.ts';

export interface DeployedAction {
  readonly id: string;
  /** A new version is a new instance. */
  readonly versionId: string;
  readonly name: string;
  /** CommonJS. */
  readonly code: string;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface FlowStep {
  readonly action: string;
  readonly versionId: string;
  /** Since the flow began. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** None where it crashed or ran out of time: they are told with its answer. */
  readonly requests: readonly RecordedRequest[];
  readonly cacheUses: readonly CacheUse[];
  /** The keys of `app_metadata` that it set. */
  readonly written: readonly string[];
  /** What Auth0 would keep of its console output. */
  readonly log: string;
  /** It threw, crashed, or ran out of time. */
  readonly error?: string;
}

export interface FlowResult {
  readonly outcome: 'allowed' | 'denied' | 'failed';
  /** What `deny` was given. */
  readonly reason?: string;
  /** Empty unless the login is allowed. */
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  readonly accessTokenClaims: Readonly<Record<string, unknown>>;
  /** To be merged into the profile, whatever the outcome; `null` removes a key. */
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  readonly revoked: readonly ('refreshToken' | 'session')[];
  readonly steps: readonly FlowStep[];
}

/** `event` as the tenant knows it: each Action gets its own secrets. */
export type FlowEvent = Omit<PostLoginEvent, 'secrets'> & Readonly<Record<string, unknown>>;
