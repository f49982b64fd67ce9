/** Logging in, refreshing, and signing out, as an application does. */

import type { Exchange } from '../client.ts';
import type { Login } from '../logins.ts';
import { listUsable, OWN_CLIENT_ID } from '../own-application.ts';
import { type PageReply, seeOther } from '../reply.ts';
import type { Visit } from '../state.ts';
import { done, type FormHandler } from './answer.ts';

export const beginLogin: FormHandler = async ({ state, session, form }) => {
  const { store } = state.ports.sandbox.tenant;
  const wanted = form.get('application') ?? OWN_CLIENT_ID;
  const isUsable = listUsable(store, state.origin).some(({ client_id }) => client_id === wanted);
  const isAnother = form.get('prompt') === 'login';
  if (isAnother) session.signedIn = undefined;
  const prompt = isAnother ? { prompt: 'login' } : {};
  const { url, pending } = await state.client.begin(isUsable ? wanted : OWN_CLIENT_ID, prompt);
  session.pending = pending;
  return seeOther(url.href);
};

/** A GET: the browser comes back from the tenant. */
export const finishLogin: FormHandler = async (visit) => {
  const { state, session, url } = visit;
  const { pending } = session;
  if (pending === undefined || url.searchParams.get('state') !== pending.state) {
    return done(visit, 'That login was not begun here, or is over.');
  }
  session.pending = undefined;
  const answer = new URL(url.pathname + url.search, state.origin);
  const exchange = await state.client.finish(pending, answer);
  return conclude(visit, pending.clientId, exchange, (login) => login.state === pending.state);
};

export const refresh: FormHandler = async (visit) => {
  const { state, session } = visit;
  const { signedIn } = session;
  if (signedIn?.refreshToken === undefined) return done(visit, 'There is no refresh token.');
  const { clientId, refreshToken, userId } = signedIn;
  const afterId = state.logins.newestId();
  const exchange = await state.client.refresh(clientId, refreshToken);
  return conclude(
    visit,
    clientId,
    exchange,
    ({ id, isRefresh, person }) => isRefresh && id > afterId && person?.userId === userId,
  );
};

/** What came of it is its record: others sign in meanwhile, here and at other applications. */
function conclude(
  visit: Visit,
  clientId: string,
  exchange: Exchange,
  isOfIt: (login: Login) => boolean,
): PageReply {
  const { state, session } = visit;
  const login = state.logins
    .list()
    .find((one) => one.application.clientId === clientId && isOfIt(one));
  if (login !== undefined) session.lastId = login.id;
  if (!exchange.ok) {
    // A refusal that has a record is shown there.
    const isShown = login !== undefined && login.outcome !== 'in';
    return done(visit, isShown ? '' : `${exchange.error}: ${exchange.description}`);
  }
  const { tokens } = exchange;
  if (login !== undefined) state.tokens.set(login.id, tokens);
  const name = login?.person?.name ?? session.signedIn?.name ?? 'somebody';
  const userId = login?.person?.userId ?? session.signedIn?.userId;
  session.signedIn = { clientId, name, userId, refreshToken: tokens.refreshToken };
  return done(visit, '');
}

/** The tenant ends its session, and sends the browser back. */
export const signOut: FormHandler = ({ state, session }) => {
  session.signedIn = undefined;
  session.notice = 'Signed out.';
  const url = new URL('/v2/logout', state.origin);
  url.searchParams.set('client_id', OWN_CLIENT_ID);
  url.searchParams.set('returnTo', `${state.origin}/`);
  return seeOther(url.href);
};
