/** The session of a browser, outside of oidc-provider's own routes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';

type Session = Awaited<ReturnType<Provider['Session']['get']>>;

/** A new one, with nobody in it, where the browser has none. */
export function findSession(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Session> {
  return provider.Session.get(provider.createContext(request, response));
}

/**
 * Nobody is signed in from now on, and the browser forgets its cookie with this answer.
 * @returns what the session was.
 */
export async function destroySession(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Session> {
  const context = provider.createContext(request, response);
  const session = await provider.Session.get(context);
  await session.destroy();
  context.cookies.set(provider.cookieName('session'), null, { httpOnly: true, sameSite: 'lax' });
  return session;
}
