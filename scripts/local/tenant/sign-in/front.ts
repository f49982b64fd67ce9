/** What browsers open at the tenant beside oidc-provider's own routes: ways in, ways out, and files. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalReply } from '#scripts/local/net/reply.ts';
import { LOGIN_PATH } from '../oidc/provider.ts';
import { isAvatarPath, renderAvatar } from './avatar.ts';
import { isClientScriptPath, renderClientScript } from './client-script.ts';
import {
  createLogout,
  createOidcLogout,
  LOGOUT_PATH,
  type LogoutOptions,
  OIDC_LOGOUT_PATH,
} from './logout.ts';
import { CALLBACK_PATH, createSignIn, type SignInOptions } from './routes.ts';

/** `undefined` where the path is none of these; `answered` where the reply was written already. */
export type FrontHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<LocalReply | 'answered' | undefined>;

export function createFront(options: SignInOptions & LogoutOptions): FrontHandler {
  const signIn = createSignIn(options);
  const logout = createLogout(options);
  const oidcLogout = createOidcLogout(options);
  return async (request, response, url) => {
    const { pathname } = url;
    if (pathname === CALLBACK_PATH || pathname.startsWith(`${LOGIN_PATH}/`)) {
      return signIn(request, response, url);
    }
    if (pathname === LOGOUT_PATH) return logout(request, response, url);
    if (pathname === OIDC_LOGOUT_PATH) return oidcLogout(request, response, url);
    if (isClientScriptPath(pathname)) return renderClientScript(options.store, pathname);
    if (isAvatarPath(pathname)) return renderAvatar(pathname);
    return undefined;
  };
}
