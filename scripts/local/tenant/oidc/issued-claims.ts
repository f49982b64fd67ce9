/**
 * What each authorization has come to, between the flow that decides and the tokens that carry it:
 * custom claims, the session, whether there is a refresh token. Each authorization has a grant of
 * its own, so its id is the key.
 */
import type Provider from 'oidc-provider';
import type { FlowResult } from '../action-runtime/flow-types.ts';

/** Plain data. */
export interface IssuedEntry {
  readonly result: Pick<FlowResult, 'idTokenClaims' | 'accessTokenClaims'>;
  readonly clientId: string;
  readonly userId: string;
  /** Of the browser, as an ID token names it. */
  readonly sessionId: string;
  readonly hasRefreshToken: boolean;
}

export interface IssuedClaims {
  remember(grantId: string, entry: IssuedEntry): void;
  /** After a refresh token exchange: the tokens carry what the newest run set. */
  update(grantId: string, result: FlowResult): void;
  hasRefreshToken(grantId: string | undefined): boolean;
  ofAccessToken(grantId: string | undefined): Record<string, unknown> | undefined;
  ofIdToken(grantId: string | undefined): Record<string, unknown> | undefined;
  /** Of the newest ID token that this application has for this user. */
  newestOfIdToken(clientId: string, userId: string): Record<string, unknown> | undefined;
  sessionId(grantId: string | undefined): string | undefined;
}

/** @param entries in the order of their newest runs; may come from an earlier process. */
export function createIssuedClaims(entries: Map<string, IssuedEntry>): IssuedClaims {
  const find = (grantId: string | undefined) => entries.get(grantId ?? '');
  const put = (grantId: string, entry: IssuedEntry) => {
    entries.delete(grantId);
    entries.set(grantId, { ...entry, result: claimsOf(entry.result) });
  };
  return {
    remember: put,
    update: (grantId, result) => {
      const entry = find(grantId);
      if (entry !== undefined) put(grantId, { ...entry, result });
    },
    hasRefreshToken: (grantId) => find(grantId)?.hasRefreshToken ?? false,
    ofAccessToken: (grantId) => find(grantId)?.result.accessTokenClaims,
    ofIdToken: (grantId) => find(grantId)?.result.idTokenClaims,
    newestOfIdToken: (clientId, userId) =>
      [...entries.values()].findLast(
        (entry) => entry.clientId === clientId && entry.userId === userId,
      )?.result.idTokenClaims,
    sessionId: (grantId) => find(grantId)?.sessionId,
  };
}

function claimsOf({
  idTokenClaims,
  accessTokenClaims,
}: IssuedEntry['result']): IssuedEntry['result'] {
  return { idTokenClaims, accessTokenClaims };
}

/**
 * oidc-provider puts into an ID token only claims that it was configured to know, by scope, and
 * the names of custom claims are not known before an Action sets them. So they are added to the
 * payload, which is then signed as any other. `sid` is there for every application, as at Auth0.
 */
export function addCustomClaims(provider: Provider, claims: IssuedClaims): void {
  const prototype = provider.IdToken.prototype as unknown as {
    payload: () => Promise<Record<string, unknown>>;
    ctx?: { oidc: { entities: { Grant?: { jti: string } } } };
  };
  const { payload } = prototype;
  prototype.payload = async function (this: typeof prototype) {
    const standard = await payload.call(this);
    const grantId = this.ctx?.oidc.entities.Grant?.jti;
    return { ...claims.ofIdToken(grantId), ...standard, sid: claims.sessionId(grantId) };
  };
}
