/**
 * Auth0's log of one person, or of everybody's last logins. It is kept from a day (Free plan) to 30
 * (Enterprise). https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
 */
import type { RefusalCode } from '#actions/lib/policy/refusal.ts';
import { readField, readString } from '#actions/lib/read.ts';
import type { Answer, Call, ManagementApi } from '../tenant/management-api.ts';
import { shorten, TenantError } from '../tenant/tenant-error.ts';
import { quote } from './read-users.ts';
import { readTime } from './times.ts';

export interface LogEntry {
  readonly logId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What was tried; `undefined` for what is no login. */
  readonly kind: 'login' | 'refresh' | undefined;
  readonly isRefused: boolean;
  /** Of a refusal by one of our Actions. */
  readonly code: RefusalCode | undefined;
  /** As Auth0 says it: of a refusal, what the Action said. */
  readonly description: string;
  readonly userId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientName: string | undefined;
}

/** Successes and failures of what ends in the login flow; `fertft` is a refresh token exchange. */
const TYPES: Readonly<Record<string, Pick<LogEntry, 'kind' | 'isRefused'>>> = {
  s: { kind: 'login', isRefused: false },
  ssa: { kind: 'login', isRefused: false },
  f: { kind: 'login', isRefused: true },
  fsa: { kind: 'login', isRefused: true },
  sertft: { kind: 'refresh', isRefused: false },
  fertft: { kind: 'refresh', isRefused: true },
  ferrt: { kind: 'refresh', isRefused: true },
};

/** Single sign-on and exchanges: nobody was at a connection, and Auth0 need not name one. */
const WITHOUT_CONNECTION = ['f', 'ssa', 'fsa', 'sertft', 'fertft', 'ferrt'];

export const REFUSAL_CODES = Object.keys({
  bitbucket_email_unverified: true,
  bitbucket_workspace_required: true,
  bitbucket_login_required: true,
  bitbucket_unavailable: true,
  bitbucket_misconfigured: true,
} satisfies Record<RefusalCode, true>) as readonly RefusalCode[];

/** As many as are told. */
export const MOST_REFUSALS = 5;
const PER_PAGE = 100;
/** No search gives more, however it is paged. */
const MOST_SEARCHED = 1_000;

/**
 * Of a user, the newest first: as far back as it takes to find `MOST_REFUSALS`, or as Auth0 lets one
 * page. @throws {TenantError}
 */
export async function readLogsOf(api: ManagementApi, userId: string): Promise<readonly LogEntry[]> {
  const what = 'GET /api/v2/users/{id}/logs';
  const isEnough = (entries: readonly LogEntry[]) =>
    entries.filter(({ isRefused }) => isRefused).length >= MOST_REFUSALS;
  return readPages(
    (query) =>
      askForLogs(api, what, async (sdk, options) =>
        listOf(await sdk.users.logs.list(userId, query, options)),
      ),
    isEnough,
  );
}

/**
 * Of everybody: as many sign-ins at these connections as one search gives, and as many of what need
 * not name a connection, since nobody was at one; whoever that is of. @throws {TenantError}
 */
export async function readLastLogins(
  api: ManagementApi,
  connections: readonly { readonly name: string }[],
): Promise<readonly LogEntry[]> {
  const of = connections.map(({ name }) => `connection:${quote(name)}`).join(' OR ');
  const signIns = await searchLogs(api, `(${of}) AND (${anyOf(Object.keys(TYPES))})`);
  const others = await searchLogs(api, anyOf(WITHOUT_CONNECTION));
  return [...new Map([...signIns, ...others].map((entry) => [entry.logId, entry])).values()];
}

function anyOf(types: readonly string[]): string {
  return types.map((type) => `type:${quote(type)}`).join(' OR ');
}

function searchLogs(api: ManagementApi, q: string): Promise<readonly LogEntry[]> {
  return readPages((query) =>
    askForLogs(api, 'GET /api/v2/logs', async (sdk, options) => {
      // The SDK's type knows no `q`; Auth0's documentation does.
      const withQuery = { ...options, queryParams: { q } };
      return listOf(await sdk.logs.list(query, withQuery));
    }),
  );
}

interface Page {
  readonly page: number;
  readonly per_page: number;
  readonly sort: string;
}

async function readPages(
  ask: (query: Page) => Promise<Read>,
  isEnough: (entries: readonly LogEntry[]) => boolean = () => false,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let page = 0; page * PER_PAGE < MOST_SEARCHED; page += 1) {
    const found = await ask({ page, per_page: PER_PAGE, sort: 'date:-1' });
    entries.push(...found.entries);
    if (found.count < PER_PAGE || isEnough(entries)) break;
  }
  return entries;
}

/** `undefined` where there is no such entry, or no longer. @throws {TenantError} */
export async function readLog(api: ManagementApi, id: string): Promise<LogEntry | undefined> {
  try {
    const answer = await api.ask('GET /api/v2/logs/{id}', (sdk, options) =>
      sdk.logs.get(id, options),
    );
    return parseLog(answer);
  } catch (error) {
    if (error instanceof TenantError && (error.status === 404 || error.status === 400)) {
      return undefined;
    }
    throw error;
  }
}

async function askForLogs(
  api: ManagementApi,
  what: string,
  call: Call<{ readonly logs: unknown }>,
): Promise<Read> {
  const { logs }: Answer = await api.ask(what, call);
  if (!Array.isArray(logs)) {
    throw new TenantError(`${what} on ${api.domain} was answered without a list of logs`);
  }
  const entries = logs.map(parseLog).filter((entry) => entry !== undefined);
  return { entries, count: logs.length };
}

interface Read {
  readonly entries: readonly LogEntry[];
  /** With those that are none: by it a page is known to be the last. */
  readonly count: number;
}

/** `include_totals`, which the SDK sends, is deprecated: without it there is a bare list. */
function listOf({ response }: { readonly response: unknown }): { readonly logs: unknown } {
  return { logs: Array.isArray(response) ? response : readField(response, 'logs') };
}

/** `undefined` for what has no id or no time. */
export function parseLog(value: unknown): LogEntry | undefined {
  const logId = readString(value, 'log_id') ?? readString(value, '_id');
  const at = readTime(readField(value, 'date'));
  if (logId === undefined || at === undefined) return undefined;
  const type = TYPES[readString(value, 'type') ?? ''];
  const details = readField(value, 'details');
  const texts = [
    readString(value, 'description'),
    readString(readField(details, 'error'), 'message'),
    readString(readField(details, 'error'), 'description'),
  ].filter((text) => text !== undefined);
  const code = type?.isRefused === true ? findCode(texts) : undefined;
  // Without a session it fails many times a day, and nobody was refused.
  const isNoLogin = code === undefined && readString(value, 'type') === 'fsa';
  const said = texts.find((text) => code !== undefined && text.includes(code)) ?? texts[0] ?? '';
  return {
    logId,
    at,
    kind: isNoLogin ? undefined : type?.kind,
    isRefused: !isNoLogin && (type?.isRefused ?? false),
    code,
    description: shorten(said),
    userId: readString(value, 'user_id'),
    clientId: readString(value, 'client_id'),
    clientName: readString(value, 'client_name'),
  };
}

/** What an Action denies with begins with its code; Auth0 may say something before it. */
function findCode(texts: readonly string[]): RefusalCode | undefined {
  return REFUSAL_CODES.find((code) =>
    texts.some((text) => new RegExp(`(?:^|[^\\w])${code}: `).test(text)),
  );
}
