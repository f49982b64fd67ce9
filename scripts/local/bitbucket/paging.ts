/** Bitbucket's pages: `pagelen` and `page` in, `values` and perhaps `next` out, which keeps `q`. */
import { json, type LocalReply } from '../net/reply.ts';
import { apiError } from './errors.ts';

const MAX_PAGE_LENGTH = 100;
/** What the real one writes into `next`, wherever it is reached. */
const API_ORIGIN = 'https://api.bitbucket.org';

/** The last page has no `next`. Numbers out of range are refused. */
export function paginate(url: URL, entries: readonly unknown[], defaultLength: number): LocalReply {
  const pagelen = Number(url.searchParams.get('pagelen') ?? defaultLength);
  const page = Number(url.searchParams.get('page') ?? 1);
  if (!Number.isInteger(pagelen) || pagelen < 1 || pagelen > MAX_PAGE_LENGTH) {
    return apiError(400, 'Invalid pagelen');
  }
  if (!Number.isInteger(page) || page < 1) return apiError(400, 'Invalid page');
  const end = page * pagelen;
  const body = { pagelen, page, size: entries.length, values: entries.slice(end - pagelen, end) };
  if (end >= entries.length) return json(200, body);
  const next = new URL(url.pathname, API_ORIGIN);
  next.searchParams.set('pagelen', String(pagelen));
  next.searchParams.set('page', String(page + 1));
  // UNVERIFIED: in which form; it is to be followed as it is.
  const query = url.searchParams.get('q');
  if (query !== null) next.searchParams.set('q', query);
  return json(200, { ...body, next: next.href });
}
