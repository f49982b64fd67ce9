/** Users as Auth0's documentation answers: by page, by the export job, and what goes wrong. */
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findPerson } from '#scripts/lib/people/find-person.ts';
import { readUsers } from '#scripts/lib/people/read-users.ts';
import { refuse, stubTenant } from './stub-tenant.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const CONNECTION = { id: 'con_0000000000000001', name: 'bitbucket' };
const STEP = { note: () => {} };

const userOf = (index: number, connection = 'bitbucket') => ({
  user_id: `bitbucket|{${String(index).padStart(4, '0')}}`,
  email: `person${index}@example.com`,
  identities: [{ connection, provider: 'bitbucket', user_id: `{${index}}`, isSocial: true }],
  app_metadata: {},
  last_login: '2026-11-25T12:00:00.000Z',
});
/** https://auth0.com/docs/manage-users/user-search/view-search-results-by-page */
const pageOf = (users: readonly unknown[], page: number) => ({
  start: page * 100,
  limit: 100,
  length: users.length,
  users,
  total: 1_000,
});

describe('by search', () => {
  const all = Array.from({ length: 230 }, (_, index) => userOf(index));
  const search = (url: URL) => {
    const page = Number(url.searchParams.get('page'));
    const users = all.slice(page * 100, page * 100 + 100);
    return { ...pageOf(users, page), total: all.length };
  };

  test('reads every page once, and no more than there are', async () => {
    const { api, asked } = await stubTenant({ 'GET /api/v2/users': search });
    expect(await readUsers(api, [CONNECTION], STEP)).toHaveLength(230);
    expect(asked).toHaveLength(3);
    const query = new URL(`https://x${asked[0]?.slice(4)}`).searchParams;
    expect(query.get('q')).toBe('identities.connection:"bitbucket"');
    expect(query.get('search_engine')).toBe('v3');
    expect(query.get('per_page')).toBe('100');
    expect(query.get('fields')).not.toContain('token');
  });

  test('asks nobody where there is no connection', async () => {
    const { api, asked } = await stubTenant({});
    expect(await readUsers(api, [], STEP)).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('reads again where somebody comes between two pages, and takes nobody twice', async () => {
    let reads = 0;
    const { api, asked } = await stubTenant({
      'GET /api/v2/users': (url) => {
        const page = Number(url.searchParams.get('page'));
        if (page === 0) reads += 1;
        // The second page of the first reading has moved on by one: the 100th is on no page.
        const from = page * 100 + (reads === 1 && page > 0 ? 1 : 0);
        return { ...pageOf(all.slice(from, from + 100), page), total: all.length };
      },
    });
    const users = await readUsers(api, [CONNECTION], STEP);
    expect(new Set(users.map(({ userId }) => userId)).size).toBe(230);
    expect(users).toHaveLength(230);
    expect(asked).toHaveLength(6);
    expect(new URL(`https://x${asked[0]?.slice(4)}`).searchParams.get('sort')).toBe('created_at:1');
  });

  test('does not pass for everybody what is not', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/users': (url) => {
        const page = Number(url.searchParams.get('page'));
        return { ...pageOf(page === 0 ? all.slice(0, 100) : [], page), total: 230 };
      },
    });
    await expect(readUsers(api, [CONNECTION], STEP)).rejects.toThrow(
      'has 230 people, and showed 100 of them',
    );
  });

  test('waits out a rate limit', async () => {
    let tries = 0;
    const { api } = await stubTenant({
      'GET /api/v2/users': (url) => {
        tries += 1;
        if (tries > 1) return search(url);
        return refuse(429, 'Global limit has been reached', { 'retry-after': '0.01' });
      },
    });
    expect(await readUsers(api, [CONNECTION], STEP)).toHaveLength(230);
  });

  test('says what the tenant refused', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/users': () => refuse(403, 'Insufficient scope, expected any of: read:users'),
    });
    await expect(readUsers(api, [CONNECTION], STEP)).rejects.toThrow(
      'GET /api/v2/users on acme.eu.auth0.com was refused: 403, Insufficient scope, expected any of: read:users',
    );
  });

  test('takes no page of HTML for nobody', async () => {
    const { api } = await stubTenant({ 'GET /api/v2/users': () => new Response('<html>') });
    await expect(readUsers(api, [CONNECTION], STEP)).rejects.toThrow('not the Management API');
  });
});

/** https://auth0.com/docs/manage-users/user-migration/bulk-user-exports */
describe('by the export job', () => {
  const all = Array.from({ length: 1_500 }, (_, index) => userOf(index));
  const linked = {
    ...userOf(9_999),
    user_id: 'google-oauth2|1',
    identities: [
      { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '1', isSocial: true },
      ...userOf(9_999).identities,
    ],
  };
  const search = () => ({ ...pageOf(all.slice(0, 100), 0), total: all.length });
  const linesOf = (users: readonly unknown[]) =>
    users.map((user) => `${JSON.stringify(user)}\n`).join('');
  const fileOf = (users: readonly unknown[]) => new Response(gzipSync(linesOf(users)));
  const job = {
    id: 'job_1',
    type: 'users_export',
    status: 'pending',
    connection_id: CONNECTION.id,
  };
  const LOCATION = 'https://files.example.com/acme.json.gz?signature=s3cret';
  const DONE = { ...job, status: 'completed', location: LOCATION };

  test('is asked for once, waited for, and its file read without our token', async () => {
    const states: object[] = [
      job,
      { ...job, status: 'processing', percentage_done: 40, time_left_seconds: 3 },
      DONE,
    ];
    const notes: string[] = [];
    let body: unknown;
    const { api, asked, authorizations } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': (_, init) => {
        body = JSON.parse(String(init?.body));
        return job;
      },
      'GET /api/v2/jobs/job_1': () => states.shift() ?? DONE,
      'GET /acme.json.gz': () => fileOf(all),
    });
    const users = await readUsers(api, [CONNECTION], { note: (text) => notes.push(text) });
    expect(users).toHaveLength(1_500);
    expect(body).toMatchObject({ connection_id: CONNECTION.id, format: 'json' });
    expect(body).toMatchObject({ fields: expect.arrayContaining([{ name: 'app_metadata' }]) });
    expect(notes).toContain('export: processing, 40 %, 3 s left');
    expect(asked.filter((what) => what.startsWith('POST'))).toHaveLength(1);
    expect(authorizations.at(-1)).toBeNull();
  });

  test('exports everybody where a connection’s export lacks who is linked', async () => {
    const bodies: { connection_id?: string }[] = [];
    const { api } = await stubTenant({
      'GET /api/v2/users': () => ({ ...pageOf(all.slice(0, 100), 0), total: all.length + 1 }),
      'POST /api/v2/jobs/users-exports': (_, init) => {
        bodies.push(JSON.parse(String(init?.body)));
        return job;
      },
      'GET /api/v2/jobs/job_1': () => DONE,
      'GET /acme.json.gz': () =>
        fileOf(bodies.length === 1 ? all : [...all, linked, userOf(5_000, 'google-oauth2')]),
    });
    const users = await readUsers(api, [CONNECTION], STEP);
    expect(bodies.map(({ connection_id: id }) => id)).toEqual([CONNECTION.id, undefined]);
    expect(users).toHaveLength(1_501);
    expect(users.map(({ userId }) => userId)).toContain('google-oauth2|1');
  });

  // https://community.auth0.com/t/paging-the-list-users-query/18983: “total … (max 1,000)”.
  test('exports everybody where the search counts no further than it goes', async () => {
    const bodies: { connection_id?: string }[] = [];
    const { api } = await stubTenant({
      'GET /api/v2/users': () => ({ ...pageOf(all.slice(0, 100), 0), total: 1_000 }),
      'POST /api/v2/jobs/users-exports': (_, init) => {
        bodies.push(JSON.parse(String(init?.body)));
        return job;
      },
      'GET /api/v2/jobs/job_1': () => DONE,
      'GET /acme.json.gz': () => fileOf([...all, linked, userOf(5_000, 'google-oauth2')]),
    });
    expect(await readUsers(api, [CONNECTION], STEP)).toHaveLength(1_501);
    // Who is linked may be in no connection's export, and the count says nothing.
    expect(bodies.map(({ connection_id: id }) => id)).toEqual([undefined]);
  });

  test('fetches another link where the first has ended after its 60 s', async () => {
    let tries = 0;
    const { api } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': () => job,
      'GET /api/v2/jobs/job_1': () => DONE,
      'GET /acme.json.gz': () => {
        tries += 1;
        return tries === 1 ? new Response('expired', { status: 403 }) : fileOf(all);
      },
    });
    expect(await readUsers(api, [CONNECTION], STEP)).toHaveLength(1_500);
  });

  test('reads a file that the server has unpacked already', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': () => job,
      'GET /api/v2/jobs/job_1': () => DONE,
      'GET /acme.json.gz': () => new Response(linesOf(all)),
    });
    expect(await readUsers(api, [CONNECTION], STEP)).toHaveLength(1_500);
  });

  test.each<[string, object, () => Response, string]>([
    [
      'fails',
      { ...job, status: 'failed', status_details: 'out of luck' },
      () => fileOf([]),
      'The export of users failed: out of luck. Try again.',
    ],
    [
      'ends in the middle of its file',
      DONE,
      () => new Response(gzipSync(linesOf(all)).subarray(0, 2_000)),
      'cannot be read, or is not whole',
    ],
    ['is no file of users', DONE, () => new Response('<html>'), 'cannot be read, or is not whole'],
    ['has no file', DONE, () => new Response('', { status: 404 }), 'its file cannot be fetched'],
    [
      'has a link without TLS',
      { ...DONE, location: 'http://files.example.com/acme.json.gz' },
      () => fileOf(all),
      'a link that is not https',
    ],
  ])('says so where it %s, and never the link', async (_, state, file, message) => {
    const { api } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': () => job,
      'GET /api/v2/jobs/job_1': () => state,
      'GET /acme.json.gz': file,
    });
    const error = await readUsers(api, [CONNECTION], STEP).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('s3cret');
  });

  test.each<[string, (text: string) => Uint8Array]>([
    ['gzipped', (text) => gzipSync(text)],
    ['plain', (text) => new TextEncoder().encode(text)],
  ])('says so where the connection breaks in the middle of a %s file', async (_, write) => {
    const half = write(linesOf(all)).subarray(0, 5_000);
    const { api } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': () => job,
      'GET /api/v2/jobs/job_1': () => DONE,
      'GET /acme.json.gz': () => {
        let isBegun = false;
        const body = new ReadableStream({
          pull: (controller) => {
            if (isBegun) controller.error(new TypeError('terminated'));
            else controller.enqueue(half);
            isBegun = true;
          },
        });
        return new Response(body);
      },
    });
    await expect(readUsers(api, [CONNECTION], STEP)).rejects.toThrow(
      'cannot be read, or is not whole',
    );
  });

  test('says that the Free plan has none', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/users': search,
      'POST /api/v2/jobs/users-exports': () => refuse(403, 'Not available on this plan'),
    });
    await expect(readUsers(api, [CONNECTION], STEP)).rejects.toThrow('its Free plan has none');
  });
});

describe('who is meant', () => {
  const id = 'bitbucket|{b77eb7ec-0f1f-4834-87b6-6e6eef76ac5e}';
  const user = { ...userOf(1), user_id: id };
  const log = {
    _id: '900',
    log_id: '900',
    date: '2026-11-25T12:00:00.000Z',
    type: 'f',
    user_id: id,
  };

  test('by an id with a | and braces', async () => {
    const { api } = await stubTenant({ [`GET /api/v2/users/${id}`]: () => user });
    expect((await findPerson(api, id)).users.map(({ userId }) => userId)).toEqual([id]);
  });

  test('by an address, in the capitals that are given, and in any', async () => {
    const { api, asked } = await stubTenant({
      'GET /api/v2/users-by-email': () => [],
      'GET /api/v2/users': () => ({ ...pageOf([user], 0), total: 1 }),
    });
    user.email = 'a"b@example.com';
    expect((await findPerson(api, 'A"B@example.com')).users).toHaveLength(1);
    const [, search = ''] = asked;
    expect(new URL(`https://x${search.slice(4)}`).searchParams.get('q')).toBe(
      'email:"A\\"B@example.com"',
    );
  });

  test('by an address, also those who have it in other capitals', async () => {
    const google = { ...userOf(2), user_id: 'google-oauth2|2', email: 'Nora@example.com' };
    const bitbucket = { ...userOf(3), email: 'nora@example.com' };
    const { api } = await stubTenant({
      'GET /api/v2/users-by-email': () => [google],
      'GET /api/v2/users': () => ({ ...pageOf([bitbucket, google], 0), total: 2 }),
    });
    const { users } = await findPerson(api, 'Nora@example.com');
    expect(users.map(({ userId }) => userId)).toEqual([google.user_id, bitbucket.user_id]);
  });

  test.each(['*@example.com', '" OR *@example.com', 'nora@example.com" OR email:"*'])(
    'by the address %s is nobody else, however a search reads it',
    async (email) => {
      const { api } = await stubTenant({
        'GET /api/v2/users-by-email': () => [],
        'GET /api/v2/users': () => ({ ...pageOf([userOf(2), userOf(3)], 0), total: 2 }),
      });
      await expect(findPerson(api, email)).rejects.toThrow('no user with the address');
    },
  );

  test('by an address with a |, which is an id of nobody', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/users-by-email': (url) =>
        [{ ...userOf(4), email: 'o|b@example.com' }].filter(
          ({ email }) => email === url.searchParams.get('email'),
        ),
      'GET /api/v2/users': () => ({ ...pageOf([], 0), total: 0 }),
    });
    expect((await findPerson(api, 'o|b@example.com')).users).toHaveLength(1);
    await expect(findPerson(api, 'samlp|x|nobody@example.org')).rejects.toThrow(
      'has no user samlp|x|nobody@example.org',
    );
  });

  test('by a log entry, whose user it is', async () => {
    const { api } = await stubTenant({
      'GET /api/v2/logs/900': () => log,
      [`GET /api/v2/users/${id}`]: () => user,
    });
    const found = await findPerson(api, '900');
    expect(found.log?.logId).toBe('900');
    expect(found.users.map(({ userId }) => userId)).toEqual([id]);
  });

  test.each<[string, string]>([
    ['bitbucket|{nobody}', 'has no user bitbucket|{nobody}'],
    ['nobody@example.com', 'has no user with the address nobody@example.com'],
    ['90020', 'the id of no log entry that Auth0 still keeps'],
    ['901', 'names no user'],
  ])('%s is nobody', async (argument, message) => {
    const { api } = await stubTenant({
      'GET /api/v2/users-by-email': () => [],
      'GET /api/v2/users': () => ({ ...pageOf([], 0), total: 0 }),
      'GET /api/v2/logs/901': () => ({ ...log, log_id: '901', user_id: '' }),
    });
    await expect(findPerson(api, argument)).rejects.toThrow(message);
  });
});
