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

/** Sorted by their ids. @throws {TenantError} */
export async function readUsers(
  api: ManagementApi,
  connections: readonly BitbucketConnection[],
  step: Pick<Step, 'note'>,
): Promise<readonly TenantUser[]> {
  if (connections.length === 0) return [];
  const query = connections.map(({ name }) => `identities.connection:${quote(name)}`).join(' OR ');
  const first = await searchPage(api, query, 0);
  const total = readTotal(first.answer) ?? first.users.length;
  const isOurs = (user: TenantUser) =>
    user.identities.some(({ connection }) => connections.some(({ name }) => name === connection));
  const found =
    total > MOST_SEARCHED
      ? await exportAll(api, connections, total, isOurs, step)
      : [...first.users, ...(await searchRest(api, query, total, step))];
  // A list that changes between two pages shows somebody twice.
  const byId = new Map(found.filter(isOurs).map((user) => [user.userId, user]));
  return [...byId.values()].sort((one, other) => (one.userId < other.userId ? -1 : 1));
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

async function searchRest(
  api: ManagementApi,
  query: string,
  total: number,
  step: Pick<Step, 'note'>,
): Promise<readonly TenantUser[]> {
  const users: TenantUser[] = [];
  for (let page = 1; page * PER_PAGE < total; page += 1) {
    step.note(`${page * PER_PAGE} of ${total}`);
    users.push(...(await searchPage(api, query, page)).users);
  }
  return users;
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

function readTotal(answer: Answer): number | undefined {
  const total = readField(answer, 'total');
  return typeof total === 'number' ? total : undefined;
}

/**
 * A connection at a time. Whether that includes users whose own account is of another connection is
 * not documented: where somebody is missing of whom the search knows, everybody is exported.
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
  for (const { id } of connections) await exportUsers(api, id, keep, step);
  if (found.size < total) await exportUsers(api, undefined, keep, step);
  return [...found.values()];
}
