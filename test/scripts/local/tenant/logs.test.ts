/** What the tenant's log says of sign-ins, exchanges and logouts, held to what real tenants wrote. */
import axios from 'axios';
import * as oidc from 'openid-client';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { createApplication } from '#scripts/local/stage/sign-in.ts';
import { addAction, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { connectAsDeployer } from '#test/support/management-client.ts';

const API = 'https://api.example.com';
const CALLBACK = 'https://app.example.com/callback';
const world = createWorld();
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const USER_ID = `bitbucket|${ann.uuid}`;
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [
    { clientId: 'app', name: 'App', callbacks: [CALLBACK] },
    { clientId: 'other', name: 'Other', callbacks: [CALLBACK] },
  ],
  apis: [{ identifier: API }],
  policy: {},
});
const { tenant } = sandbox;
const { store, origin, domain } = tenant;
addConnection(store, 'bitbucket', 'bitbucket', ['app'], {
  client_id: sandbox.environment.BITBUCKET_KEY,
  client_secret: sandbox.environment.BITBUCKET_SECRET,
});
const [connectionId] = [...store.connections.keys()];
const app = await createApplication({
  issuer: `${origin}/`,
  clientId: 'app',
  callbackUrl: CALLBACK,
  audience: API,
});
const api = await connectAsDeployer(tenant);
afterAll(() => sandbox.close());

const annsBrowser = (decision: 'grant' | 'deny' = 'grant') =>
  createBrowser({ userUuid: ann.uuid, decision });

/** Binds an Action that does this. */
function bind(body: string): void {
  store.actions.clear();
  store.bindings = [];
  const code = `exports.onExecutePostLogin = async (event, api) => { ${body} };`;
  addAction(store, 'action', { isBound: true, code });
}

/** What was written since, as the Management API shows it, the oldest first. */
async function readNew(since: string): Promise<readonly Record<string, unknown>[]> {
  const { data } = await api.get('logs', { params: { from: since, take: 100 } });
  return data;
}
const newestId = () => tenant.log.list().at(-1)?.log_id ?? '';
const typesOf = (events: readonly Record<string, unknown>[]) => events.map(({ type }) => type);
/** What every event of a request has, and no two alike. */
const EVENT = {
  date: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  log_id: expect.stringMatching(/^900\d{53}$/),
  _id: expect.stringMatching(/^900\d{53}$/),
  isMobile: false,
  ip: '127.0.0.1',
  user_agent: expect.any(String),
  hostname: domain,
};
const OF_APP = { client_id: 'app', client_name: 'App' };
const OF_ANN = { user_id: USER_ID, user_name: 'ann@example.com' };
const AT_BITBUCKET = {
  connection: 'bitbucket',
  connection_id: connectionId,
  strategy: 'bitbucket',
  strategy_type: 'social',
};

beforeEach(() => bind(''));

describe('a sign-in', () => {
  test('is s with the connection, and the exchange of its code seacft without it', async () => {
    const since = newestId();
    await app.signIn(annsBrowser());
    const [signIn, exchange, ...others] = await readNew(since);
    expect(others).toEqual([]);
    expect(signIn).toEqual({
      ...EVENT,
      ...OF_APP,
      ...OF_ANN,
      ...AT_BITBUCKET,
      type: 's',
      details: {
        session_id: expect.any(String),
        stats: { loginsCount: store.users.get(USER_ID)?.logins_count },
      },
    });
    expect(exchange).toEqual({
      ...EVENT,
      ...OF_APP,
      ...OF_ANN,
      type: 'seacft',
      description: 'Authorization Code for Access Token',
      connection_id: '',
      audience: API,
      details: { code: expect.stringMatching(/^\*+[\w-]{3}$/) },
    });
  });

  test('without anybody at the connection is s without one', async () => {
    const browser = annsBrowser();
    await app.signIn(browser);
    const since = newestId();
    await app.signIn(browser);
    const [signIn] = await readNew(since);
    expect(signIn).toMatchObject({ type: 's', connection_id: '', ...OF_ANN });
    expect(signIn).not.toHaveProperty('connection');
    expect(signIn).not.toHaveProperty('strategy');
  });

  test('with prompt=none is ssa, or fsa', async () => {
    const browser = annsBrowser();
    await app.signIn(browser);
    const since = newestId();
    await app.signIn(browser, { prompt: 'none' });
    await app.signIn(annsBrowser(), { prompt: 'none' });
    const events = await readNew(since);
    expect(typesOf(events)).toEqual(['ssa', 'seacft', 'fsa']);
    expect(events[2]).toMatchObject({ description: 'Login required', ...OF_APP });
    expect(events[2]).not.toHaveProperty('user_id');
  });

  test('that an Action denies is f with what it said', async () => {
    bind('api.access.deny("some_code: A sentence for Ann.");');
    const since = newestId();
    await app.signIn(annsBrowser());
    expect(await readNew(since)).toEqual([
      {
        ...EVENT,
        ...OF_APP,
        ...OF_ANN,
        ...AT_BITBUCKET,
        type: 'f',
        description: 'some_code: A sentence for Ann.',
        audience: API,
        scope: ['openid', 'profile', 'email', 'offline_access'],
        details: {
          body: {},
          qs: expect.objectContaining({ client_id: 'app', redirect_uri: CALLBACK }),
          connection: 'bitbucket',
          error: {
            message: 'some_code: A sentence for Ann.',
            oauthError: 'access_denied',
            type: 'oauth-authorization',
          },
          session_id: expect.any(String),
          stats: { loginsCount: expect.any(Number) },
        },
      },
    ]);
  });

  test('with prompt=none that an Action denies is fsa with what it said', async () => {
    const browser = annsBrowser();
    await app.signIn(browser);
    bind('api.access.deny("some_code: A sentence.");');
    const since = newestId();
    await app.signIn(browser, { prompt: 'none' });
    expect(await readNew(since)).toMatchObject([
      { type: 'fsa', description: 'some_code: A sentence.', ...OF_ANN },
    ]);
  });

  test('that is cancelled at Bitbucket is f of nobody', async () => {
    const since = newestId();
    await app.signIn(annsBrowser('deny'));
    const events = await readNew(since);
    expect(events).toMatchObject([
      {
        type: 'f',
        connection: 'bitbucket',
        connection_id: connectionId,
        details: { error: { oauthError: 'access_denied' } },
      },
    ]);
    expect(events[0]).not.toHaveProperty('user_id');
  });
});

describe('what is refused before a sign-in', () => {
  const authorize = (params: object) =>
    axios.get(`${origin}/authorize`, {
      validateStatus: () => true,
      params: { client_id: 'app', response_type: 'code', scope: 'openid profile', ...params },
    });

  test('is f as a tenant wrote it: a connection that is not enabled', async () => {
    const other = await createApplication({
      issuer: `${origin}/`,
      clientId: 'other',
      callbackUrl: CALLBACK,
      audience: API,
    });
    const since = newestId();
    await other.signIn(annsBrowser());
    expect(await readNew(since)).toMatchObject([
      {
        type: 'f',
        description: 'the connection is not enabled',
        connection: 'bitbucket',
        connection_id: connectionId,
        client_id: 'other',
        client_name: 'Other',
        details: {
          body: {},
          qs: { client_id: 'other', connection: 'bitbucket' },
          connection: 'bitbucket',
          error: {
            message: 'the connection is not enabled',
            oauthError: 'invalid_request',
            type: 'request-error',
          },
        },
      },
    ]);
  });

  test('is f as a tenant wrote it: a callback that is not declared', async () => {
    const since = newestId();
    await authorize({ redirect_uri: 'http://localhost:3000/callback' });
    const message =
      'Callback URL mismatch. http://localhost:3000/callback is not in the list of allowed callback URLs';
    expect(await readNew(since)).toMatchObject([
      {
        type: 'f',
        description: message,
        connection_id: '',
        details: { error: { message, type: 'callback-url-mismatch' } },
      },
    ]);
  });

  test('is f as a tenant wrote it: an application that is not there', async () => {
    const since = newestId();
    await authorize({ client_id: 'nobody', redirect_uri: CALLBACK });
    expect(await readNew(since)).toMatchObject([
      {
        type: 'f',
        description: 'Unknown client: nobody',
        details: {
          error: { message: 'Unknown client: nobody', oauthError: 'invalid_request' },
        },
      },
    ]);
  });
});

describe('an exchange', () => {
  const signInForRefreshToken = async () => {
    const result = await app.signIn(annsBrowser());
    if (result.kind !== 'allowed') throw new Error(result.description);
    return result.refreshToken ?? '';
  };

  test('of a refresh token is sertft of the person', async () => {
    const token = await signInForRefreshToken();
    const since = newestId();
    await app.refresh(token);
    expect(await readNew(since)).toMatchObject([
      { ...EVENT, ...OF_APP, ...OF_ANN, type: 'sertft', audience: API },
    ]);
  });

  test('of a refresh token that an Action denies is fertft with what it said', async () => {
    const token = await signInForRefreshToken();
    bind('api.access.deny("some_code: A sentence.");');
    const since = newestId();
    await app.refresh(token);
    const events = await readNew(since);
    expect(events).toMatchObject([
      { ...EVENT, ...OF_APP, ...OF_ANN, type: 'fertft', description: 'some_code: A sentence.' },
    ]);
    expect(events[0]).not.toHaveProperty('strategy');
  });

  test('of a refresh token that is none is fertft, of one that was used already ferrt', async () => {
    const token = await signInForRefreshToken();
    await app.refresh(token);
    const since = newestId();
    await app.refresh('no-such-token');
    await app.refresh(token);
    expect(await readNew(since)).toMatchObject([
      { type: 'fertft', description: 'Token could not be decoded or is missing in DB' },
      {
        type: 'ferrt',
        description: 'Reused rotating refresh token detected, revoked the family',
        ...OF_ANN,
      },
    ]);
  });

  test('of a code that is none is feacft of nobody', async () => {
    const since = newestId();
    await axios.post(
      `${origin}/oauth/token`,
      {
        grant_type: 'authorization_code',
        client_id: 'app',
        code: 'invented',
        redirect_uri: CALLBACK,
        code_verifier: oidc.randomPKCECodeVerifier(),
      },
      { validateStatus: () => true },
    );
    expect(await readNew(since)).toMatchObject([
      {
        type: 'feacft',
        description: 'Invalid authorization code',
        connection_id: '',
        details: { code: '*****ted' },
        user_id: '',
        user_name: '',
      },
    ]);
  });

  test('of a machine’s credentials is seccft', async () => {
    const since = newestId();
    await connectAsDeployer(tenant);
    expect(await readNew(since)).toMatchObject([
      { type: 'seccft', client_id: 'local-deployer', audience: `${origin}/api/v2/`, user_id: '' },
    ]);
  });
});

test('a logout is slo of the person, at the connection that they came from', async () => {
  const cookies = new Map<string, string>();
  const keep = axios.interceptors.response.use((response) => {
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  });
  try {
    await app.signIn(annsBrowser());
    const since = newestId();
    await axios.get(`${origin}/v2/logout?client_id=app`, {
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    expect(await readNew(since)).toMatchObject([
      { ...EVENT, ...OF_APP, ...OF_ANN, ...AT_BITBUCKET, type: 'slo' },
    ]);
  } finally {
    axios.interceptors.response.eject(keep);
  }
});
