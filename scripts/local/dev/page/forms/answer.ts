/** What a form is answered. */
import { type PageReply, seeOther } from '../reply.ts';
import type { Visit } from '../state.ts';

export type FormHandler = (visit: Visit) => PageReply | Promise<PageReply>;

/** Back to where the form was, with a sentence that is said once. */
export function done({ session, form }: Visit, notice: string, location = '/'): PageReply {
  session.notice = notice === '' ? undefined : notice;
  const back = form.get('back') ?? location;
  // Of this site: what begins with two slashes would be another's.
  return seeOther(/^\/(?![/\\])/.test(back) ? back : location);
}
