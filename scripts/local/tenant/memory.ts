/**
 * What of a tenant can outlive its process: keys, users, and what oidc-provider issued. Given to the
 * next tenant of the same issuer, sessions and refresh tokens go on. What a deploy puts there is
 * not in it.
 */
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { AdapterPayload } from 'oidc-provider';
import type { IssuedEntry } from './oidc/issued-claims.ts';
import type { StoredUser } from './store.ts';

export interface TenantMemory {
  /** Private; tokens are signed with it. */
  readonly signingKey: JWK;
  /** Cookies are signed with it. */
  readonly cookieKey: string;
  readonly users: Map<string, StoredUser>;
  /** By model and id. */
  readonly payloads: Map<string, AdapterPayload>;
  /** By the id of the grant. */
  readonly claims: Map<string, IssuedEntry>;
  /** Something of it changed: resolves when it is where it should be kept. */
  changed(): Promise<void>;
  /** Something may have changed that nobody was told is kept: it can wait for what comes next. */
  changedSoon(): void;
}

export type TenantKeys = Pick<TenantMemory, 'signingKey' | 'cookieKey'>;

export async function createKeys(): Promise<TenantKeys> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    signingKey: { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'local' },
    cookieKey: randomBytes(32).toString('base64url'),
  };
}

/** Of a tenant that ends with its process. */
export async function createMemory(): Promise<TenantMemory> {
  return {
    ...(await createKeys()),
    users: new Map(),
    payloads: new Map(),
    claims: new Map(),
    changed: async () => {},
    changedSoon: () => {},
  };
}

/** The public part of an RSA key, as JWKS shows it. */
export function publicPartOf({ kty, n, e, use, alg, kid }: JWK): JWK {
  return Object.fromEntries(
    Object.entries({ kty, n, e, use, alg, kid }).filter(([, value]) => value !== undefined),
  );
}
