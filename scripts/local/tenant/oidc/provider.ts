/**
 * The OpenID Connect side of the tenant: oidc-provider, configured to look like Auth0. OAuth is its
 * work; what is here says who the user is, what the Actions decide, and what the tokens carry.
 */
import type { JWK } from 'jose';
import Provider, { type Configuration, errors } from 'oidc-provider';
import { html } from '#scripts/local/net/reply.ts';
import { publicPartOf, type TenantMemory } from '../memory.ts';
import { renderPage } from '../pages.ts';
import type { PostLogin } from '../post-login.ts';
import type { TenantStore } from '../store.ts';
import { createAdapter } from './adapter.ts';
import { EXTRA_PARAMS, wantsRefreshToken } from './auth0-dialect.ts';
import { createCors } from './cors.ts';
import { createDiscovery } from './discovery.ts';
import { addCustomClaims, createIssuedClaims } from './issued-claims.ts';
import { createLoginFlow } from './login-flow.ts';
import { createPolicy } from './policy.ts';
import { translateRefusals } from './refusals.ts';
import { assertApiIsNamed, describeApi } from './resource-servers.ts';
import { OIDC_SCOPES } from './scopes.ts';
import { createTokenShaper, tellGrantedScope } from './token-shape.ts';
import { CLAIMS_BY_SCOPE, describeUser } from './user-claims.ts';
import { createUserInfo } from './userinfo.ts';
import { createWebMessage } from './web-message.ts';

export interface OidcOptions {
  /** `https://<domain>/` */
  readonly issuer: string;
  readonly store: TenantStore;
  readonly postLogin: PostLogin;
  readonly memory: TenantMemory;
}

export interface Oidc {
  readonly provider: Provider;
  /** The key that tokens are signed with, as JWKS shows it. */
  readonly publicKey: JWK;
}

/** Below it, the pages and steps of a sign-in that is under way. */
export const LOGIN_PATH = '/u/login';

export function createOidc({ issuer, store, postLogin, memory }: OidcOptions): Oidc {
  const claims = createIssuedClaims(memory.claims);

  const flow = createLoginFlow(postLogin);

  const configuration: Configuration = {
    adapter: createAdapter(store, memory),
    jwks: { keys: [memory.signingKey] },
    cookies: { keys: [memory.cookieKey] },
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      revocation: '/oauth/revoke',
    },
    // What is there is what discovery lists: no implicit flow, and nothing that no rule is known of.
    responseTypes: ['code'],
    features: {
      devInteractions: { enabled: false },
      // Auth0's ways out are in sign-in/logout.ts.
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _, oneOf) => {
          assertApiIsNamed(ctx.oidc.params ?? {});
          return oneOf ?? [];
        },
        getResourceServerInfo: (ctx, identifier, client) =>
          describeApi(store, identifier, client, ctx.oidc.params ?? {}),
        useGrantedResource: () => true,
      },
    },
    // cors.ts decides; left to itself oidc-provider prints a notice.
    clientBasedCORS: () => true,
    formats: { customizers: { jwt: createTokenShaper(issuer, claims) } },
    scopes: OIDC_SCOPES,
    claims: CLAIMS_BY_SCOPE,
    // As Auth0 does: the profile is in the ID token, not only at /userinfo.
    conformIdTokenClaims: false,
    extraParams: EXTRA_PARAMS,
    pkce: { required: (_, client) => client.clientAuthMethod === 'none' },
    // What Auth0 takes for private key JWT.
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'RS384', 'PS256'] },
    rotateRefreshToken: true,
    // As at Auth0, a refresh token outlives the session that it was issued in.
    expiresWithSession: () => false,
    issueRefreshToken: async (_ctx, _client, code) => claims.hasRefreshToken(code.grantId),
    ttl: {
      AccessToken: 24 * 60 * 60,
      AuthorizationCode: 60,
      ClientCredentials: 24 * 60 * 60,
      Grant: 14 * 24 * 60 * 60,
      IdToken: 10 * 60 * 60,
      Interaction: 60 * 60,
      RefreshToken: 14 * 24 * 60 * 60,
      Session: 3 * 24 * 60 * 60,
    },
    interactions: {
      url: (_, interaction) => `${LOGIN_PATH}/${interaction.uid}`,
      policy: createPolicy(store, async (ctx) => {
        const user = store.users.get(ctx.oidc.session?.accountId ?? '');
        const grantId = ctx.oidc.entities.Grant?.jti;
        // Nobody goes on without the flow.
        if (user === undefined || grantId === undefined) throw new errors.AccessDenied();
        const result = await flow.runForLogin(ctx, user);
        claims.remember(grantId, {
          result,
          clientId: ctx.oidc.client?.clientId ?? '',
          userId: user.user_id,
          sessionId: ctx.oidc.session?.uid ?? '',
          hasRefreshToken:
            wantsRefreshToken(ctx.oidc.params ?? {}) &&
            ctx.oidc.client?.grantTypeAllowed('refresh_token') === true,
        });
      }),
    },
    // A grant for each authorization keeps the claims of one from another.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session?.accountId ?? '',
        clientId: ctx.oidc.client?.clientId ?? '',
      });
      grant.addOIDCScope(OIDC_SCOPES.join(' '));
      for (const [identifier, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
        grant.addResourceScope(identifier, server.scope);
      }
      await grant.save();
      return grant;
    },
    findAccount: async (ctx, sub, token) => {
      const user = store.users.get(sub);
      if (user === undefined) return undefined;
      const refreshToken = token instanceof ctx.oidc.provider.RefreshToken ? token : undefined;
      const isRefresh = ctx.oidc.params?.grant_type === 'refresh_token';
      // A token that was used already is refused by what comes next; no flow runs for it.
      if (isRefresh && refreshToken !== undefined && !refreshToken.consumed) {
        const result = await flow.runForRefresh(ctx, user, refreshToken);
        claims.update(refreshToken.grantId ?? '', result);
      }
      return { accountId: sub, claims: () => describeUser(user) };
    },
    extraTokenClaims: (_, token) =>
      'grantId' in token ? claims.ofAccessToken(token.grantId) : undefined,
    renderError: (ctx, out) => {
      const lines = [out.error, out.error_description ?? ''];
      const { headers, body } = html(ctx.status, renderPage('Something is wrong', lines));
      ctx.set(headers);
      ctx.body = body;
    },
  };
  const provider = new Provider(issuer, configuration);
  addCustomClaims(provider, claims);
  provider.registerResponseMode('web_message', createWebMessage(store));
  provider.use(createCors(store));
  provider.use(createDiscovery(issuer));
  provider.use(tellGrantedScope);
  provider.use(translateRefusals);
  const publicKey = publicPartOf(memory.signingKey);
  provider.use(createUserInfo(provider, publicKey, store, claims));
  return { provider, publicKey };
}
