/** What /oauth/token refuses, with Auth0's codes, statuses and sentences instead of the standard's. */
import { errors } from 'oidc-provider';

/** The part of oidc-provider's context that is read here. */
interface TokenContext {
  readonly path: string;
  status: number;
  body: unknown;
  readonly oidc?: {
    readonly client?: { grantTypeAllowed(type: string): boolean };
    readonly params?: Readonly<Record<string, unknown>>;
  };
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
}

const INVALID_GRANT: Readonly<Record<string, string>> = {
  authorization_code: 'Invalid authorization code',
  refresh_token: 'Unknown or invalid refresh token.',
};

/** 403 access_denied: how Auth0 refuses a machine. */
export function refuseAccess(description: string): Error {
  const error = new errors.CustomOIDCProviderError('access_denied', description);
  return Object.assign(error, { status: 403, statusCode: 403 });
}

/** Middleware of oidc-provider. */
export async function translateRefusals(
  ctx: TokenContext,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  if (ctx.path !== '/oauth/token') return;
  const refusal = translate(ctx, (ctx.body ?? {}) as OAuthError);
  if (refusal === undefined) return;
  const { status, ...body } = refusal;
  ctx.status = status;
  ctx.body = body;
}

interface OAuthError {
  readonly error?: string;
  readonly error_description?: string;
}

function translate(
  { oidc }: TokenContext,
  { error, error_description = '' }: OAuthError,
): Refusal | undefined {
  const grantType = String(oidc?.params?.grant_type);
  if (error === 'invalid_client') {
    return { status: 401, error: 'access_denied', error_description: 'Unauthorized' };
  }
  if (error === 'invalid_request' && oidc?.client?.grantTypeAllowed(grantType) === false) {
    return {
      status: 403,
      error: 'unauthorized_client',
      error_description: `Grant type '${grantType}' not allowed for the client.`,
    };
  }
  // UNVERIFIED where an Action denies: Auth0 documents 403 for one that revokes the token.
  if (error === 'access_denied' && grantType === 'refresh_token') {
    return { status: 403, error, error_description };
  }
  const description = INVALID_GRANT[grantType];
  if (error !== 'invalid_grant' || description === undefined) return undefined;
  return { status: 403, error, error_description: description };
}
