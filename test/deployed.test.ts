/**
 * The shipped files, deployed by the real auth0-deploy-cli to a local tenant that other people use
 * too, and run there at real sign-ins. One deploy serves every test.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePathOf, listActionNames } from '../scripts/lib/actions.ts';
import { deployToTenant } from '../scripts/lib/deploy-to-tenant.ts';
import { prepare } from '../scripts/lib/prepare.ts';
import { createBrowser } from '../scripts/local/browser.ts';
import { createCast, type Scene } from '../scripts/local/cast.ts';
import { createStage } from '../scripts/local/perform.ts';
import { type Sandbox, startSandbox } from '../scripts/local/sandbox.ts';
import {
  type Application,
  createApplication,
  type SignInResult,
} from '../scripts/local/sign-in.ts';
import { deployedVersionOf } from '../scripts/local-tenant/store.ts';
import { addAction, addConnection } from './support/tenant-contents.ts';

const NAMESPACE = 'https://example.com/bitbucket';
const AUDIENCE = 'https://api.example.com';
const CALLBACK = 'https://app.example.com/callback';
const APPLICATION = { clientId: 'example-app', name: 'Example App', callbacks: [CALLBACK] };
/** Enabled for nothing of ours; it must stay as it is. */
const NEIGHBOUR = { clientId: 'neighbour', name: 'Neighbour', callbacks: [CALLBACK] };

const cast = createCast();
let sandbox: Sandbox;
let application: Application;
let perform: ReturnType<typeof createStage>;

beforeAll(async () => {
  sandbox = await startSandbox({
    world: cast.world,
    consumerWorkspace: cast.allowed,
    applications: [APPLICATION, NEIGHBOUR],
    apis: [AUDIENCE],
    policy: {
      CLAIM_NAMESPACE: NAMESPACE,
      ALLOWED_WORKSPACES: cast.allowed.slug,
      AUTH0_ENABLED_CLIENTS: APPLICATION.name,
    },
  });
  const { store } = sandbox.tenant;
  addAction(store, 'marketing', {
    isBound: true,
    code: `exports.onExecutePostLogin = async (event, api) => {
      api.idToken.setCustomClaim('https://marketing.example.com/was', 'here');
    };`,
  });
  addAction(store, 'unbound', { isBound: false });
  addConnection(store, 'github', 'github', [NEIGHBOUR.clientId]);
  await deployToTenant(await prepare(sandbox.environment));
  application = await createApplication({
    issuer: `${sandbox.tenant.origin}/`,
    clientId: APPLICATION.clientId,
    callbackUrl: CALLBACK,
    audience: AUDIENCE,
  });
  perform = createStage(sandbox, application);
});
afterAll(() => sandbox?.close());

const namesOf = (entries: Iterable<{ readonly name: string }>) =>
  [...entries].map(({ name }) => name);

describe('after a deploy', () => {
  test('what is deployed is the very file that was built', async () => {
    const { actions } = sandbox.tenant.store;
    for (const name of await listActionNames()) {
      const action = [...actions.values()].find((candidate) => candidate.name === name);
      const version = action && deployedVersionOf(action);
      expect(version?.code).toBe(await readFile(bundlePathOf(name), 'utf8'));
      expect(version?.runtime).toBe('node22');
    }
  });

  test('our Actions are bound first, and the Action of others stays bound', () => {
    const { bindings, actions } = sandbox.tenant.store;
    expect(bindings.map(({ actionId }) => actions.get(actionId)?.name)).toEqual([
      'bitbucket-email-verification',
      'bitbucket-workspace-membership',
      'marketing',
    ]);
  });

  test('the machine-to-machine application may read users and their upstream tokens, no more', () => {
    const { clients, grants } = sandbox.tenant.store;
    const machine = [...clients.values()].find(({ name }) => name === 'Bitbucket login checks');
    const granted = [...grants.values()].filter(
      ({ client_id }) => client_id === machine?.client_id,
    );
    expect(granted.map(({ audience, scope }) => ({ audience, scope }))).toEqual([
      {
        audience: `https://${sandbox.tenant.domain}/api/v2/`,
        scope: ['read:users', 'read:user_idp_tokens'],
      },
    ]);
    expect(machine?.grant_types).toEqual(['client_credentials']);
  });

  test('the connection is there for the application that was named, and for no other', () => {
    const { connections, enabledClients } = sandbox.tenant.store;
    const ours = [...connections.values()].find(({ name }) => name === 'bitbucket');
    expect(ours).toMatchObject({ strategy: 'bitbucket', options: { profile: true } });
    expect([...(enabledClients.get(ours?.id ?? '') ?? [])]).toEqual([APPLICATION.clientId]);
  });

  test('nothing of others is gone or changed', () => {
    const { connections, enabledClients, actions, clients } = sandbox.tenant.store;
    const github = [...connections.values()].find(({ name }) => name === 'github');
    expect([...(enabledClients.get(github?.id ?? '') ?? [])]).toEqual([NEIGHBOUR.clientId]);
    expect(namesOf(actions.values())).toContain('unbound');
    expect(namesOf(clients.values())).toContain('Neighbour');
  });
});

describe('the cast', () => {
  test.each(
    cast.scenes.map((scene): [string, Scene] => [
      `${scene.person.display_name}, ${scene.title}: ${scene.expected ?? 'allowed'}`,
      scene,
    ]),
  )('%s', async (_, scene) => {
    const { code, result } = await perform(scene);
    expect(code).toBe(scene.expected);
    if (result.kind === 'refused') {
      expect(result.error).toBe('access_denied');
      expect(result.description).toMatch(/^bitbucket_[a-z_]+: [A-Z].*\.$/);
    }
  });
});

describe('a sign-in', () => {
  const [olivia] = cast.scenes.map(({ person }) => person);
  const signIn = (params?: Readonly<Record<string, string>>): Promise<SignInResult> =>
    application.signIn(createBrowser({ userUuid: olivia?.uuid ?? '' }), params);

  test('puts the same claims into the ID token and the access token', async () => {
    const result = await signIn();
    if (result.kind !== 'allowed') throw new Error(result.description);
    const ours = (claims: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(claims).filter(([name]) => name.startsWith(NAMESPACE)));
    expect(ours(result.idToken)).toEqual({
      [`${NAMESPACE}/email`]: 'olivia@example.com',
      [`${NAMESPACE}/email_verified`]: true,
      [`${NAMESPACE}/uuid`]: olivia?.uuid,
      // She is in another workspace too, which is nobody's business.
      [`${NAMESPACE}/workspaces`]: [{ uuid: cast.allowed.uuid, slug: 'acme', permission: 'owner' }],
      [`${NAMESPACE}/groups`]: ['acme', 'acme:owner'],
    });
    expect(ours(result.accessToken)).toEqual(ours(result.idToken));
    expect(result.idToken['https://marketing.example.com/was']).toBe('here');
  });

  test('asks each thing once, and the second Action asks nothing', async () => {
    sandbox.tenant.clearCalls();
    sandbox.bitbucket.clearCalls();
    await signIn();
    const steps = sandbox.tenant.logins
      .at(-1)
      ?.result.steps.map(({ log }) => JSON.parse(log || '{}'));
    expect(steps?.map((step) => step.calls)).toEqual([4, 0, undefined]);
    expect(sandbox.tenant.calls.filter(({ path }) => path === '/api/v2/users/{id}')).toHaveLength(
      1,
    );
  });

  test('keeps what was found in app_metadata, without a token or an address', async () => {
    await signIn();
    const user = sandbox.tenant.store.users.get(`bitbucket|${olivia?.uuid}`);
    expect(user?.app_metadata.bitbucket).toEqual({
      uuid: olivia?.uuid,
      email_verified: true,
      workspaces: [{ uuid: cast.allowed.uuid, slug: 'acme', permission: 'owner' }],
      checked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const kept = JSON.stringify(user?.app_metadata);
    for (const identity of user?.identities ?? [])
      expect(kept).not.toContain(identity.access_token);
    expect(kept).not.toContain('olivia@');
  });

  test('on the session alone is refused once the Bitbucket token has expired', async () => {
    const browser = createBrowser({ userUuid: olivia?.uuid ?? '' });
    expect((await application.signIn(browser)).kind).toBe('allowed');
    sandbox.bitbucket.expireAccessTokens(olivia?.uuid ?? '');
    const again = await application.signIn(browser, { prompt: 'none' });
    expect(again).toMatchObject({
      kind: 'refused',
      description: expect.stringMatching(/^bitbucket_login_required: /),
    });
  });

  test('logs no token, secret, address or name', async () => {
    const secrets = [...sandbox.tenant.store.actions.values()]
      .flatMap((action) => deployedVersionOf(action)?.secrets ?? [])
      .filter(({ name }) => name.endsWith('SECRET'))
      .map(({ value }) => value);
    const tokens = [...sandbox.tenant.store.users.values()].flatMap(({ identities }) =>
      identities.flatMap(({ access_token, refresh_token }) => [access_token, refresh_token]),
    );
    const logs = sandbox.tenant.logins.flatMap(({ result }) => result.steps.map(({ log }) => log));
    expect(secrets.length).toBeGreaterThan(0);
    expect(tokens.length).toBeGreaterThan(0);
    for (const log of logs) {
      for (const secret of [...secrets, ...tokens]) expect(log).not.toContain(secret);
      expect(log).not.toMatch(/@|acme|elsewhere|olivia|max|nora|gus|uma|toni/i);
    }
  });
});
