/**
 * Authorization codes, access tokens and refresh tokens of the local Bitbucket. A code is good
 * once; a refresh token too: each use gives a new one and spends the old.
 */
import { randomBytes } from 'node:crypto';

/** On whose behalf a token acts. */
export type TokenOwner =
  | { readonly kind: 'user'; readonly userUuid: string }
  | { readonly kind: 'app_user'; readonly workspaceUuid: string };

export interface AccessToken {
  readonly owner: TokenOwner;
  readonly consumerKey: string;
  readonly scopes: readonly string[];
  expiresAt: number;
}

export interface AuthorizationCode {
  readonly userUuid: string;
  readonly consumerKey: string;
  readonly redirectUri: string | undefined;
  readonly expiresAt: number;
}

export interface RefreshToken {
  readonly userUuid: string;
  readonly consumerKey: string;
  readonly expiresAt: number;
}

/** By their values. A code is not among them: nobody restarts within its minute. */
export interface TokenMemory {
  readonly accessTokens: Map<string, AccessToken>;
  readonly refreshTokens: Map<string, RefreshToken>;
}

export const ACCESS_TOKEN_SECONDS = 7_200;
const CODE_MS = 60_000;
/** A refresh token that is not used ends after three months. */
const REFRESH_TOKEN_MS = 90 * 24 * 60 * 60 * 1_000;

export class TokenStore {
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #accessTokens: Map<string, AccessToken>;
  readonly #refreshTokens: Map<string, RefreshToken>;
  readonly #now: () => number;

  /** @param memory of an earlier process, where there was one. */
  constructor(
    now: () => number,
    memory: TokenMemory = { accessTokens: new Map(), refreshTokens: new Map() },
  ) {
    this.#now = now;
    this.#accessTokens = memory.accessTokens;
    this.#refreshTokens = memory.refreshTokens;
  }

  createCode(code: Omit<AuthorizationCode, 'expiresAt'>): string {
    const value = randomBytes(24).toString('base64url');
    this.#codes.set(value, { ...code, expiresAt: this.#now() + CODE_MS });
    return value;
  }

  /** `undefined` when it is unknown, used, too old, or another consumer's. */
  takeCode(value: string, consumerKey: string): AuthorizationCode | undefined {
    const code = this.#codes.get(value);
    this.#codes.delete(value);
    if (code === undefined || code.consumerKey !== consumerKey) return undefined;
    return code.expiresAt > this.#now() ? code : undefined;
  }

  createAccessToken(token: Omit<AccessToken, 'expiresAt'>): string {
    const value = randomBytes(48).toString('base64url');
    const expiresAt = this.#now() + ACCESS_TOKEN_SECONDS * 1_000;
    this.#accessTokens.set(value, { ...token, expiresAt });
    return value;
  }

  findAccessToken(value: string): AccessToken | undefined {
    const token = this.#accessTokens.get(value);
    return token !== undefined && token.expiresAt > this.#now() ? token : undefined;
  }

  createRefreshToken(userUuid: string, consumerKey: string): string {
    const value = randomBytes(24).toString('base64url');
    const expiresAt = this.#now() + REFRESH_TOKEN_MS;
    this.#refreshTokens.set(value, { userUuid, consumerKey, expiresAt });
    return value;
  }

  /** The user whose token this was; it is spent now. */
  takeRefreshToken(value: string, consumerKey: string): string | undefined {
    const token = this.#refreshTokens.get(value);
    if (token === undefined || token.consumerKey !== consumerKey) return undefined;
    this.#refreshTokens.delete(value);
    return token.expiresAt > this.#now() ? token.userUuid : undefined;
  }

  /** As if two hours had passed, for this user alone. */
  expireAccessTokens(userUuid: string): void {
    for (const token of this.#accessTokens.values()) {
      if (token.owner.kind === 'user' && token.owner.userUuid === userUuid) token.expiresAt = 0;
    }
  }

  /** As if this user had taken the consumer's access away: refresh tokens end too. */
  revokeTokens(userUuid: string): void {
    this.expireAccessTokens(userUuid);
    for (const [value, token] of this.#refreshTokens) {
      if (token.userUuid === userUuid) this.#refreshTokens.delete(value);
    }
  }
}
