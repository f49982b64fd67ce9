/** What a form is answered. */
import { type PageReply, seeOther } from '../reply.ts';
import type { Visit } from '../state.ts';

export type FormHandler = (visit: Visit) => PageReply | Promise<PageReply>;

/** Back to where the form was, with a sentence that is said once. */
export function done({ state, session, form }: Visit, notice: string, location = '/'): PageReply {
  session.notice = notice === '' ? undefined : notice;
  // As a browser reads it: what begins with two slashes would be another site's.
  const back = URL.parse(form.get('back') ?? location, state.origin);
  const isOurs = back?.origin === state.origin && !back.pathname.startsWith('//');
  return seeOther(isOurs ? back.pathname + back.search : location);
}
