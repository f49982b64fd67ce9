/** Finding users by the Management API, held to the examples of Auth0's documentation. */
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { createApplication } from '#scripts/local/stage/sign-in.ts';
import { addConnection, addTenantUser } from '#scripts/local/stage/tenant-contents.ts';
import type { StoredUser } from '#scripts/local/tenant/store.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const INDEX_MS = 5_000;
const CALLBACK = 'https://app.example.com/callback';
/** Of the tenant; it goes on when it is told to. */
let nowMs = Date.now();
const world = createWorld();
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [CALLBACK] }],
  apis: [{ identifier: 'https://api.example.com' }],
  policy: {},
  pace: { now: () => nowMs, indexMs: INDEX_MS },
});
const { tenant } = sandbox;
const { users } = tenant.store;
addConnection(tenant.store, 'bitbucket', 'bitbucket', ['app'], {
  client_id: sandbox.environment.BITBUCKET_KEY,
  client_secret: sandbox.environment.BITBUCKET_SECRET,
});
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

const add = (id: string, changes: Partial<StoredUser> = {}, connection = 'bitbucket') =>
  addTenantUser(tenant.store, connection, id, changes);

beforeEach(() => {
  users.clear();
  tenant.faults.clear();
  nowMs += INDEX_MS;
});

/** The ids that a query finds, sorted. */
async function find(q: string): Promise<readonly string[]> {
  const { data } = await api.get('users', { params: { q, search_engine: 'v3' } });
  return data.map(({ user_id }: StoredUser) => user_id.split('|')[1]).sort();
}

describe('a query', () => {
  beforeEach(() => {
    add('eugenio', { name: 'Eugenio', email: 'eugenio@example.com', logins_count: 9 });
    add('example', {
      name: 'example name',
      email: 'test@elsewhere.example',
      logins_count: 10,
      email_verified: false,
      last_login: '2024-12-31T23:59:59.999Z',
    });
    add('test', {
      name: 'Test User',
      logins_count: 100,
      last_login: '2025-12-31T12:00:00.000Z',
      user_metadata: {
        full_name: 'Example Name',
        display: { preferredLanguage: 'en', fontSize: 13 },
        addresses: { cities: ['Paris', 'Seattle'] },
      },
    });
    add(
      'linked',
      {
        logins_count: 0,
        app_metadata: { plan: 'gold', empty: {}, look: { at: [{ slug: 'acme' }] } },
        identities: [
          { connection: 'db', provider: 'auth0', user_id: 'linked', isSocial: false },
          {
            connection: 'bitbucket',
            provider: 'bitbucket',
            user_id: '{uuid}',
            isSocial: true,
            profileData: { email: 'linked@example.com' },
          },
        ],
      },
      'auth0',
    );
  });

  test.each([
    ['name:"eugenio"', ['eugenio']],
    ['name:"EUGENIO"', ['eugenio']],
    ['email.domain:"example.com"', ['eugenio']],
    ['identities.connection:"bitbucket"', ['eugenio', 'example', 'linked', 'test']],
    ['identities.connection:"db"', ['linked']],
    ['identities.user_id:"{uuid}"', ['linked']],
    ['identities.profileData.email:"linked@example.com"', ['linked']],
    ['user_id:"bitbucket|test"', ['test']],
    ['user_id:"BITBUCKET|test"', []],
    ['email:"EUGENIO@example.com"', ['eugenio']],
    ['name:*example*', ['example']],
    ['name:exa*', ['example']],
    ['name:e*', ['eugenio', 'example']],
    ['email:test*', ['example']],
    ['name:example', []],
    ['name:example\\ name', ['example']],
    ['logins_count:[* TO 10}', ['eugenio', 'linked']],
    ['logins_count:[10 TO 100}', ['example']],
    ['logins_count:[100 TO *]', ['test']],
    ['last_login:[* TO 2024-12-31]', ['example']],
    ['last_login:[2025-12-01 TO 2025-12-31]', ['test']],
    ['name:("example name" OR "test user")', ['example', 'test']],
    ['NOT _exists_:email_verified OR email_verified:false', ['example']],
    ['NOT _exists_:last_login OR logins_count:0', ['eugenio', 'linked']],
    ['_exists_:last_login AND NOT email_verified:false', ['test']],
    ['user_metadata.full_name:"Example Name"', ['test']],
    ['user_metadata.full_name:"example name"', []],
    ['_exists_:user_metadata.display.preferredLanguage', ['test']],
    ['user_metadata.display.fontSize:13', ['test']],
    ['user_metadata.addresses.cities:"Paris"', ['test']],
    ['app_metadata.plan:"gold"', ['linked']],
    ['app_metadata.plan:go*', ['linked']],
    ['app_metadata.look.at.slug:"acme"', ['linked']],
    ['_exists_:app_metadata.empty', []],
    ['app_metadata:"gold"', []],
    ['"Paris"', []],
    ['eugenio', ['eugenio']],
  ])('finds what the documentation says: %s is %j', async (q, expected) => {
    expect(await find(q)).toEqual(expected);
  });

  test.each([
    ['name:*ab', 'a literal beside a wildcard needs 3 characters or more'],
    [
      'user_metadata.full_name:Exa*',
      'field "user_metadata.full_name" takes neither wildcards nor ranges',
    ],
    [
      'user_metadata.display.fontSize:[1 TO 20]',
      'field "user_metadata.display.fontSize" takes neither wildcards nor ranges',
    ],
    ['mail:"x"', 'unknown field "mail"'],
    ['name:("a" OR', 'unexpected end'],
    ['name:"a', 'unexpected character at 5'],
    ['name:jane~', 'unsupported syntax "jane~"'],
  ])('that cannot be asked is refused: %s', async (q, reason) => {
    const { status, data } = await api.get('users', { params: { q } });
    expect([status, data]).toEqual([
      400,
      {
        statusCode: 400,
        error: 'Bad Request',
        message: `The search query string has an error: ${reason}`,
        errorCode: 'invalid_query_string',
      },
    ]);
  });
});

test('whatever is asked is answered or refused, and never breaks the tenant', async () => {
  add('one', { name: 'One', app_metadata: { a: { b: ['c'] } } });
  const piece = fc.oneof(
    fc.constantFrom(
      'name:',
      'last_login:',
      'app_metadata.a.b:',
      '_exists_:',
      'AND',
      ' OR ',
      'NOT ',
    ),
    fc.constantFrom('(', ')', '"', '[1 TO *]', '{* TO 2025-01}', '*', '-', '\\', ':', ' '),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const { status } = await api.get('users', { params: { q: pieces.join('') } });
      expect([200, 400]).toContain(status);
    }),
  );
});

describe('a list', () => {
  const many = (count: number) => {
    for (let n = 0; n < count; n += 1) add(`u${n}`, { logins_count: n });
  };

  test('has 50 users where nothing is said and 100 at most, and totals of all that match', async () => {
    many(120);
    expect((await api.get('users')).data).toHaveLength(50);
    const { data } = await api.get('users?per_page=100&page=1&include_totals=true');
    const { users: page, ...totals } = data;
    expect(totals).toEqual({ start: 100, limit: 100, length: 20, total: 120 });
    expect(page).toHaveLength(20);
    const { status, data: refused } = await api.get('users?per_page=1000');
    expect([status, refused.message]).toEqual([
      400,
      "Query validation error: 'Value 1000 is greater than maximum 100' on property per_page.",
    ]);
  });

  test('ends at 1,000 users, and says so beyond', async () => {
    many(1_050);
    expect((await api.get('users?per_page=100&page=9')).data).toHaveLength(100);
    const { data: counted } = await api.get('users?per_page=1&include_totals=true');
    expect(counted.total).toBe(1_000);
    const { status, data } = await api.get('users?per_page=100&page=10');
    expect([status, data]).toEqual([
      400,
      {
        statusCode: 400,
        error: 'Bad Request',
        message:
          'You can only page through the first 1000 records. See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation',
        errorCode: 'invalid_paging',
      },
    ]);
  });

  test('is sorted by a field of the profile, and not by metadata', async () => {
    many(3);
    const { data } = await api.get('users?sort=logins_count:-1&fields=logins_count');
    expect(data).toEqual([{ logins_count: 2 }, { logins_count: 1 }, { logins_count: 0 }]);
    for (const sort of ['app_metadata.plan:1', 'user_metadata:1', 'name', 'name:down']) {
      expect((await api.get('users', { params: { sort } })).status).toBe(400);
    }
  });

  test('may be behind what is stored, and the lookups by id and address are not', async () => {
    await api.get('users');
    add('new', { email: 'new@example.com' });
    expect(await find('email:"new@example.com"')).toEqual([]);
    expect((await api.get('users/bitbucket%7Cnew')).status).toBe(200);
    expect((await api.get('users-by-email?email=new@example.com')).data).toHaveLength(1);
    nowMs += INDEX_MS;
    expect(await find('email:"new@example.com"')).toEqual(['new']);
  });
});

describe('users by their address', () => {
  test('are all who have it, in its case', async () => {
    add('one', { email: 'same@example.com' });
    add('two', { email: 'same@example.com' }, 'google-oauth2');
    add('three', { email: 'Same@example.com' });
    const { data } = await api.get('users-by-email?email=same@example.com&fields=user_id');
    expect(data).toEqual([{ user_id: 'bitbucket|one' }, { user_id: 'google-oauth2|two' }]);
    expect((await api.get('users-by-email?email=nobody@example.com')).data).toEqual([]);
    expect((await api.get('users-by-email')).status).toBe(400);
  });
});

describe('a user who signed in', () => {
  test('has when and from where, and upstream tokens only for who may see them', async () => {
    const app = await createApplication({
      issuer: `${tenant.origin}/`,
      clientId: 'app',
      callbackUrl: CALLBACK,
      audience: 'https://api.example.com',
    });
    await app.signIn(createBrowser({ userUuid: ann.uuid }));
    nowMs += INDEX_MS;
    const limited = await connectAsDeployer(tenant, 'read:users');
    const q = 'identities.connection:"bitbucket"';
    const paths = ['users-by-email?email=ann@example.com', `users?q=${encodeURIComponent(q)}`];
    for (const path of paths) {
      const { data } = await limited.get(path);
      expect(data).toMatchObject([
        {
          user_id: `bitbucket|${ann.uuid}`,
          last_login: new Date(nowMs - INDEX_MS).toISOString(),
          last_ip: '127.0.0.1',
          logins_count: 1,
          identities: [
            { connection: 'bitbucket', provider: 'bitbucket', user_id: ann.uuid, isSocial: true },
          ],
        },
      ]);
      expect(JSON.stringify(data)).not.toMatch(/access_token|refresh_token/);
      expect(JSON.stringify((await api.get(path)).data)).toContain('access_token');
    }
  });
});

test('the search can be told to fail, apart from the lookup of one user', async () => {
  add('one');
  tenant.faults.set('GET /api/v2/users', { reply: { status: 503 } });
  expect((await api.get('users')).status).toBe(503);
  expect((await api.get('users/bitbucket%7Cone')).status).toBe(200);
});
