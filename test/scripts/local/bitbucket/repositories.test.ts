/** What the local Bitbucket says of repositories: who may do what in them, asked with `q`. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addGroup,
  addProject,
  addRepository,
  grant,
} from '#scripts/local/bitbucket/repositories.ts';
import { startLocalBitbucket } from '#scripts/local/bitbucket/server.ts';
import {
  addUser,
  addWorkspace,
  createWorld,
  renameWorkspace,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { createBitbucketClient } from '#test/support/bitbucket-client.ts';

const certificate = await createServerCertificate(['localhost']);
const world = createWorld();
const acme = addWorkspace(world, 'acme');
const elsewhere = addWorkspace(world, 'elsewhere');
const platform = addProject(world, acme, 'PLAT');
const infra = addRepository(world, acme, 'infra', platform);
const website = addRepository(world, acme, 'website');
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const ben = addUser(world, 'ben', [{ email: 'ben@example.com' }]);
const addConsumer = (key: string, scopes: readonly string[]) => {
  const consumer = {
    ...{ key, secret: 'secret', name: key, scopes, isPrivate: true },
    ...{ callbackUrl: 'https://tenant.example/login/callback', workspaceUuid: acme.uuid },
  };
  world.consumers.set(key, consumer);
  return consumer;
};
const consumer = addConsumer('full', ['account', 'email', 'repository']);
const bitbucket = await startLocalBitbucket({ certificate, world });
const client = createBitbucketClient(bitbucket, certificate.cert);
const anns = await client.signIn(ann, consumer);
afterAll(() => bitbucket.close());
beforeEach(() => {
  world.grants.clear();
  world.groups.clear();
  world.standings.clear();
  world.filtersTakeOr = true;
  world.guestsAreMembers = false;
});

const pathOf = (workspace: string, params: Readonly<Record<string, string>> = {}) =>
  `/2.0/user/workspaces/${encodeURIComponent(workspace)}/permissions/repositories?${new URLSearchParams(params)}`;
const ask = (params?: Readonly<Record<string, string>>, workspace = 'acme', token = anns) =>
  client.get(pathOf(workspace, params), token);
const permissionsIn = (body: { readonly values: readonly Listed[] }) =>
  Object.fromEntries(body.values.map((one) => [one.repository.name, one.permission]));
interface Listed {
  readonly permission: string;
  readonly repository: { readonly name: string };
}

describe('the permissions on repositories', () => {
  test('are told of whom and on what', async () => {
    grant(world, ann, infra, 'write');
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ pagelen: 10, page: 1, size: 1 },
      values: [
        {
          type: 'repository_permission',
          permission: 'write',
          user: { type: 'user', nickname: 'ann', display_name: 'Ann', uuid: ann.uuid },
          repository: {
            type: 'repository',
            ...{ name: 'infra', full_name: 'acme/infra', uuid: infra.uuid },
          },
        },
      ],
    });
  });

  test('are the highest of direct ones, those of groups, and those on the project', async () => {
    const found = async () => permissionsIn((await ask()).body).infra;
    const group = addGroup(world, acme, 'everybody', [ann]);
    const strangers = addGroup(world, acme, 'strangers', [ben]);
    grant(world, strangers, infra, 'admin');
    expect(await found()).toBeUndefined();
    grant(world, ann, infra, 'read');
    expect(await found()).toBe('read');
    grant(world, group, platform, 'write');
    expect(await found()).toBe('write');
    grant(world, ann, platform, 'admin');
    expect(await found()).toBe('admin');
    grant(world, ann, platform, undefined);
    grant(world, group, infra, 'read');
    expect(await found()).toBe('write');
  });

  test('are admin on everything for who administers the workspace', async () => {
    setStanding(world, ann, acme, 'owner');
    grant(world, ann, infra, 'read');
    expect(permissionsIn((await ask()).body)).toEqual({ infra: 'admin', website: 'admin' });
  });

  test('are none for a member to whom nothing was granted: 200 with an empty list', async () => {
    setStanding(world, ann, acme, 'member');
    const { status, body } = await ask({ q: 'repository.full_name="acme/infra"' });
    expect([status, body.values, body.size]).toEqual([200, [], 0]);
  });

  test('are told in another workspace than that of the repository as none', async () => {
    grant(world, ann, infra, 'write');
    setStanding(world, ann, elsewhere, 'member');
    const { status, body } = await ask({ q: `repository.uuid="${infra.uuid}"` }, 'elsewhere');
    expect([status, body.values]).toEqual([200, []]);
  });

  test.each([
    ['that the caller cannot reach', 'acme'],
    ['that there is not', 'nowhere'],
  ])('are refused in a workspace %s', async (_, workspace) => {
    const { status, body } = await ask({}, workspace);
    expect(status).toBe(403);
    expect(body).toEqual({ type: 'error', error: { message: expect.any(String) } });
  });

  test('are refused to a consumer that acts for itself', async () => {
    const token = await client.signInAsConsumer(consumer);
    expect((await ask({}, 'acme', token)).status).toBe(403);
  });

  test('are found by the workspace’s uuid, whose full names follow its slug', async () => {
    const workspace = addWorkspace(world, 'before');
    grant(world, ann, addRepository(world, workspace, 'app'), 'read');
    renameWorkspace(world, workspace, 'after');
    const named = (name: string) =>
      ask({ q: `repository.full_name="${name}/app"` }, workspace.uuid);
    expect((await named('before')).body.values).toEqual([]);
    expect((await named('after')).body.values).toHaveLength(1);
  });

  test.each([
    [['repository', 'email']],
    [['account', 'email']],
    [['email', 'account:write', 'repository:admin']],
  ])('are refused to a token with %j, and the scopes are named', async (scopes) => {
    grant(world, ann, infra, 'read');
    const token = await client.signIn(ann, addConsumer('poor', scopes));
    const { status, body } = await ask({}, 'acme', token);
    expect(status).toBe(403);
    expect(body.error.detail).toEqual({ required: ['account', 'repository'], granted: scopes });
  });

  test('are told to a token that may write too', async () => {
    grant(world, ann, infra, 'read');
    const writer = addConsumer('writer', ['account:write', 'repository:write']);
    expect((await ask({}, 'acme', await client.signIn(ann, writer))).status).toBe(200);
  });
});

describe('q', () => {
  beforeEach(() => {
    grant(world, ann, infra, 'write');
    grant(world, ann, website, 'read');
  });

  test.each([
    ['repository.full_name="acme/infra"', ['infra']],
    [`repository.uuid="${infra.uuid}"`, ['infra']],
    [
      `repository.full_name="acme/infra" OR repository.uuid="${website.uuid}"`,
      ['infra', 'website'],
    ],
    ['repository.name="website"', ['website']],
    ['permission>"read"', ['infra']],
    ['repository.full_name="acme/infra" AND permission="admin"', []],
  ])('%s finds %j', async (q, names) => {
    const { status, body } = await ask({ q });
    expect(status).toBe(200);
    expect(Object.keys(permissionsIn(body))).toEqual(names);
  });

  test.each([
    ['repository.full_name="acme', 'Invalid query'],
    ['', 'Invalid query'],
    ['repository.owner="x"', 'Field "repository.owner" does not support filtering'],
  ])('%j is 400, in the words of Bitbucket', async (q, message) => {
    const { status, body } = await ask({ q });
    expect(status).toBe(400);
    expect(body).toEqual({ type: 'error', error: { message } });
  });

  test('with OR can be made to be refused, and without it is not', async () => {
    world.filtersTakeOr = false;
    expect((await ask({ q: 'permission="read" OR permission="write"' })).status).toBe(400);
    expect((await ask({ q: 'permission="read" AND permission="write"' })).status).toBe(200);
  });

  test('is kept from one page to the next', async () => {
    const q =
      'repository.full_name="acme/infra" OR repository.full_name~"a & b+"  OR permission="read"';
    const first = await ask({ q, pagelen: '1' });
    expect(first.body).toMatchObject({ page: 1, size: 2 });
    const next = new URL(first.body.next);
    expect(next.origin).toBe('https://api.bitbucket.org');
    expect(next.searchParams.get('q')).toBe(q);
    const second = await client.get(`${next.pathname}${next.search}`, anns);
    expect(permissionsIn(second.body)).toEqual({ website: 'read' });
    expect(second.body).not.toHaveProperty('next');
  });
});

describe('who is on a repository alone', () => {
  const permissionIn = (workspace: string) =>
    client.get(`/2.0/user/workspaces/${workspace}/permission`, anns);

  test('is listed with the workspace, and has no permission in it', async () => {
    grant(world, ann, infra, 'write');
    const { body } = await client.get('/2.0/user/workspaces', anns);
    expect(body.values).toMatchObject([{ administrator: false, workspace: { slug: 'acme' } }]);
    expect((await permissionIn('acme')).status).toBe(403);
  });

  test.each([
    ['read', 'member'],
    ['write', 'collaborator'],
  ] as const)('with %s can be made to be called a %s', async (permission, standing) => {
    world.guestsAreMembers = true;
    expect((await permissionIn('acme')).status).toBe(403);
    grant(world, ann, infra, permission);
    expect((await permissionIn('acme')).body).toMatchObject({ permission: standing });
  });

  test('is a member by being in a group', async () => {
    addGroup(world, acme, 'everybody', [ann]);
    expect((await permissionIn('acme')).body).toMatchObject({ permission: 'member' });
    expect((await permissionIn('elsewhere')).status).toBe(403);
  });
});
