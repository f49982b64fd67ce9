/** The file in which a tenant's state is kept: its shape, and the schema that it is checked by. */
import type { JWK } from 'jose';
import type { AdapterPayload } from 'oidc-provider';
import type { AccessToken, RefreshToken } from '#scripts/local/bitbucket/tokens.ts';
import type { IssuedEntry } from '#scripts/local/tenant/oidc/issued-claims.ts';
import type { StoredUser } from '#scripts/local/tenant/store.ts';

/** Counts up when the shape changes; an older file is then put aside. */
export const VERSION = 1;

/** The entries of maps, by the names of `TenantMemory` and `TokenMemory`. */
export interface StoredState {
  readonly version: typeof VERSION;
  readonly secret: string;
  readonly clockAheadMs: number;
  readonly signingKey: JWK;
  readonly cookieKey: string;
  readonly users: readonly (readonly [string, StoredUser])[];
  readonly payloads: readonly (readonly [string, AdapterPayload])[];
  readonly claims: readonly (readonly [string, IssuedEntry])[];
  readonly accessTokens: readonly (readonly [string, AccessToken])[];
  readonly refreshTokens: readonly (readonly [string, RefreshToken])[];
}

const text = { type: 'string', minLength: 1 } as const;
const mapping = { type: 'object' } as const;

function withFields(fields: Readonly<Record<string, object>>): object {
  return { type: 'object', required: Object.keys(fields), properties: fields };
}

function entriesOf(value: object): object {
  return {
    type: 'array',
    items: { type: 'array', minItems: 2, maxItems: 2, items: [text, value] },
  };
}

const USER = withFields({
  user_id: text,
  identities: { type: 'array', items: withFields({ connection: text, user_id: text }) },
  app_metadata: mapping,
  user_metadata: mapping,
  logins_count: { type: 'number' },
});
const CLAIMS = withFields({
  result: withFields({ idTokenClaims: mapping, accessTokenClaims: mapping }),
  clientId: text,
  userId: text,
  sessionId: { type: 'string' },
  hasRefreshToken: { type: 'boolean' },
});
const EXPIRING = { consumerKey: text, expiresAt: { type: 'number' } };

export const STATE_SCHEMA = withFields({
  version: { const: VERSION },
  secret: text,
  clockAheadMs: { type: 'number' },
  signingKey: withFields({ kty: { const: 'RSA' }, n: text, e: text, d: text }),
  cookieKey: text,
  users: entriesOf(USER),
  payloads: entriesOf(mapping),
  claims: entriesOf(CLAIMS),
  accessTokens: entriesOf(withFields({ owner: mapping, ...EXPIRING })),
  refreshTokens: entriesOf(withFields({ userUuid: text, ...EXPIRING })),
});
