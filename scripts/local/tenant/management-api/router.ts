/** /api/v2: finds the route, checks the token and its scopes, and answers. */
import { ACTION_ROUTES } from './actions.ts';
import { CLIENT_GRANT_ROUTES } from './client-grants.ts';
import { CLIENT_KEY_SCOPES, CLIENT_ROUTES } from './clients.ts';
import { CONNECTION_ROUTES, OPTIONS_SCOPES } from './connections.ts';
import {
  type ApiContext,
  ApiError,
  type ApiResponse,
  insufficientScope,
  type Route,
} from './http.ts';
import { JOB_ROUTES } from './jobs.ts';
import { LOG_ROUTES } from './logs.ts';
import { RESOURCE_SERVER_ROUTES } from './resource-servers.ts';
import { TRIGGER_ROUTES } from './triggers.ts';
import { USER_ROUTES } from './users.ts';
import { USER_SEARCH_ROUTES } from './users-search.ts';

const ROUTES = [
  ...TRIGGER_ROUTES,
  ...ACTION_ROUTES,
  ...CLIENT_ROUTES,
  ...CLIENT_GRANT_ROUTES,
  ...CONNECTION_ROUTES,
  ...RESOURCE_SERVER_ROUTES,
  ...USER_ROUTES,
  ...USER_SEARCH_ROUTES,
  ...LOG_ROUTES,
  ...JOB_ROUTES,
];

/** Every scope that some route asks for: what a deployer can be granted. */
export const MANAGEMENT_SCOPES: readonly string[] = [
  ...new Set([
    ...ROUTES.flatMap((route) => route.scopes),
    ...OPTIONS_SCOPES,
    ...CLIENT_KEY_SCOPES,
    'read:user_idp_tokens',
  ]),
].sort();

/** The scopes of a bearer token; `undefined` when it is not one for this API. */
export type VerifyToken = (token: string) => Promise<ReadonlySet<string> | undefined>;

export interface ManagementRequest {
  readonly method: string;
  /** Below /api/v2. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

export async function handleManagementRequest(
  request: ManagementRequest,
  context: ApiContext,
  verifyToken: VerifyToken,
): Promise<ApiResponse> {
  const limit = context.countCall?.(context.now().getTime());
  const response = await (limit?.isExceeded === true
    ? new ApiError(429, 'Global limit has been reached', 'too_many_requests').response
    : answer(request, context, verifyToken));
  return { ...response, headers: { ...response.headers, ...limit?.headers } };
}

async function answer(
  request: ManagementRequest,
  context: ApiContext,
  verifyToken: VerifyToken,
): Promise<ApiResponse> {
  try {
    const [, token = ''] = /^Bearer (.+)$/i.exec(request.authorization ?? '') ?? [];
    const scopes = await verifyToken(token);
    if (scopes === undefined) throw new ApiError(401, 'Invalid token', 'invalid_token');
    const { route, params } = findRoute(request);
    if (!route.scopes.some((scope) => scopes.has(scope))) {
      throw insufficientScope(route.scopes);
    }
    const { method, query } = request;
    return route.handler({ method, query, params, scopes, body: parseBody(request.body) }, context);
  } catch (error) {
    if (error instanceof ApiError) return error.response;
    // A mistake of ours, and nothing of it is for the caller; but it is answered as JSON.
    return new ApiError(500, 'An internal server error occurred', 'internal_error').response;
  }
}

function findRoute(request: ManagementRequest): {
  readonly route: Route;
  readonly params: readonly string[];
} {
  const parts = request.path.split('/');
  for (const route of ROUTES) {
    const pattern = route.path.split('/');
    const isMatch =
      route.method === request.method &&
      pattern.length === parts.length &&
      pattern.every((part, index) => part === '*' || part === parts[index]);
    if (!isMatch) continue;
    const params = parts.filter((_, index) => pattern[index] === '*').map(decodePart);
    return { route, params };
  }
  throw new ApiError(404, 'Not Found');
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, 'Path validation error: the path is not encoded properly.');
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'Invalid request payload JSON format');
  }
}
