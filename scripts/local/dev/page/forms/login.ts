/** Logging in, refreshing, and signing out, as an application does. */

import type { Exchange } from '../client.ts';
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
  session.pending = { ...pending, afterId: state.logins.newestId() };
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
  return conclude(
    visit,
    pending.clientId,
    pending.afterId,
    await state.client.finish(pending, answer),
  );
};

export const refresh: FormHandler = async (visit) => {
  const { state, session } = visit;
  const { signedIn } = session;
  if (signedIn?.refreshToken === undefined) return done(visit, 'There is no refresh token.');
  const { clientId, refreshToken } = signedIn;
  const afterId = state.logins.newestId();
  const exchange = await state.client.refresh(clientId, refreshToken);
  return conclude(visit, clientId, afterId, exchange);
};

/** What came of it is the record that was written meanwhile. */
function conclude(visit: Visit, clientId: string, afterId: number, exchange: Exchange): PageReply {
  const { state, session } = visit;
  const login = state.logins
    .list()
    .find(({ id, application }) => id > afterId && application.clientId === clientId);
  if (login !== undefined) session.lastId = login.id;
  if (!exchange.ok) {
    // A refusal that has a record is shown there.
    const isShown = login !== undefined && login.outcome !== 'in';
    return done(visit, isShown ? '' : `${exchange.error}: ${exchange.description}`);
  }
  const { tokens } = exchange;
  if (login !== undefined) state.tokens.set(login.id, tokens);
  const name = login?.person?.name ?? session.signedIn?.name ?? 'somebody';
  session.signedIn = { clientId, name, refreshToken: tokens.refreshToken };
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
