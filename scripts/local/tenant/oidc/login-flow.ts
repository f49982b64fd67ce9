/**
 * From a request that oidc-provider has accepted to a run of the login flow, and from its outcome
 * to what the application is told. A run that lets nobody in throws an OAuth error.
 */
import { errors, type KoaContextWithOIDC, type RefreshToken } from 'oidc-provider';
import type { FlowResult } from '../action-runtime/flow-types.ts';
import type { LoginAttempt, PostLogin } from '../post-login.ts';
import type { StoredUser } from '../store.ts';
import { originalQuery } from './auth0-dialect.ts';

export interface LoginFlow {
  /** For an authorization request with a session, be it a minute or a day old. */
  runForLogin(ctx: KoaContextWithOIDC, user: StoredUser): Promise<FlowResult>;
  runForRefresh(
    ctx: KoaContextWithOIDC,
    user: StoredUser,
    token: RefreshToken,
  ): Promise<FlowResult>;
}

export function createLoginFlow(postLogin: PostLogin): LoginFlow {
  const run = async (
    ctx: KoaContextWithOIDC,
    attempt: Omit<LoginAttempt, 'clientId'>,
    token?: RefreshToken,
  ): Promise<FlowResult> => {
    const result = await postLogin({ ...attempt, clientId: ctx.oidc.client?.clientId ?? '' });
    await revoke(ctx, result, token);
    if (result.outcome === 'failed') throw new errors.AccessDenied(describeFailure(result));
    if (result.outcome === 'denied') throw new errors.AccessDenied(result.reason ?? '');
    return result;
  };
  return {
    runForLogin: (ctx, user) => {
      const params = ctx.oidc.params ?? {};
      return run(ctx, {
        user,
        protocol: 'oidc-basic-profile',
        request: describeRequest(ctx, originalQuery(params)),
        audience: readAudience(params.resource),
        authenticatedAt: toIso(ctx.oidc.session?.loginTs),
      });
    },
    runForRefresh: (ctx, user, token) => {
      const attempt = {
        user,
        protocol: 'oauth2-refresh-token',
        request: describeRequest(ctx, {}),
        audience: readAudience(token.resource),
        // UNVERIFIED: Auth0 documents what was completed "during their session" and does not say
        // that a refresh shows it; an Action must not take it for a sign-in either way.
        authenticatedAt: toIso(token.authTime),
      };
      return run(ctx, attempt, token);
    },
  };
}

/** As Auth0 does: the message of what an Action threw is told to the application. */
function describeFailure({ steps }: FlowResult): string {
  return (steps.at(-1)?.error ?? 'The login flow failed').replace(/^\w*Error: /, '');
}

function toIso(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString();
}

/** What the Actions asked to end: the session of the browser, or the refresh token in hand. */
async function revoke(
  ctx: KoaContextWithOIDC,
  { revoked }: FlowResult,
  token: RefreshToken | undefined,
): Promise<void> {
  if (revoked.includes('session')) {
    const { Session } = ctx.oidc.provider;
    const ofToken = token?.sessionUid ? await Session.findByUid(token.sessionUid) : undefined;
    await (token === undefined ? ctx.oidc.session : ofToken)?.destroy();
  }
  if (revoked.includes('refreshToken')) await token?.destroy();
}

function describeRequest(
  { request }: KoaContextWithOIDC,
  query: Readonly<Record<string, string>>,
): LoginAttempt['request'] {
  const { method, ip, hostname } = request;
  return { method, ip, hostname, user_agent: request.get('user-agent'), query };
}

function readAudience(resource: unknown): string | undefined {
  const first: unknown = Array.isArray(resource) ? resource[0] : resource;
  return typeof first === 'string' ? first : undefined;
}
