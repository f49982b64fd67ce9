/** What a Management API handler is given and gives. Values only: the router talks HTTP. */
import type { TenantLog } from '../log.ts';
import type { StoredUser, TenantStore } from '../store.ts';
import type { RateLimitStatus } from './rate-limit.ts';

export interface ApiRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The variable parts of the path, decoded, in their order. */
  readonly params: readonly string[];
  readonly body: unknown;
  readonly scopes: ReadonlySet<string>;
}

export interface ApiResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiContext {
  readonly store: TenantStore;
  readonly log: TenantLog;
  readonly now: () => Date;
  /** How long a draft of an Action takes to build. */
  readonly actionBuildMs: number;
  /** How long after its first deploy an Action cannot be bound yet. */
  readonly actionBindMs: number;
  /** `https://<domain>` */
  readonly origin: string;
  /** How long a job takes. */
  readonly jobMs: number;
  /** The users as a search finds them, which may not be as they are. */
  readonly listIndexedUsers: () => readonly StoredUser[];
  /** Absent where the tenant has no limit. */
  readonly countCall?: (nowMs: number) => RateLimitStatus;
}

export type Handler = (request: ApiRequest, context: ApiContext) => ApiResponse;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below /api/v2; `*` is a variable part. */
  readonly path: string;
  /** One of them is enough. */
  readonly scopes: readonly string[];
  readonly handler: Handler;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** A refusal, in the shape of Auth0's. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly response: ApiResponse;

  constructor(status: number, message: string, errorCode?: string) {
    super(message);
    this.response = {
      status,
      body: {
        statusCode: status,
        error: REASONS[status] ?? 'Error',
        message,
        ...(errorCode === undefined ? {} : { errorCode }),
      },
    };
  }
}

export const notFound = (what: string) =>
  new ApiError(404, `The ${what} does not exist`, `inexistent_${what.replaceAll(' ', '_')}`);

/** As the Actions API says it: a sentence, and no code. */
export const noSuchAction = () => new ApiError(404, 'That action does not exist.');

export const insufficientScope = (scopes: readonly string[]) =>
  new ApiError(
    403,
    `Insufficient scope, expected any of: ${scopes.join(',')}`,
    'insufficient_scope',
  );

export const invalidBody = (message: string, property?: string) =>
  new ApiError(400, `Payload validation error: ${describe(message, property)}.`, 'invalid_body');

export const invalidQuery = (message: string, property?: string) =>
  new ApiError(
    400,
    `Query validation error: ${describe(message, property)}.`,
    'invalid_query_string',
  );

function describe(message: string, property: string | undefined): string {
  return `'${message}'${property === undefined ? '' : ` on property ${property}`}`;
}
