/**
 * Everybody who has an account of a Bitbucket connection, linked ones too: by search, as far as
 * Auth0 lets a search go, and else by its export job.
 * https://auth0.com/docs/manage-users/user-search/view-search-results-by-page
 */
import { readField } from '#actions/lib/read.ts';
import type { Step } from '../cli/progress.ts';
import type { Answer, ManagementApi } from '../tenant/management-api.ts';
import { TenantError } from '../tenant/tenant-error.ts';
import { exportUsers } from './export-users.ts';
import { parseUser, type TenantUser, USER_FIELDS } from './tenant-user.ts';

export interface BitbucketConnection {
  readonly id: string;
  readonly name: string;
}

const PER_PAGE = 100;
/** No search gives more, however it is paged. */
const MOST_SEARCHED = 1_000;
const MOST_READINGS = 3;

/** Sorted by their ids. @throws {TenantError} */
export async function readUsers(
  api: ManagementApi,
  connections: readonly BitbucketConnection[],
  step: Pick<Step, 'note'>,
): Promise<readonly TenantUser[]> {
  if (connections.length === 0) return [];
  const query = connections.map(({ name }) => `identities.connection:${quote(name)}`).join(' OR ');
  const isOurs = (user: TenantUser) =>
    user.identities.some(({ connection }) => connections.some(({ name }) => name === connection));
  const search = await searchAll(api, query, step);
  const found = search.users ?? (await exportAll(api, connections, search.total, isOurs, step));
  return found.filter(isOurs).sort((one, other) => (one.userId < other.userId ? -1 : 1));
}

interface Searched {
  /** As far as the search counts. */
  readonly total: number;
  /** Absent where there may be more than a search shows. */
  readonly users: readonly TenantUser[] | undefined;
}

/**
 * A list that changes between two pages shows somebody twice, and somebody else not at all: then it
 * is read again.
 */
async function searchAll(
  api: ManagementApi,
  query: string,
  step: Pick<Step, 'note'>,
): Promise<Searched> {
  const byId = new Map<string, TenantUser>();
  for (let tries = 1; ; tries += 1) {
    const total = await searchOnce(api, query, byId, step);
    // It may be that Auth0 counts no further than it shows.
    if (total >= MOST_SEARCHED) return { total, users: undefined };
    if (byId.size >= total) return { total, users: [...byId.values()] };
    if (tries === MOST_READINGS) {
      throw new TenantError(
        `GET /api/v2/users on ${api.domain} has ${total} people, and showed ${byId.size} of them, read ${tries} times. Try again.`,
      );
    }
  }
}

/** @returns how many there are by the last page. */
async function searchOnce(
  api: ManagementApi,
  query: string,
  found: Map<string, TenantUser>,
  step: Pick<Step, 'note'>,
): Promise<number> {
  let total = 0;
  for (let page = 0; page === 0 || page * PER_PAGE < total; page += 1) {
    if (page > 0) step.note(`${page * PER_PAGE} of ${total}`);
    const { answer, users } = await searchPage(api, query, page);
    total = readTotal(answer);
    if (total >= MOST_SEARCHED) return total;
    for (const user of users) found.set(user.userId, user);
  }
  return total;
}

/** Users whom `query` finds, the first hundred; Auth0's own syntax, version 3. */
export async function searchUsers(
  api: ManagementApi,
  query: string,
): Promise<readonly TenantUser[]> {
  return (await searchPage(api, query, 0)).users;
}

/** A phrase of a query. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

async function searchPage(
  api: ManagementApi,
  query: string,
  page: number,
): Promise<{ readonly answer: Answer; readonly users: readonly TenantUser[] }> {
  const what = 'GET /api/v2/users';
  const answer = await api.ask(what, async (sdk, options) => {
    const found = await sdk.users.list(
      {
        ...{ q: query, search_engine: 'v3', page, per_page: PER_PAGE, include_totals: true },
        // Whoever is new is on the last page.
        sort: 'created_at:1',
        ...{ fields: USER_FIELDS.join(','), include_fields: true },
      },
      options,
    );
    return found.response;
  });
  const entries = readField(answer, 'users');
  if (!Array.isArray(entries)) {
    throw new TenantError(`${what} on ${api.domain} was answered without a list of users`);
  }
  return { answer, users: entries.map(parseUser).filter((user) => user !== undefined) };
}

/** Without one, nobody knows how many there are. */
function readTotal(answer: Answer): number {
  const total = readField(answer, 'total');
  return typeof total === 'number' ? total : Number.POSITIVE_INFINITY;
}

/**
 * A connection at a time. Whether that includes users whose own account is of another connection is
 * not documented: where somebody is missing of whom the search knows, or may be, everybody is
 * exported.
 */
async function exportAll(
  api: ManagementApi,
  connections: readonly BitbucketConnection[],
  total: number,
  isOurs: (user: TenantUser) => boolean,
  step: Pick<Step, 'note'>,
): Promise<readonly TenantUser[]> {
  const found = new Map<string, TenantUser>();
  const keep = (user: TenantUser) => {
    if (isOurs(user)) found.set(user.userId, user);
  };
  const isCounted = Number.isFinite(total) && total > MOST_SEARCHED;
  if (isCounted) for (const { id } of connections) await exportUsers(api, id, keep, step);
  if (!isCounted || found.size < total) await exportUsers(api, undefined, keep, step);
  return [...found.values()];
}
