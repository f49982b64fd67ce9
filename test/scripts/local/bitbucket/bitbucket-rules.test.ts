/**
 * The finer rules of the local Bitbucket: what it refuses of an odd request, what it says when its
 * world changes under a token, and each way in which it can be told to fail.
 * The usual sign-in and each endpoint's answer are in local/bitbucket.test.ts.
 */
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startLocalBitbucket } from '#scripts/local/bitbucket/server.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketUser,
  type Consumer,
  createWorld,
  renameWorkspace,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import type { Fault } from '#scripts/local/net/faults.ts';
import { type HttpsRequest, sendHttps } from '#test/support/https-request.ts';

const HOUR_MS = 60 * 60 * 1_000;
const CALLBACK = 'https://tenant.example/login/callback';
const certificate = await createServerCertificate(['localhost']);
const ca = certificate.cert;

const world = createWorld();
const acme = addWorkspace(world, 'acme', 'Acme');
const addConsumer = (key: string): Consumer => {
  const consumer = {
    key,
    secret: `${key}-secret`,
    name: `<b>${key}</b>`,
    callbackUrl: CALLBACK,
    scopes: ['account', 'email'],
    isPrivate: true,
    workspaceUuid: acme.uuid,
  };
  world.consumers.set(key, consumer);
  return consumer;
};
const consumer = addConsumer('consumer');
const rival = addConsumer('rival');

let clock = Date.parse('2026-11-24T12:00:00Z');
const options = { certificate, world, now: () => clock, callsPerHour: 3 };
const bitbucket = await startLocalBitbucket(options);
afterAll(() => bitbucket.close());

/** Made anew for each test, and owner of acme. */
let ann: BitbucketUser;
beforeEach(() => {
  // Another hour, another three calls.
  clock += 2 * HOUR_MS;
  bitbucket.faults.clear();
  bitbucket.clearCalls();
  world.standings.clear();
  ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], '<script>Ann</script>');
  setStanding(world, ann, acme, 'owner');
});

const send = (path: string, request: Omit<HttpsRequest, 'ca'> = {}) =>
  sendHttps(`${bitbucket.origin}${path}`, { ca, ...request });
const get = (path: string, token: string, request: Omit<HttpsRequest, 'ca'> = {}) =>
  send(path, { ...request, headers: { Authorization: `Bearer ${token}`, ...request.headers } });
const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields);
const basic = ({ key, secret }: Consumer) => ({
  Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
});

const AUTHORIZE = '/site/oauth2/authorize';
const ACCESS_TOKEN = '/site/oauth2/access_token';
const authorizePath = (changes: Readonly<Record<string, string>> = {}) =>
  `${AUTHORIZE}?${form({ client_id: consumer.key, response_type: 'code', state: 's', ...changes })}`;
const answerConsent = (
  fields: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>> = {},
) => send(authorizePath(changes), { method: 'POST', body: form(fields) });
const readLocation = async (answer: ReturnType<typeof send>) =>
  new URL((await answer).headers.location ?? '');
const getCode = async (user: BitbucketUser, changes?: Readonly<Record<string, string>>) => {
  const url = await readLocation(answerConsent({ user: user.uuid, decision: 'grant' }, changes));
  return url.searchParams.get('code') ?? '';
};
async function requestToken(fields: Readonly<Record<string, string>>, by = consumer) {
  const request = { method: 'POST', headers: basic(by), body: form(fields) };
  const { status, body } = await send(ACCESS_TOKEN, request);
  return { status, ...JSON.parse(body) };
}
const redeem = (code: string, fields: Readonly<Record<string, string>> = {}, by = consumer) =>
  requestToken({ grant_type: 'authorization_code', code, ...fields }, by);
const refresh = (token: string, by = consumer) =>
  requestToken({ grant_type: 'refresh_token', refresh_token: token }, by);
const signIn = async (user = ann) => redeem(await getCode(user));
const getAppToken = async () =>
  (await requestToken({ grant_type: 'client_credentials' })).access_token;

const INVALID_GRANT = {
  status: 400,
  error: 'invalid_grant',
  error_description: expect.any(String),
};
const errorBody = (message: unknown) => ({ type: 'error', error: { message } });

describe('the consent page', () => {
  test('shows who is there and what is asked for, as text and without a script', async () => {
    const { status, body } = await send(authorizePath());
    expect(status).toBe(200);
    expect(body).toContain(`value="${ann.uuid}"`);
    expect(body).toContain('&#60;b&#62;consumer');
    expect(body).toContain('&#60;script&#62;Ann');
    expect(body).toMatch(/<li>account<\/li>.*<li>email<\/li>/s);
    expect(body).toMatch(/value="grant">Grant access<.*value="deny"[^>]*>Cancel</s);
    expect(body).not.toMatch(/<script|<b>/);
  });

  test.each([
    ['shown', {}, 200],
    ['an error', { client_id: '<i>' }, 400],
  ])('cannot be framed when it is %s', async (_, changes, status) => {
    const page = await send(authorizePath(changes));
    expect(page.status).toBe(status);
    expect(page.headers['x-frame-options']).toBe('DENY');
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(page.body).not.toContain('<i>');
  });

  test('sends a state back as it was, to a redirect under the callback', async () => {
    const state = 'a&b=c d/ü#';
    const redirect = { redirect_uri: `${CALLBACK}/more?x=1`, state };
    const url = await readLocation(answerConsent({ user: ann.uuid, decision: 'grant' }, redirect));
    expect(url.pathname).toBe('/login/callback/more');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      x: '1',
      state,
      code: expect.any(String),
    });
  });

  test.each([
    'https://tenant.example/login/callback/../../other',
    'https://tenant.example.evil.example/login/callback',
    'http://tenant.example/login/callback',
    'no address',
  ])('is not shown, nor its form taken, for a redirect to %s', async (redirect_uri) => {
    expect((await send(authorizePath({ redirect_uri }))).status).toBe(400);
    const answer = await answerConsent({ user: ann.uuid, decision: 'grant' }, { redirect_uri });
    expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
  });

  test.each([
    ['nobody was chosen', { decision: 'grant' }],
    ['somebody unknown was chosen', { decision: 'grant', user: '{no-one}' }],
    ['no button was pressed', { user: '{no-one}' }],
  ])('redirects nowhere when %s', async (_, fields) => {
    const answer = await answerConsent(fields);
    expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
  });

  test('can be cancelled without choosing anybody', async () => {
    const url = await readLocation(answerConsent({ decision: 'deny' }));
    expect(url.href).toBe(`${CALLBACK}?state=s&error=access_denied`);
  });
});

describe('the token endpoint', () => {
  test('takes the secret by HTTP Basic alone', async () => {
    const { key: client_id, secret: client_secret } = consumer;
    const { status, body } = await send(ACCESS_TOKEN, {
      method: 'POST',
      body: form({ grant_type: 'client_credentials', client_id, client_secret }),
    });
    expect(status).toBe(400);
    expect(JSON.parse(body).error).toBe('unauthorized_client');
  });

  test.each([
    ['JSON', { 'Content-Type': 'application/json' }, '{"grant_type":"client_credentials"}'],
    ['a form that is not called one', {}, 'grant_type=client_credentials'],
  ])('refuses %s', async (_, type, content) => {
    const request = { method: 'POST', headers: { ...basic(consumer), ...type }, body: content };
    const { status, body } = await send(ACCESS_TOKEN, request);
    expect(status).toBe(400);
    expect(JSON.parse(body).error).toBe('invalid_request');
  });

  test('refuses a grant type that it does not know', async () => {
    const { status, error } = await requestToken({ grant_type: 'password' });
    expect([status, error]).toEqual([400, 'unsupported_grant_type']);
  });

  test('takes a code with the redirect that it was asked for with, and no other', async () => {
    const changes = { redirect_uri: `${CALLBACK}/more` };
    expect(await redeem(await getCode(ann, changes))).toEqual(INVALID_GRANT);
    const elsewhere = { redirect_uri: CALLBACK };
    expect(await redeem(await getCode(ann, changes), elsewhere)).toEqual(INVALID_GRANT);
    expect(await redeem(await getCode(ann, changes), changes)).toMatchObject({ status: 200 });
  });

  test('takes a code for a minute', async () => {
    const code = await getCode(ann);
    clock += 60_000;
    expect(await redeem(code)).toEqual(INVALID_GRANT);
  });

  test('takes a refresh token from the consumer that has it, for three months', async () => {
    const { refresh_token } = await signIn();
    expect(await refresh(refresh_token, rival)).toEqual(INVALID_GRANT);
    clock += 89 * 24 * HOUR_MS;
    const renewed = await refresh(refresh_token);
    expect(renewed).toMatchObject({ status: 200, scope: 'account email' });
    clock += 90 * 24 * HOUR_MS;
    expect(await refresh(renewed.refresh_token)).toEqual(INVALID_GRANT);
  });

  test('keeps a spent refresh token spent, and the one that replaced it good', async () => {
    const first = (await signIn()).refresh_token;
    const second = (await refresh(first)).refresh_token;
    expect(await refresh(first)).toEqual(INVALID_GRANT);
    expect(await refresh(second)).toMatchObject({ status: 200 });
  });
});

describe('a token', () => {
  test.each([
    ['missing', {}],
    ['unknown', { Authorization: 'Bearer unknown' }],
    ['sent by another scheme', { Authorization: 'Basic unknown' }],
  ])('that is %s is refused', async (_, headers) => {
    const { status, body } = await send('/2.0/user', { headers });
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual(errorBody(expect.any(String)));
  });

  test.each([
    ['query', '?access_token=x', {}],
    ['body', '', { body: form({ access_token: 'x' }) }],
  ])(
    'in the %s is refused, a good one in the header notwithstanding',
    async (_, query, request) => {
      const { access_token } = await signIn();
      expect((await get(`/2.0/user${query}`, access_token, request)).status).toBe(401);
    },
  );

  test('can be made to expire for one user alone, who then refreshes it', async () => {
    const ben = addUser(world, 'ben', []);
    const [anns, bens] = [await signIn(), await signIn(ben)];
    bitbucket.expireAccessTokens(ann.uuid);
    expect((await get('/2.0/user', anns.access_token)).status).toBe(401);
    expect((await get('/2.0/user', bens.access_token)).status).toBe(200);
    const { access_token } = await refresh(anns.refresh_token);
    expect((await get('/2.0/user', access_token)).status).toBe(200);
  });

  test('can be revoked for one user alone, who then has to sign in', async () => {
    const ben = addUser(world, 'ben', []);
    const [anns, bens] = [await signIn(), await signIn(ben)];
    bitbucket.revokeTokens(ann.uuid);
    expect((await get('/2.0/user', anns.access_token)).status).toBe(401);
    expect(await refresh(anns.refresh_token)).toEqual(INVALID_GRANT);
    expect(await refresh(bens.refresh_token)).toMatchObject({ status: 200 });
    expect((await get('/2.0/user', (await signIn()).access_token)).status).toBe(200);
  });

  test('shares the calls of an hour with every other token of the same user', async () => {
    const [one, two] = [(await signIn()).access_token, (await signIn()).access_token];
    for (const token of [one, two, one]) expect((await get('/2.0/user', token)).status).toBe(200);
    const refused = await get('/2.0/user', two);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(JSON.parse(refused.body)).toEqual(errorBody(expect.any(String)));
    const bens = (await signIn(addUser(world, 'ben', []))).access_token;
    expect((await get('/2.0/user', bens)).status).toBe(200);
  });

  test('shares them whichever consumer has it, and a consumer has calls of its own', async () => {
    const token = (await signIn()).access_token;
    const code = await getCode(ann, { client_id: rival.key });
    const elsewhere = (await redeem(code, {}, rival)).access_token;
    for (const one of [token, elsewhere, token])
      expect((await get('/2.0/user', one)).status).toBe(200);
    expect((await get('/2.0/user', elsewhere)).status).toBe(429);
    expect((await get('/2.0/user', await getAppToken())).status).toBe(200);
  });

  test('has calls again when an hour has rolled over the first ones', async () => {
    const { access_token } = await signIn();
    const ask = async () => (await get('/2.0/user', access_token)).status;
    expect(await ask()).toBe(200);
    clock += HOUR_MS / 2;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    clock += HOUR_MS / 2;
    expect([await ask(), await ask()]).toEqual([200, 429]);
  });
});

describe('the API', () => {
  const GONE = {
    type: 'error',
    error: {
      message: 'CHANGE-2770 - Functionality has been deprecated',
      detail: expect.any(String),
      data: {},
    },
  };

  test.each([
    '/2.0/workspaces?role=member',
    '/2.0/workspaces/',
    '/2.0/user/permissions/workspaces',
    '/2.0/user/permissions/repositories',
    '/2.0/repositories',
  ])('says to anybody that %s is gone', async (path) => {
    const { status, body } = await send(path);
    expect(status).toBe(410);
    expect(JSON.parse(body)).toEqual(GONE);
  });

  test.each(['/2.0/teams', '/2.0/repositories/acme', '/2.0/user/workspaces//permission', '/'])(
    'has nothing at %s',
    async (path) => {
      const { status, body } = await get(path, (await signIn()).access_token);
      expect(status).toBe(404);
      expect(JSON.parse(body)).toEqual(errorBody(expect.any(String)));
    },
  );

  test.each([
    ['DELETE', '/2.0/user', 'GET'],
    ['PUT', AUTHORIZE, 'GET, POST'],
    ['GET', ACCESS_TOKEN, 'POST'],
  ])('does not take %s at %s, and says what it takes', async (method, path, allowed) => {
    const { status, headers } = await send(path, { method });
    expect([status, headers.allow]).toEqual([405, allowed]);
  });

  test.each([
    ['acme', 200],
    [acme.uuid, 200],
    ['Acme', 404],
  ])('finds the workspace called %s or not: %i', async (name, status) => {
    const { access_token } = await signIn();
    const answer = await get(`/2.0/workspaces/${encodeURIComponent(name)}`, access_token);
    expect(answer.status).toBe(status);
    if (status === 200) {
      expect(JSON.parse(answer.body)).toMatchObject({ type: 'workspace', ...acme });
    }
  });

  test.each(['pagelen=0', 'pagelen=101', 'pagelen=ten', 'page=0', 'page=-1'])(
    'refuses a page by ?%s',
    async (query) => {
      const { access_token } = await signIn();
      expect((await get(`/2.0/user/emails?${query}`, access_token)).status).toBe(400);
    },
  );

  test.each([
    ['/2.0/user/emails', 10],
    ['/2.0/user/workspaces', 25],
  ])('has pages of its own length at %s: %i', async (path, pagelen) => {
    const { body } = await get(path, (await signIn()).access_token);
    expect(JSON.parse(body)).toMatchObject({ pagelen, page: 1, size: 1 });
  });

  test('says in each answer which scopes it takes, and which the token has', async () => {
    const { access_token } = await signIn();
    const scopes = { 'x-accepted-oauth-scopes': 'account', 'x-oauth-scopes': 'account, email' };
    expect((await get('/2.0/user', access_token)).headers).toMatchObject(scopes);
    expect(
      (await get('/2.0/user/workspaces/nowhere/permission', access_token)).headers,
    ).toMatchObject(scopes);
    const { status, headers } = await send('/2.0/user');
    expect([status, headers['x-accepted-oauth-scopes']]).toEqual([401, 'account']);
    expect(headers).not.toHaveProperty('x-oauth-scopes');
  });

  test('can be told to announce the end of an endpoint, in refusals too, and of no other', async () => {
    const deprecation = '@1796083200';
    const sunset = 'Fri, 01 Jan 2027 00:00:00 GMT';
    world.deprecations.set('/2.0/user', { deprecation, sunset });
    const { access_token } = await signIn();
    const asked = [await get('/2.0/user', access_token), await send('/2.0/user')];
    for (const { headers } of asked) expect(headers).toMatchObject({ deprecation, sunset });
    expect((await get('/2.0/user/emails', access_token)).headers).not.toHaveProperty('deprecation');
    world.deprecations.set('/2.0/user', { deprecation });
    expect((await send('/2.0/user')).headers).not.toHaveProperty('sunset');
    world.deprecations.clear();
  });

  test.each(['active', 'inactive', 'closed'] as const)(
    'says that an account is %s, and goes on answering',
    async (status) => {
      const { access_token } = await signIn();
      ann.account_status = status;
      const answer = await get('/2.0/user', access_token);
      expect([answer.status, JSON.parse(answer.body).account_status]).toEqual([200, status]);
    },
  );

  test('knows a consumer as an app user, who is no workspace and has no addresses', async () => {
    const token = await getAppToken();
    const user = JSON.parse((await get('/2.0/user', token)).body);
    expect(user.type).toBe('app_user');
    expect(user.uuid).toMatch(/^\{[\da-f-]{36}\}$/);
    expect(user.uuid).not.toBe(acme.uuid);
    expect((await get('/2.0/user/emails', token)).status).toBe(403);
    expect((await get('/2.0/user/workspaces', token)).status).toBe(403);
  });

  test('tells who has a uuid, and that nobody has it', async () => {
    const token = await getAppToken();
    const found = await get(`/2.0/users/${encodeURIComponent(ann.uuid)}`, token);
    expect([found.status, JSON.parse(found.body)]).toMatchObject([200, { uuid: ann.uuid }]);
    const nobody = encodeURIComponent('{00000000-0000-4000-8000-000000000000}');
    expect((await get(`/2.0/users/${nobody}`, token)).status).toBe(404);
  });

  test('says no member for a stranger, an unknown person and an unknown workspace', async () => {
    const ben = addUser(world, 'ben', []);
    const { access_token } = await signIn();
    const ask = async (workspace: string, member: string) =>
      (
        await get(
          `/2.0/workspaces/${workspace}/members/${encodeURIComponent(member)}`,
          access_token,
        )
      ).status;
    expect(await ask('acme', ben.uuid)).toBe(404);
    expect(await ask('acme', '{no-one}')).toBe(404);
    expect(await ask('nowhere', ann.uuid)).toBe(404);
  });
});

describe('when the world changes under a token', () => {
  const PERMISSION = '/2.0/user/workspaces/acme/permission';

  test('a member who leaves has no permission, and may not look at the members', async () => {
    const { access_token } = await signIn();
    setStanding(world, ann, acme, undefined);
    expect((await get(PERMISSION, access_token)).status).toBe(403);
    const members = `/2.0/workspaces/acme/members/${encodeURIComponent(ann.uuid)}`;
    const { status, body } = await get(members, access_token);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual(errorBody('You do not have access to view this workspace.'));
    const { values } = JSON.parse((await get('/2.0/user/workspaces', access_token)).body);
    expect(values).toEqual([]);
  });

  test('an address that is confirmed is confirmed in the next answer', async () => {
    ann.emails = [{ email: 'new@example.com', is_primary: true, is_confirmed: false }];
    const { access_token } = await signIn();
    const read = async () => JSON.parse((await get('/2.0/user/emails', access_token)).body).values;
    expect(await read()).toMatchObject([{ email: 'new@example.com', is_confirmed: false }]);
    ann.emails = [{ email: 'new@example.com', is_primary: true, is_confirmed: true }];
    expect(await read()).toMatchObject([{ email: 'new@example.com', is_confirmed: true }]);
  });

  test('a workspace that is renamed is found by its uuid and its new slug', async () => {
    const workspace = addWorkspace(world, 'before');
    setStanding(world, ann, workspace, 'member');
    const { access_token } = await signIn();
    renameWorkspace(world, workspace, 'after');
    const ask = async (name: string) =>
      (await get(`/2.0/user/workspaces/${encodeURIComponent(name)}/permission`, access_token))
        .status;
    expect([await ask('before'), await ask('after'), await ask(workspace.uuid)]).toEqual([
      403, 200, 200,
    ]);
  });

  test('a slug that was given up can be taken, by a workspace of another uuid', async () => {
    const workspace = addWorkspace(world, 'wanted');
    expect(() => renameWorkspace(world, acme, 'wanted')).toThrow('wanted is taken');
    renameWorkspace(world, workspace, 'moved');
    const taken = addWorkspace(world, 'wanted');
    expect(taken.uuid).not.toBe(workspace.uuid);
    setStanding(world, ann, taken, 'owner');
    const { access_token } = await signIn();
    const { body } = await get('/2.0/user/workspaces/wanted/permission', access_token);
    expect(JSON.parse(body)).toMatchObject({
      workspace: { uuid: taken.uuid },
      permission: 'owner',
    });
    expect((await get('/2.0/user/workspaces/moved/permission', access_token)).status).toBe(403);
  });

  test('a person who is no longer there has no token that works, and no code', async () => {
    const { access_token, refresh_token } = await signIn();
    const code = await getCode(ann);
    world.users.delete(ann.uuid);
    for (const path of ['/2.0/user', '/2.0/user/workspaces', PERMISSION]) {
      expect((await get(path, access_token)).status).toBe(401);
    }
    expect(await refresh(refresh_token)).toEqual(INVALID_GRANT);
    expect(await redeem(code)).toEqual(INVALID_GRANT);
  });
});

describe('told to fail', () => {
  const EMAILS = '/2.0/user/emails';
  const askWith = async (fault: Fault, path = EMAILS) => {
    const { access_token } = await signIn();
    bitbucket.faults.set(path, fault);
    return get(path, access_token);
  };

  test.each([
    ['500', 500, {}],
    ['429 with a Retry-After', 429, { 'retry-after': '7' }],
    ['301 with a Location', 301, { location: 'https://bitbucket.org/' }],
  ])('it answers %s', async (_, status, headers) => {
    const answer = await askWith({ reply: { status, headers } });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(headers);
  });

  test.each([
    ['nothing', ''],
    ['HTML', '<!doctype html><title>Sorry</title>'],
    ['another JSON value', '[null, 1]'],
    ['two megabytes', `"${'x'.repeat(2_000_000)}"`],
  ])('it says %s', async (_, body) => {
    for (const isChunked of [false, true]) {
      const answer = await askWith({ reply: { body }, isChunked });
      expect([answer.status, answer.isComplete]).toEqual([200, true]);
      expect(answer.body).toBe(body);
      expect('content-length' in answer.headers).toBe(!isChunked);
    }
  });

  test('it cuts its own answer short', async () => {
    const answer = await askWith({
      reply: (_, reply) => ({ ...reply, body: reply.body.slice(0, -2) }),
    });
    expect(answer.isComplete).toBe(true);
    expect(() => JSON.parse(answer.body)).toThrow(SyntaxError);
  });

  test.each(['https://api.bitbucket.org', 'https://elsewhere.example'])(
    'it has always one more page, at %s',
    async (origin) => {
      const { access_token } = await signIn();
      bitbucket.faults.set(EMAILS, {
        reply: ({ url }, reply) => {
          const next = new URL(url.pathname, origin);
          next.searchParams.set('page', `${Number(url.searchParams.get('page') ?? 1) + 1}`);
          return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), next }) };
        },
      });
      for (const page of [1, 2, 3]) {
        const { body } = await get(`${EMAILS}?page=${page}`, access_token);
        expect(JSON.parse(body)).toMatchObject({ next: `${origin}${EMAILS}?page=${page + 1}` });
      }
    },
  );

  test('it drops the connection before any byte', async () => {
    await expect(askWith({ drop: 'at_once' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('it drops the connection in the middle of the body that it announced', async () => {
    const answer = await askWith({ drop: 'in_body', reply: { body: 'x'.repeat(1_000) } });
    expect(answer).toMatchObject({ status: 200, isComplete: false });
    expect(answer.headers['content-length']).toBe('1000');
    expect(answer.body.length).toBeLessThanOrEqual(500);
  });

  test.each([
    ['before the header', { delayMs: 1 }],
    ['in the body', { stallBodyMs: 1 }],
  ])('it waits %s, and then goes on', async (_, fault) => {
    const answer = await askWith(fault);
    expect([answer.status, answer.isComplete]).toEqual([200, true]);
    expect(JSON.parse(answer.body).values).toHaveLength(1);
  });

  test('it fails everywhere for *, except where it was told something else', async () => {
    const { access_token } = await signIn();
    bitbucket.faults.set('*', { reply: { status: 503 } });
    bitbucket.faults.set(EMAILS, { reply: { status: 500 } });
    expect((await get('/2.0/user', access_token)).status).toBe(503);
    expect((await get(EMAILS, access_token)).status).toBe(500);
    expect((await send(authorizePath())).status).toBe(503);
    bitbucket.faults.clear();
    expect((await get(EMAILS, access_token)).status).toBe(200);
  });
});

describe('closing', () => {
  /** Longer than any test may take. */
  const FOREVER_MS = HOUR_MS;

  test('ends a wait before the header', async () => {
    const own = await startLocalBitbucket(options);
    own.faults.set('*', { delayMs: FOREVER_MS });
    const answer = sendHttps(`${own.origin}/2.0/user`, { ca });
    const rejected = expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await vi.waitFor(() => expect(own.calls).toHaveLength(1));
    await own.close();
    await rejected;
  });

  test('ends a wait in the body, whose header has arrived', async () => {
    const own = await startLocalBitbucket(options);
    own.faults.set('*', { stallBodyMs: FOREVER_MS });
    const answer = await sendHttps(`${own.origin}/2.0/user`, { ca, onHeader: () => own.close() });
    expect(answer).toMatchObject({ status: 401, isComplete: false });
  });
});

describe('the record', () => {
  test('has every request, also refused ones, and nothing secret', async () => {
    const { access_token, refresh_token } = await signIn();
    await get(`/2.0/user?access_token=${access_token}`, access_token);
    await send('/2.0/workspaces/');
    await send('/nowhere?secret=1');
    expect(bitbucket.calls).toEqual([
      { method: 'POST', path: AUTHORIZE, endpoint: AUTHORIZE, status: 302 },
      { method: 'POST', path: ACCESS_TOKEN, endpoint: ACCESS_TOKEN, status: 200 },
      { method: 'GET', path: '/2.0/user', endpoint: '/2.0/user', status: 401 },
      { method: 'GET', path: '/2.0/workspaces/', endpoint: '/2.0/workspaces/', status: 410 },
      { method: 'GET', path: '/nowhere', endpoint: '/nowhere', status: 404 },
    ]);
    const text = JSON.stringify(bitbucket.calls);
    for (const secret of [access_token, refresh_token, consumer.secret]) {
      expect(text).not.toContain(secret);
    }
    bitbucket.clearCalls();
    expect(bitbucket.calls).toEqual([]);
  });
});
