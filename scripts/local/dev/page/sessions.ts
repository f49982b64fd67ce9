/** What the page remembers of a browser: the login that is under way, the tokens of the last one. */
import { randomBytes } from 'node:crypto';

export interface PendingLogin {
  readonly clientId: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The newest record when it began. */
  readonly afterId: number;
}

export interface SignedIn {
  readonly clientId: string;
  readonly name: string;
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
  /** That of this browser, or a new one, whose `cookie` has to be set. */
  open(cookieHeader: string | undefined): {
    readonly session: PageSession;
    readonly cookie?: string;
  };
  clear(): void;
}

export function createSessions(): PageSessions {
  const sessions = new Map<string, PageSession>();
  return {
    open: (header = '') => {
      const known = sessions.get(
        new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(header)?.[1] ?? '',
      );
      if (known !== undefined) return { session: known };
      const session = { id: randomBytes(24).toString('base64url') };
      sessions.set(session.id, session);
      const [oldest] = sessions.keys();
      if (sessions.size > MOST && oldest !== undefined) sessions.delete(oldest);
      return {
        session,
        cookie: `${COOKIE}=${session.id}; Path=/; Secure; HttpOnly; SameSite=Lax`,
      };
    },
    clear: () => sessions.clear(),
  };
}
