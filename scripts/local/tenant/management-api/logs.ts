/** /logs: what happened at the tenant. By search as far as 1,000 events reach, by checkpoint all. */
import type { LogEvent } from '../log.ts';
import { type ApiContext, type ApiResponse, type Handler, notFound, type Route } from './http.ts';
import {
  bySearchPage,
  FIELDS_QUERY,
  pickFields,
  readNumber,
  sortEntries,
  TOTALS_QUERY,
} from './paging.ts';
import { createSearch, type SearchSpace } from './search.ts';
import { assertQuery } from './validate.ts';

const FIELDS = [
  'client_id',
  'client_name',
  'connection',
  'connection_id',
  'description',
  'date',
  'hostname',
  'ip',
  'log_id',
  'organization_id',
  'user_id',
  'user_name',
  'user_agent',
  'strategy',
  'strategy_type',
  'type',
];

const LOGS: SearchSpace<LogEvent> = {
  describe: (field) => (FIELDS.includes(field) ? { isDate: field === 'date' } : undefined),
  bareFields: ['client_name', 'connection', 'description', 'ip', 'log_id', 'type', 'user_name'],
  read: (event, field) => [event[field]],
};

const list: Handler = ({ query }, context) => {
  if (query.has('from')) return byLogId(query, context);
  assertQuery(query, [...TOTALS_QUERY, ...FIELDS_QUERY, 'sort', 'q', 'take']);
  return search(query, context.log.list().filter(createSearch(query.get('q'), LOGS)));
};

const listOfUser: Handler = ({ params, query }, { log }) => {
  assertQuery(query, [...TOTALS_QUERY, 'sort']);
  return search(
    query,
    log.list().filter((event) => event.user_id === params[0]),
  );
};

/** The newest first, where nothing is said, and of one moment too. */
function search(query: URLSearchParams, events: readonly LogEvent[]): ApiResponse {
  const isAscending = query.get('sort')?.endsWith(':1') === true;
  const inOrder = isAscending ? events : [...events].reverse();
  const sorted = sortEntries(query, inOrder, (field) => FIELDS.includes(field));
  const shown = sorted.map((event) => pickFields(query, event));
  return bySearchPage(query, 'logs', shown, 'page');
}

const DEFAULT_TAKE = 50;
const MAX_TAKE = 100;

/** Those newer than `from`, the oldest of them first; any other parameter than `take` is ignored. */
function byLogId(query: URLSearchParams, { log, origin }: ApiContext): ApiResponse {
  const from = query.get('from') ?? '';
  const take = readNumber(query, 'take', DEFAULT_TAKE, MAX_TAKE);
  const events = log
    .list()
    .filter((event) => event.log_id > from)
    .slice(0, take);
  const next = new URL('/api/v2/logs', origin);
  next.search = new URLSearchParams({
    from: events.at(-1)?.log_id ?? from,
    take: String(take),
  }).toString();
  return { status: 200, body: events, headers: { Link: `<${next.href}>; rel="next"` } };
}

const get: Handler = ({ params, query }, { log }) => {
  assertQuery(query, []);
  const event = log.list().find(({ log_id }) => log_id === params[0]);
  if (event === undefined) throw notFound('log');
  return { status: 200, body: event };
};

const READ = ['read:logs', 'read:logs_users'];
export const LOG_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/logs', scopes: READ, handler: list },
  { method: 'GET', path: '/logs/*', scopes: READ, handler: get },
  { method: 'GET', path: '/users/*/logs', scopes: READ, handler: listOfUser },
];
