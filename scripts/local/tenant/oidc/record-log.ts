/**
 * What the tenant's log says of sign-ins, exchanges and logouts: made of what oidc-provider tells
 * about each request, so that no step of a flow has to know of the log.
 */
import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { TenantLog } from '../log.ts';
import { findConnection, type StoredUser, type TenantStore } from '../store.ts';
import { originalQuery } from './auth0-dialect.ts';

type Context = KoaContextWithOIDC;
type OAuthError = errors.OIDCProviderError;
type Fields = Readonly<Record<string, unknown>>;

/** A session that was ended by one of the tenant's own ways out. */
export interface EndedSession {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string | undefined;
  readonly returnTo: string | undefined;
  readonly ip: string;
  readonly hostname: string;
  readonly userAgent: string;
}

/** The result writes down a logout, of which oidc-provider does not know. */
export function recordLog(
  provider: Provider,
  store: TenantStore,
  log: TenantLog,
): (ended: EndedSession) => void {
  const append = (type: string, ...fields: readonly Fields[]) =>
    log.append(Object.assign({ type }, ...fields));

  provider.on('authorization.success', (ctx) => {
    const user = findUser(store, ctx);
    const type = isSilent(ctx) ? 'ssa' : 's';
    const details = { session_id: ctx.oidc.session?.uid, ...statsOf(user) };
    const connection = isSignIn(ctx) ? describeConnection(store, user) : NO_CONNECTION;
    append(type, connection, describeRequest(store, ctx), { details }, describeUser(user));
  });

  provider.on('authorization.error', (ctx, error) => {
    // Where the sign-in itself failed, whoever had a session before was not who signed in.
    const hasFailed = ctx.oidc.result?.error !== undefined;
    const user = hasFailed ? undefined : findUser(store, ctx);
    const failure = describeFailure(ctx, error);
    const { message } = failure;
    const named = findConnection(store, String(ctx.oidc.params?.connection ?? ''));
    const connection =
      user === undefined
        ? { connection: named?.name, connection_id: named?.id ?? '' }
        : isSignIn(ctx)
          ? describeConnection(store, user)
          : NO_CONNECTION;
    const query = originalQuery(ctx.oidc.params ?? {});
    append(
      isSilent(ctx) ? 'fsa' : 'f',
      { description: message },
      connection,
      describeRequest(store, ctx),
      {
        details: {
          body: {},
          qs: query,
          ...(connection.connection === undefined ? {} : { connection: connection.connection }),
          error: failure,
          session_id: ctx.oidc.session?.uid,
          ...statsOf(user),
        },
      },
      user === undefined ? {} : describeUser(user),
      { audience: describeAudience(ctx), scope: (query.scope ?? '').split(' ').filter(Boolean) },
    );
  });

  provider.on('grant.success', (ctx) => {
    const [type, description] = EXCHANGES[readGrantType(ctx)]?.success ?? [];
    if (type === undefined) return;
    append(type, { description }, ...describeExchange(store, ctx, findUser(store, ctx)));
  });

  provider.on('grant.error', (ctx, error) => {
    const { failure: type, invalid } = EXCHANGES[readGrantType(ctx)] ?? {};
    if (type === undefined) return;
    const isInvalid = error.error === 'invalid_grant';
    const { RefreshToken: token } = ctx.oidc.entities;
    if (isInvalid && token?.consumed) {
      append(
        'ferrt',
        { description: REUSED },
        ...describeExchange(store, ctx, findUser(store, ctx)),
      );
      return;
    }
    const description = isInvalid ? invalid : (error.error_description ?? error.message);
    const user = isInvalid ? undefined : findUser(store, ctx);
    append(type, { description }, ...describeExchange(store, ctx, user));
  });

  return ({ id, userId, clientId, returnTo, ip, hostname, userAgent }) => {
    const user = store.users.get(userId);
    const details = {
      ...(returnTo === undefined ? {} : { return_to: returnTo }),
      session_id: id,
    };
    append(
      'slo',
      describeConnection(store, user),
      describeClient(store, clientId),
      { ip: plainIp(ip), user_agent: userAgent, hostname, details },
      describeUser(user),
    );
  };
}

interface Exchange {
  readonly success: readonly [type: string, description: string];
  readonly failure: string;
  /** What the log says of a code or token that is not, or no longer, good. */
  readonly invalid: string;
}

/** UNVERIFIED: how the exchanges of a refresh token and of a machine's credentials are described. */
const EXCHANGES: Readonly<Record<string, Exchange>> = {
  authorization_code: {
    success: ['seacft', 'Authorization Code for Access Token'],
    failure: 'feacft',
    invalid: 'Invalid authorization code',
  },
  refresh_token: {
    success: ['sertft', 'Refresh Token for Access Token'],
    failure: 'fertft',
    invalid: 'Token could not be decoded or is missing in DB',
  },
  client_credentials: {
    success: ['seccft', 'Client Credentials for Access Token'],
    failure: 'feccft',
    invalid: 'Unauthorized',
  },
};
const REUSED = 'Reused rotating refresh token detected, revoked the family';

/** As a tenant writes it where nobody was at a connection: single sign-on, an exchange. */
const NO_CONNECTION: { readonly connection?: string; readonly connection_id: string } = {
  connection_id: '',
};

function readGrantType({ oidc }: Context): string {
  return String(oidc.params?.grant_type);
}

function isSilent({ oidc }: Context): boolean {
  return originalQuery(oidc.params ?? {}).prompt === 'none';
}

/** Somebody came back from the connection in this very request. */
function isSignIn({ oidc }: Context): boolean {
  return oidc.result?.login !== undefined;
}

function findUser(store: TenantStore, { oidc }: Context): StoredUser | undefined {
  const { RefreshToken, AuthorizationCode, Account } = oidc.entities;
  const token = RefreshToken ?? AuthorizationCode;
  const id = token?.accountId ?? Account?.accountId ?? oidc.session?.accountId;
  return store.users.get(id ?? '');
}

/** Who asked, for which application, and from where. */
function describeRequest(store: TenantStore, ctx: Context): Fields {
  return {
    ...describeClient(store, ctx.oidc.client?.clientId),
    ip: plainIp(ctx.ip),
    user_agent: ctx.get('user-agent'),
    hostname: ctx.host,
  };
}

function describeClient(store: TenantStore, clientId: string | undefined): Fields {
  const client = store.clients.get(clientId ?? '');
  return client === undefined ? {} : { client_id: client.client_id, client_name: client.name };
}

/** An IPv4 address that came over an IPv6 socket, as such. */
export function plainIp(ip: string): string {
  return ip.replace(/^::ffff:/, '');
}

/** What the failure is of, is told by `type` alone; UNVERIFIED for what an Action denies. */
function describeFailure(ctx: Context, { error, error_description = '' }: OAuthError) {
  const { client_id: clientId, redirect_uri: callback } = ctx.oidc.params ?? {};
  if (error === 'invalid_redirect_uri') {
    const message = `Callback URL mismatch. ${callback} is not in the list of allowed callback URLs`;
    return { message, oauthError: message, type: 'callback-url-mismatch' };
  }
  if (error === 'invalid_client') {
    return { message: `Unknown client: ${clientId}`, oauthError: 'invalid_request' };
  }
  const message = error === 'login_required' ? 'Login required' : error_description;
  const type = error === 'access_denied' ? 'oauth-authorization' : 'request-error';
  return { message, oauthError: error, type };
}

function describeConnection(store: TenantStore, user: StoredUser | undefined) {
  const connection = findConnection(store, user?.identities[0]?.connection ?? '');
  if (connection === undefined) return NO_CONNECTION;
  const { name, id, strategy } = connection;
  return { connection: name, connection_id: id, strategy, strategy_type: 'social' };
}

/** Nobody has an empty id, as in the log of an exchange whose code said nothing. */
function describeUser(user: StoredUser | undefined): Fields {
  return { user_id: user?.user_id ?? '', user_name: user?.email ?? user?.name ?? '' };
}

function statsOf(user: StoredUser | undefined): Fields {
  return user === undefined ? {} : { stats: { loginsCount: user.logins_count } };
}

function describeExchange(
  store: TenantStore,
  ctx: Context,
  user: StoredUser | undefined,
): readonly Fields[] {
  const { code } = ctx.oidc.params ?? {};
  const details = typeof code === 'string' ? { code: maskCode(code) } : {};
  return [
    NO_CONNECTION,
    describeRequest(store, ctx),
    { details, audience: describeAudience(ctx) },
    describeUser(user),
  ];
}

/** All but its last three characters. */
function maskCode(code: string): string {
  return code.slice(-3).padStart(code.length, '*');
}

function describeAudience({ oidc }: Context): string {
  const { RefreshToken, AuthorizationCode } = oidc.entities;
  const resource: unknown =
    oidc.params?.resource ?? RefreshToken?.resource ?? AuthorizationCode?.resource;
  const first: unknown = Array.isArray(resource) ? resource[0] : resource;
  return typeof first === 'string' ? first : `${oidc.provider.issuer}userinfo`;
}
