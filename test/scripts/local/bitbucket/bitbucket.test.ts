/** The local Bitbucket answers as Bitbucket does since 2026, and refuses what Bitbucket refuses. */

import tls from 'node:tls';
import axios from 'axios';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addRepository, grant } from '#scripts/local/bitbucket/repositories.ts';
import { startLocalBitbucket } from '#scripts/local/bitbucket/server.ts';
import {
  addUser,
  addWorkspace,
  type Consumer,
  createWorld,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';

const certificate = await createServerCertificate(['localhost']);
tls.setDefaultCACertificates([certificate.cert]);

const world = createWorld();
const acme = addWorkspace(world, 'acme');
const other = addWorkspace(world, 'other');
const ann = addUser(world, 'ann', [
  { email: 'ann@example.com' },
  { email: 'old@example.com', is_confirmed: false },
]);
const ben = addUser(world, 'ben', [{ email: 'ben@example.com' }]);
setStanding(world, ann, acme, 'owner');
setStanding(world, ben, acme, 'member');
grant(world, ann, addRepository(world, other, 'shared'), 'read');

const CALLBACK = 'https://tenant.example/login/callback';
const addConsumer = (key: string, scopes: readonly string[], isPrivate = true): Consumer => {
  const consumer = {
    ...{ key, secret: `${key}-secret`, name: key, callbackUrl: CALLBACK, scopes, isPrivate },
    workspaceUuid: acme.uuid,
  };
  world.consumers.set(key, consumer);
  return consumer;
};
const consumer = addConsumer('full', ['account', 'email']);
const poor = addConsumer('poor', ['account']);
const open = addConsumer('open', ['account'], false);

let clock = Date.now();
const bitbucket = await startLocalBitbucket({
  certificate,
  world,
  now: () => clock,
  callsPerHour: 40,
});
afterAll(() => bitbucket.close());
beforeEach(() => {
  // Another hour, another thousand calls.
  clock += 2 * 60 * 60 * 1_000;
  bitbucket.faults.clear();
});

const http = axios.create({
  baseURL: bitbucket.origin,
  maxRedirects: 0,
  validateStatus: () => true,
});
const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields);
const authorizePath = (by: Consumer, changes: Readonly<Record<string, string>> = {}) =>
  `/site/oauth2/authorize?${form({ client_id: by.key, response_type: 'code', state: 's', ...changes })}`;
const requestToken = (by: Consumer, fields: Readonly<Record<string, string>>) =>
  http.post('/site/oauth2/access_token', form(fields), {
    auth: { username: by.key, password: by.secret },
  });

async function getCode(by = consumer, user = ann): Promise<string> {
  const answer = await http.post(authorizePath(by), form({ user: user.uuid, decision: 'grant' }));
  return new URL(answer.headers.location).searchParams.get('code') ?? '';
}
async function signIn(by = consumer, user = ann) {
  const { data } = await requestToken(by, {
    grant_type: 'authorization_code',
    code: await getCode(by, user),
  });
  return data as { access_token: string; refresh_token: string };
}
async function get(path: string, token?: string) {
  const bearer = token ?? (await signIn()).access_token;
  return http.get(path, { headers: { Authorization: `Bearer ${bearer}` } });
}
const permissionPath = (workspace: string) =>
  `/2.0/user/workspaces/${encodeURIComponent(workspace)}/permission`;

describe('OAuth', () => {
  test('asks for consent, and sends the code and the state to the callback', async () => {
    const page = await http.get(authorizePath(consumer));
    expect(page.data).toContain('Grant access');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const answer = await http.post(
      authorizePath(consumer),
      form({ user: ann.uuid, decision: 'grant' }),
    );
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toMatch(
      /^https:\/\/tenant\.example\/login\/callback\?state=s&code=./,
    );
  });

  test('tells the callback when the person declines', async () => {
    const answer = await http.post(
      authorizePath(consumer),
      form({ user: ann.uuid, decision: 'deny' }),
    );
    expect(answer.headers.location).toBe(`${CALLBACK}?state=s&error=access_denied`);
  });

  test.each([
    ['an unknown consumer', { client_id: 'nobody' }],
    ['a redirect that is not under the callback', { redirect_uri: 'https://evil.example/' }],
    ['another response type', { response_type: 'token' }],
  ])('shows an error and redirects nowhere for %s', async (_, changes) => {
    const page = await http.get(authorizePath(consumer, changes));
    expect(page.status).toBe(400);
    expect(page.headers.location).toBeUndefined();
  });

  test('gives a token for two hours, and says `scope`', async () => {
    const { status, data } = await requestToken(consumer, {
      grant_type: 'authorization_code',
      code: await getCode(),
    });
    expect(status).toBe(200);
    expect(data).toMatchObject({ token_type: 'bearer', expires_in: 7_200, scope: 'account email' });
    expect(data).not.toHaveProperty('scopes');
  });

  test('takes a code once, and from the consumer that it is for', async () => {
    const code = await getCode();
    const fields = { grant_type: 'authorization_code', code };
    expect((await requestToken(consumer, fields)).status).toBe(200);
    expect((await requestToken(consumer, fields)).data.error).toBe('invalid_grant');
    const stolen = { grant_type: 'authorization_code', code: await getCode() };
    expect((await requestToken(poor, stolen)).data.error).toBe('invalid_grant');
  });

  test('rotates refresh tokens: each is good once', async () => {
    const { refresh_token } = await signIn();
    const fields = { grant_type: 'refresh_token', refresh_token };
    const { data } = await requestToken(consumer, fields);
    expect(data.refresh_token).not.toBe(refresh_token);
    expect((await requestToken(consumer, fields)).data.error).toBe('invalid_grant');
    expect((await get('/2.0/user', data.access_token)).status).toBe(200);
  });

  test('gives a private consumer a token of its own, without a refresh token', async () => {
    const { data } = await requestToken(consumer, { grant_type: 'client_credentials' });
    expect(data).toMatchObject({ scope: 'account email' });
    expect(data).not.toHaveProperty('refresh_token');
    expect((await get('/2.0/user', data.access_token)).data.type).toBe('app_user');
  });

  test('refuses client credentials to a public consumer', async () => {
    const { status, data } = await requestToken(open, { grant_type: 'client_credentials' });
    expect([status, data.error]).toEqual([400, 'unauthorized_client']);
  });

  test('refuses a wrong secret', async () => {
    const { status } = await requestToken(
      { ...consumer, secret: 'x' },
      { grant_type: 'client_credentials' },
    );
    expect(status).toBe(400);
  });
});

describe('a token', () => {
  test('is taken from the header alone', async () => {
    const { access_token } = await signIn();
    const inQuery = await http.get(`/2.0/user?access_token=${access_token}`);
    expect(inQuery.status).toBe(401);
    expect(inQuery.data).toMatchObject({ type: 'error', error: { message: expect.any(String) } });
    expect((await get('/2.0/user', access_token)).status).toBe(200);
  });

  test('ends after two hours', async () => {
    const { access_token } = await signIn();
    clock += 7_199_000;
    expect((await get('/2.0/user', access_token)).status).toBe(200);
    clock += 1_000;
    expect((await get('/2.0/user', access_token)).status).toBe(401);
  });

  test('without the scope is told which one it takes', async () => {
    const { status, data } = await get('/2.0/user/emails', (await signIn(poor)).access_token);
    expect(status).toBe(403);
    expect(data.error.detail).toEqual({ required: ['email'], granted: ['account'] });
  });

  test('has so many calls in an hour', async () => {
    const { access_token } = await signIn(consumer, ben);
    const statuses = [];
    for (let call = 0; call < 41; call += 1)
      statuses.push((await get('/2.0/user', access_token)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect((await get('/2.0/user', access_token)).headers['retry-after']).toBe('60');
  });
});

describe('the API', () => {
  test.each([
    '/2.0/workspaces',
    '/2.0/user/permissions/workspaces',
    '/2.0/user/permissions/repositories',
    '/2.0/repositories',
  ])('%s is gone', async (path) => {
    const { status, data } = await get(path);
    expect(status).toBe(410);
    expect(data.error.message).toContain('CHANGE-2770');
  });

  test.each(['/2.0/teams', '/2.0/nothing'])('%s was never there', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('tells who the caller is', async () => {
    const { data } = await get('/2.0/user');
    expect(data).toMatchObject({
      type: 'user',
      uuid: ann.uuid,
      nickname: 'ann',
      has_2fa_enabled: null,
    });
  });

  test('pages, with a next that leads to api.bitbucket.org and is missing on the last page', async () => {
    const { access_token } = await signIn();
    const first = await get('/2.0/user/emails?pagelen=1', access_token);
    expect(first.data.values).toHaveLength(1);
    expect(first.data.next).toBe('https://api.bitbucket.org/2.0/user/emails?pagelen=1&page=2');
    const last = await get('/2.0/user/emails?pagelen=1&page=2', access_token);
    expect(last.data.values).toEqual([
      {
        type: 'email',
        email: 'old@example.com',
        is_primary: false,
        is_confirmed: false,
        links: {},
      },
    ]);
    expect(last.data).not.toHaveProperty('next');
    expect((await get('/2.0/user/emails?pagelen=101', access_token)).status).toBe(400);
  });

  test('lists the workspaces that the caller can reach, also by one repository', async () => {
    const { data } = await get('/2.0/user/workspaces');
    expect(data.values).toMatchObject([
      { administrator: true, workspace: { slug: 'acme', uuid: acme.uuid } },
      { administrator: false, workspace: { slug: 'other' } },
    ]);
  });

  test.each([
    ['by slug', 'acme', 200],
    ['by uuid', acme.uuid, 200],
    ['where only a repository can be reached', 'other', 403],
    ['where there is none', 'nowhere', 403],
  ])('tells the permission %s', async (_, workspace, status) => {
    const answer = await get(permissionPath(workspace));
    expect(answer.status).toBe(status);
    if (status === 200) {
      expect(answer.data).toMatchObject({
        type: 'workspace_membership',
        permission: 'owner',
        user: { uuid: ann.uuid },
        workspace: { slug: 'acme', uuid: acme.uuid },
      });
    }
  });

  const memberPath = (workspace: string, member: string) =>
    `/2.0/workspaces/${workspace}/members/${encodeURIComponent(member)}`;

  test('tells members who the other members are, and nobody else', async () => {
    const { access_token } = await signIn();
    expect((await get(memberPath('acme', ben.uuid), access_token)).status).toBe(200);
    expect((await get(memberPath('acme', ben.account_id), access_token)).status).toBe(200);
    expect((await get(memberPath('acme', 'ben'), access_token)).status).toBe(404);
    const stranger = await get(memberPath('other', ann.uuid), access_token);
    expect(stranger.status).toBe(401);
    expect(stranger.data.error.message).toBe('You do not have access to view this workspace.');
  });

  test('tells a consumer the members of its own workspace, where that is allowed', async () => {
    const { data } = await requestToken(consumer, { grant_type: 'client_credentials' });
    const ask = () => get(memberPath('acme', ben.uuid), data.access_token);
    expect((await ask()).status).toBe(200);
    expect((await get(memberPath('other', ben.uuid), data.access_token)).status).toBe(401);
    world.appUserMayReadMembers = false;
    expect((await ask()).status).toBe(401);
    world.appUserMayReadMembers = true;
  });

  test('has no other methods', async () => {
    expect((await http.post('/2.0/user')).status).toBe(405);
  });
});

describe('told to fail', () => {
  test('it answers so, as often as it was told, and then as before', async () => {
    const { access_token } = await signIn();
    bitbucket.faults.set('/2.0/user', { reply: { status: 503 } }, 1);
    expect((await get('/2.0/user', access_token)).status).toBe(503);
    expect((await get('/2.0/user', access_token)).status).toBe(200);
  });

  test.each(['at_once', 'in_body'] as const)('it drops the connection %s', async (drop) => {
    const { access_token } = await signIn();
    bitbucket.faults.set('*', { drop });
    await expect(get('/2.0/user', access_token)).rejects.toThrow();
  });

  test('it keeps a record without tokens', async () => {
    await get(permissionPath(acme.uuid));
    expect(bitbucket.calls.at(-1)).toEqual({
      method: 'GET',
      path: permissionPath(acme.uuid),
      endpoint: '/2.0/user/workspaces/{workspace}/permission',
      status: 200,
    });
  });
});
