/** Who is meant by an e-mail address, a user id or the id of a log entry. */

import { toHarmless } from '../cli/harmless.ts';
import { UserError } from '../cli/report-error.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import { TenantError } from '../tenant/tenant-error.ts';
import { type LogEntry, readLog } from './read-logs.ts';
import { quote, searchUsers } from './read-users.ts';
import { parseUser, type TenantUser } from './tenant-user.ts';

export interface Found {
  readonly users: readonly TenantUser[];
  /** Where an entry of the log was named. */
  readonly log: LogEntry | undefined;
}

/** @throws {UserError} where nobody is meant. */
export async function findPerson(api: ManagementApi, argument: string): Promise<Found> {
  const text = argument.trim();
  // Ids of some providers hold an @ too, after their |.
  if (text.includes('|')) return { users: await findByIdOrEmail(api, text), log: undefined };
  if (text.includes('@')) return { users: await findByEmail(api, text), log: undefined };
  const log = await readLog(api, text);
  if (log === undefined) {
    throw new UserError(
      `“${toHarmless(text)}” is no e-mail address, no user id (they hold a |), and the id of no log entry that Auth0 still keeps: a day on the Free plan, up to 30 on others.`,
    );
  }
  if (log.userId === undefined) {
    throw new UserError(
      `The log entry ${toHarmless(log.logId)} names no user (“${toHarmless(log.description)}”): it ended before it was known who it was.`,
    );
  }
  return { users: [await readUserById(api, log.userId)], log };
}

async function readUserById(api: ManagementApi, id: string): Promise<TenantUser> {
  const what = 'GET /api/v2/users/{id}';
  try {
    const user = parseUser(await api.ask(what, (sdk, options) => sdk.users.get(id, {}, options)));
    if (user !== undefined) return user;
    throw new TenantError(`${what} on ${api.domain} was answered without a user`);
  } catch (error) {
    if (!(error instanceof TenantError) || error.status !== 404) throw error;
    throw new UserError(
      `The tenant ${api.domain} has no user ${toHarmless(id)}. An id stands in quotes: it holds a |, and braces.`,
    );
  }
}

/** An address may hold a | too. */
async function findByIdOrEmail(api: ManagementApi, text: string): Promise<readonly TenantUser[]> {
  try {
    return [await readUserById(api, text)];
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof TenantError) throw error;
    const users = text.includes('@') ? await listByEmail(api, text) : [];
    if (users.length === 0) throw error;
    return users;
  }
}

async function findByEmail(api: ManagementApi, email: string): Promise<readonly TenantUser[]> {
  const users = await listByEmail(api, email);
  if (users.length > 0) return users;
  throw new UserError(
    `The tenant ${api.domain} has no user with the address ${toHarmless(email)}. Somebody who never came back from Bitbucket is none yet; the address may be another one there.`,
  );
}

/**
 * Auth0 keeps the address of another provider in the capitals that it came in, so one person may have
 * it in several. What was made a moment ago is not found by a search yet; other capitals by nothing
 * else. However a search reads the address, who has another one is not meant.
 */
async function listByEmail(api: ManagementApi, email: string): Promise<readonly TenantUser[]> {
  const exact = await readUsersByEmail(api, email);
  const found = await searchUsers(api, `email:${quote(email)}`);
  const same = found.filter((user) => user.email?.toLowerCase() === email.toLowerCase());
  return [...new Map([...exact, ...same].map((user) => [user.userId, user])).values()];
}

async function readUsersByEmail(api: ManagementApi, email: string): Promise<readonly TenantUser[]> {
  const { users } = await api.ask('GET /api/v2/users-by-email', async (sdk, options) => ({
    users: await sdk.users.listUsersByEmail({ email }, options),
  }));
  if (!Array.isArray(users)) {
    throw new TenantError(
      `GET /api/v2/users-by-email on ${api.domain} was answered without a list`,
    );
  }
  return users.map(parseUser).filter((user) => user !== undefined);
}
