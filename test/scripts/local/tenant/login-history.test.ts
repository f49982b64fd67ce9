/** Every login that is tried is written down, also those that end before the login flow. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { connectBitbucket } from '#scripts/local/stage/connect-bitbucket.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { type Application, createApplication } from '#scripts/local/stage/sign-in.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { createLoginHistory, type LoginHistory } from '#scripts/local/tenant/login-history.ts';
import { sendHttps } from '#test/support/https-request.ts';

const CALLBACK = 'https://app.example.com/callback';
const AUDIENCE = 'https://api.example.com';
const world = createWorld();
const acme = addWorkspace(world, 'acme');
const olivia = addUser(world, 'olivia', [{ email: 'olivia@example.com' }]);

let sandbox: Sandbox;
let application: Application;
let history: LoginHistory;

const open = (clientId: string) =>
  createApplication({
    issuer: `${sandbox.tenant.origin}/`,
    clientId,
    callbackUrl: CALLBACK,
    audience: AUDIENCE,
  });

beforeAll(async () => {
  sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: ['app', 'other'].map((clientId) => ({
      clientId,
      name: clientId,
      callbacks: [CALLBACK],
    })),
    apis: [{ identifier: AUDIENCE }],
    policy: {},
  });
  connectBitbucket(sandbox, 'app');
  addAction(sandbox.tenant.store, 'gate', {
    isBound: true,
    code: `exports.onExecutePostLogin = async (event, api) => {
      if (event.request.query.refuse) api.access.deny('no_entry: Not you.');
    };`,
  });
  application = await open('app');
  history = sandbox.tenant.history;
});
beforeEach(() => history.clear());
afterAll(() => sandbox.close());

const browser = (decision: 'grant' | 'deny' = 'grant') =>
  createBrowser({ userUuid: olivia.uuid, decision });

describe('a login is written down', () => {
  it('when somebody gets in, once', async () => {
    await application.signIn(browser());
    expect(history.all).toMatchObject([
      {
        kind: 'flow',
        clientId: 'app',
        protocol: 'oidc-basic-profile',
        userId: `bitbucket|${olivia.uuid}`,
        result: { outcome: 'allowed' },
      },
    ]);
    expect(history.flows).toEqual(history.all);
  });

  it('when an Action denies it, once', async () => {
    const result = await application.signIn(browser(), { refuse: 'yes' });
    expect(result.kind).toBe('refused');
    expect(history.all.map(({ kind }) => kind)).toEqual(['flow']);
  });

  it('when somebody cancels at Bitbucket', async () => {
    await application.signIn(browser('deny'));
    expect(history.all).toMatchObject([
      { kind: 'ended', clientId: 'app', error: 'access_denied', userId: undefined },
    ]);
    expect(history.flows).toEqual([]);
  });

  it('when the connection is not enabled for the application', async () => {
    await (await open('other')).signIn(browser());
    expect(history.all).toMatchObject([
      { kind: 'ended', clientId: 'other', description: 'the connection is not enabled' },
    ]);
  });

  it('when the callback is not the application’s, once', async () => {
    const url = new URL('/authorize', sandbox.tenant.origin);
    url.search = String(
      new URLSearchParams({
        client_id: 'app',
        redirect_uri: 'https://elsewhere.example/callback',
        response_type: 'code',
        scope: 'openid',
      }),
    );
    const { status } = await sendHttps(url.href, { ca: sandbox.certificate });
    expect(status).toBe(400);
    expect(history.all).toMatchObject([{ kind: 'ended', clientId: 'app' }]);
  });

  it('when there is no session for prompt=none', async () => {
    await application.signIn(browser(), { prompt: 'none' });
    expect(history.all).toMatchObject([{ kind: 'ended', error: 'login_required' }]);
  });

  it('when it is a refresh, and when that is of a token that nobody has', async () => {
    const first = await application.signIn(browser());
    if (first.kind !== 'allowed') throw new Error(first.description);
    await application.refresh(first.refreshToken ?? '');
    await application.refresh('nobody-has-this-one');
    expect(history.all.slice(1)).toMatchObject([
      { kind: 'flow', protocol: 'oauth2-refresh-token' },
      { kind: 'ended', protocol: 'oauth2-refresh-token', error: 'invalid_grant' },
    ]);
  });
});

describe('nothing is written down', () => {
  it('of a machine that asks for a token', async () => {
    const answer = await sendHttps(`${sandbox.tenant.origin}/oauth/token`, {
      ca: sandbox.certificate,
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'machine',
        client_secret: 'wrong',
      }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(history.all).toEqual([]);
  });

  it('that is a token, a code or a secret', async () => {
    const result = await application.signIn(browser());
    if (result.kind !== 'allowed') throw new Error(result.description);
    await application.refresh(result.refreshToken ?? '');
    const text = JSON.stringify(history.all);
    const upstream = sandbox.tenant.store.users.get(`bitbucket|${olivia.uuid}`)?.identities[0];
    const secrets = [
      result.refreshToken,
      upstream?.access_token,
      upstream?.refresh_token,
      sandbox.environment.BITBUCKET_SECRET,
    ];
    for (const secret of secrets) {
      expect(secret).toBeTruthy();
      expect(text).not.toContain(secret);
    }
  });
});

describe('the history', () => {
  it('keeps the newest 200, and tells each to who asked', () => {
    const one = createLoginHistory(() => 0);
    const heard: number[] = [];
    one.subscribe(({ id }) => heard.push(id));
    const flow = {
      startedAt: '',
      protocol: '',
      clientId: '',
      userId: '',
      connection: '',
      event: { client: { client_id: '' }, user: { user_id: '' } },
      result: {
        outcome: 'allowed' as const,
        idTokenClaims: {},
        accessTokenClaims: {},
        appMetadata: {},
        userMetadata: {},
        revoked: [],
        steps: [],
      },
    };
    for (let count = 0; count < 203; count += 1) one.addFlow(flow);
    expect(one.all).toHaveLength(200);
    expect(one.flows).toHaveLength(200);
    expect(one.all[0]?.id).toBe(4);
    expect(heard).toHaveLength(203);
  });
});
