/**
 * The custom claims of each authorization, between the flow that sets them and the tokens that
 * carry them. Each authorization has a grant of its own, so its id is the key.
 */
import type Provider from 'oidc-provider';
import type { FlowResult } from '../action-runtime/flow-types.ts';

export interface IssuedClaims {
  remember(grantId: string, result: FlowResult, wantsRefreshToken: boolean): void;
  /** After a refresh token exchange: the tokens carry what the newest run set. */
  update(grantId: string, result: FlowResult): void;
  wantsRefreshToken(grantId: string | undefined): boolean;
  ofAccessToken(grantId: string | undefined): Record<string, unknown> | undefined;
  ofIdToken(grantId: string | undefined): Record<string, unknown> | undefined;
}

/** Of one authorization. Plain data. */
export interface IssuedEntry {
  readonly result: Pick<FlowResult, 'idTokenClaims' | 'accessTokenClaims'>;
  readonly wantsRefreshToken: boolean;
}

/** @param entries by the id of the grant; may come from an earlier process. */
export function createIssuedClaims(entries: Map<string, IssuedEntry>): IssuedClaims {
  const find = (grantId: string | undefined) => entries.get(grantId ?? '');
  return {
    remember: (grantId, result, wantsRefreshToken) => {
      entries.set(grantId, { result: claimsOf(result), wantsRefreshToken });
    },
    update: (grantId, result) => {
      entries.set(grantId, { result: claimsOf(result), wantsRefreshToken: true });
    },
    wantsRefreshToken: (grantId) => find(grantId)?.wantsRefreshToken ?? false,
    ofAccessToken: (grantId) => find(grantId)?.result.accessTokenClaims,
    ofIdToken: (grantId) => find(grantId)?.result.idTokenClaims,
  };
}

function claimsOf({ idTokenClaims, accessTokenClaims }: FlowResult): IssuedEntry['result'] {
  return { idTokenClaims, accessTokenClaims };
}

/**
 * oidc-provider puts into an ID token only claims that it was configured to know, by scope, and
 * the names of custom claims are not known before an Action sets them. So they are added to the
 * payload, which is then signed as any other.
 */
export function addCustomClaims(provider: Provider, claims: IssuedClaims): void {
  const prototype = provider.IdToken.prototype as unknown as {
    payload: () => Promise<Record<string, unknown>>;
    ctx?: { oidc: { entities: { Grant?: { jti: string } } } };
  };
  const { payload } = prototype;
  prototype.payload = async function (this: typeof prototype) {
    const standard = await payload.call(this);
    return { ...claims.ofIdToken(this.ctx?.oidc.entities.Grant?.jti), ...standard };
  };
}
