/** What the page remembers of a browser: the login that is under way, the tokens of the last one. */
import { randomBytes } from 'node:crypto';

export interface PendingLogin {
  readonly clientId: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignedIn {
  readonly clientId: string;
  readonly name: string;
  /** Of the tenant. */
  readonly userId: string | undefined;
  refreshToken: string | undefined;
}

export interface PageSession {
  readonly id: string;
  pending?: PendingLogin | undefined;
  signedIn?: SignedIn | undefined;
  /** The record of its last login. */
  lastId?: number | undefined;
  /** Said once, on the next page. */
  notice?: string | undefined;
}

const COOKIE = '__Host-dev-page';
const MOST = 100;

export interface PageSessions {
  /** That of this browser, or an empty one. */
  open(cookieHeader: string | undefined): PageSession;
  /**
   * Of a program, which keeps no cookie and needs none, nothing is kept.
   * @returns the cookie to set, where it is kept from now on.
   */
  keep(session: PageSession): string | undefined;
  clear(): void;
}

export function createSessions(): PageSessions {
  const sessions = new Map<string, PageSession>();
  const readCookie = (header: string) =>
    new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(header)?.[1] ?? '';
  return {
    open: (header = '') =>
      sessions.get(readCookie(header)) ?? { id: randomBytes(24).toString('base64url') },
    keep: (session) => {
      const { id, ...rest } = session;
      if (sessions.has(id) || Object.values(rest).every((value) => value === undefined)) {
        return undefined;
      }
      sessions.set(id, session);
      const [oldest] = sessions.keys();
      if (sessions.size > MOST && oldest !== undefined) sessions.delete(oldest);
      return `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`;
    },
    clear: () => sessions.clear(),
  };
}
