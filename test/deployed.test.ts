/**
 * The shipped files, deployed by the real auth0-deploy-cli to a local tenant that other people use
 * too, and run there at real sign-ins. One deploy serves every test.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePathOf, listActionNames } from '../scripts/lib/build/actions.ts';
import { deployToTenant } from '../scripts/lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from '../scripts/lib/deploy/plan.ts';
import { compareWith, type Prepared, prepare } from '../scripts/lib/deploy/prepare.ts';
import { planRollback, rollBack } from '../scripts/lib/deploy/rollback.ts';
import { readTenantState } from '../scripts/lib/tenant/tenant-state.ts';
import { createBrowser } from '../scripts/local/stage/browser.ts';
import { createCast, type Scene } from '../scripts/local/stage/cast.ts';
import { createStage } from '../scripts/local/stage/perform.ts';
import { type Sandbox, startSandbox } from '../scripts/local/stage/sandbox.ts';
import {
  type Application,
  createApplication,
  type SignInResult,
} from '../scripts/local/stage/sign-in.ts';
import {
  addAction,
  addApplication,
  addConnection,
} from '../scripts/local/stage/tenant-contents.ts';
import { deployedVersionOf } from '../scripts/local/tenant/store.ts';
import { runScript } from './support/run-script.ts';

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
/** A deploy that was planned before ours was carried out. */
let secondDeployer: Prepared;

beforeAll(async () => {
  sandbox = await startSandbox({
    world: cast.world,
    consumerWorkspace: cast.allowed,
    applications: [APPLICATION, NEIGHBOUR],
    apis: [{ identifier: AUDIENCE }],
    policy: {
      CLAIM_NAMESPACE: NAMESPACE,
      ...cast.policy,
      AUTH0_ENABLED_CLIENTS: APPLICATION.name,
      // Nothing in the environment may make the import more than it is.
      AUTH0_ALLOW_DELETE: 'true',
      AUTH0_EXCLUDED: '["actions"]',
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
  // Somebody made the connection by hand, and has applications of theirs on it.
  addConnection(store, 'bitbucket', 'bitbucket', [NEIGHBOUR.clientId], {
    client_id: 'by hand',
    non_persistent_attrs: ['nickname'],
  });
  for (let index = 0; index < 60; index += 1) addApplication(store, `Application ${index}`);
  secondDeployer = await prepare(sandbox.environment);
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

  test('the connection is on for the application that was named, and stays on for the others', () => {
    const { connections, enabledClients } = sandbox.tenant.store;
    const ours = [...connections.values()].find(({ name }) => name === 'bitbucket');
    expect([...(enabledClients.get(ours?.id ?? '') ?? [])].sort()).toEqual([
      APPLICATION.clientId,
      NEIGHBOUR.clientId,
    ]);
  });

  test('the connection has the options of tenant.yaml, and keeps what that does not speak of', () => {
    const ours = [...sandbox.tenant.store.connections.values()].find(
      ({ name }) => name === 'bitbucket',
    );
    expect(ours?.options).toEqual({
      client_id: sandbox.environment.BITBUCKET_KEY,
      client_secret: sandbox.environment.BITBUCKET_SECRET,
      profile: true,
      scope: ['profile'],
      set_user_root_attributes: 'on_each_login',
      non_persistent_attrs: ['nickname'],
    });
  });

  test('a secret with quotes, markers, a newline and letters beyond ASCII arrived as it is', () => {
    const secrets = [...sandbox.tenant.store.actions.values()]
      .flatMap((action) => deployedVersionOf(action)?.secrets ?? [])
      .filter(({ name }) => name === 'BITBUCKET_SECRET');
    expect(secrets).toHaveLength(2);
    for (const { value } of secrets) {
      expect(value).toBe(sandbox.environment.BITBUCKET_SECRET);
      expect(value).toMatch(/"'\$&#@@PATH@@##PATH##\n: ü$/);
    }
  });

  test('nothing of others is gone or changed', () => {
    const { connections, enabledClients, actions, clients } = sandbox.tenant.store;
    const github = [...connections.values()].find(({ name }) => name === 'github');
    expect([...(enabledClients.get(github?.id ?? '') ?? [])]).toEqual([NEIGHBOUR.clientId]);
    expect(namesOf(actions.values())).toContain('unbound');
    expect(namesOf(clients.values())).toContain('Neighbour');
    expect(clients.size).toBe(60 + 4);
  });
});

/** The requests that change something; asking for a token does not. */
const writes = () =>
  sandbox.tenant.calls.filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');

describe('a second deploy', () => {
  test('that was planned before the first notices, and imports nothing', async () => {
    sandbox.tenant.clearCalls();
    await expect(deployToTenant(secondDeployer)).rejects.toThrow(
      /^The tenant changed after the plan was made.*Nothing of ours was imported/,
    );
    expect(writes()).toEqual([]);
  });

  test('has nothing to do, and its command writes nothing', async () => {
    sandbox.tenant.clearCalls();
    const { code, stdout } = await runScript(sandbox, 'deploy', ['--yes']);
    expect(stdout).toContain('nothing to do');
    expect(code).toBe(0);
    expect(writes()).toEqual([]);
  });

  test('is planned with exit code 0, for people and for programs', async () => {
    const { code, stdout } = await runScript(sandbox, 'plan', ['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      hasChanges: false,
      policy: {
        rules: [
          { rule: 'acme', meaning: 'whoever is in the workspace acme' },
          {
            rule: 'acme/infra:write',
            meaning: 'whoever may at least write to the repository acme/infra',
          },
          { rule: expect.stringMatching(/^@\{/), meaning: expect.stringContaining('account') },
        ],
        isForAnyWorkspace: false,
        requireVerifiedEmail: true,
        onOutage: 'deny',
      },
      warnings: [
        'auth0-deploy-cli alone would unbind marketing; here they stay bound.',
        expect.stringContaining('would drop the options non_persistent_attrs of the connection'),
        'auth0-deploy-cli alone would switch the connection bitbucket off for Neighbour; here it stays on.',
      ],
    });
  });

  test.each([
    ['another workspace', { ALLOWED_WORKSPACES: 'other' }],
    ['another value of a secret', { CLAIM_NAMESPACE: 'https://example.com/other' }],
    ['one more secret', { ON_OUTAGE: 'last_known' }],
  ])('with %s is planned with exit code 2, and tells no secret', async (_, change) => {
    sandbox.tenant.clearCalls();
    const { code, stdout } = await runScript(sandbox, 'plan', [], change);
    expect(code).toBe(2);
    expect(stdout).toContain('secret values: (hidden) → (hidden)');
    for (const value of Object.values(change)) expect(stdout).not.toContain(`→ ${value}`);
    expect(stdout).not.toContain(sandbox.environment.BITBUCKET_SECRET);
    expect(writes()).toEqual([]);
  });

  test('without --yes, where nobody can be asked, changes nothing', async () => {
    sandbox.tenant.clearCalls();
    const { code, stderr } = await runScript(sandbox, 'deploy', [], { ON_OUTAGE: 'last_known' });
    expect(code).toBe(1);
    expect(stderr).toContain('say -- --yes');
    expect(writes()).toEqual([]);
  });

  test.each([
    [
      'an application that does not exist',
      { AUTH0_ENABLED_CLIENTS: 'Nobody' },
      'no application “Nobody”',
    ],
    ['a wrong secret', { AUTH0_CLIENT_SECRET: 'wrong' }, 'does not let the deployer in: 401'],
    ['a domain with a scheme', { AUTH0_DOMAIN: 'https://x.auth0.com' }, 'must be a bare host name'],
    [
      'a domain where nobody listens',
      { AUTH0_DOMAIN: 'localhost:2' },
      'cannot be reached: ENOTFOUND',
    ],
    ['no namespace', { CLAIM_NAMESPACE: '' }, 'CLAIM_NAMESPACE is not set'],
    ['a broken access token', { AUTH0_ACCESS_TOKEN: 'x' }, '401, Invalid token'],
  ])('with %s says so in a sentence, and writes nothing', async (_, change, sentence) => {
    sandbox.tenant.clearCalls();
    const { code, stderr } = await runScript(sandbox, 'deploy', ['--yes'], change);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/at .*\.ts:\d/);
    expect(writes()).toEqual([]);
  });
});

describe('the cast', () => {
  test.each(
    cast.scenes.map((scene): [string, Scene] => [
      `${scene.person.display_name}, ${scene.title}: ${scene.expected ?? 'allowed'}`,
      scene,
    ]),
  )('%s', async (_, scene) => {
    const { code, roles, result } = await perform(scene);
    expect(code).toBe(scene.expected);
    expect(roles).toEqual(scene.expectedRoles ?? []);
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
      [`${NAMESPACE}/roles`]: ['admin', 'deployer'],
      [`${NAMESPACE}/repositories`]: [
        { uuid: expect.any(String), full_name: 'acme/infra', permission: 'admin' },
      ],
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
    expect(steps?.map((step) => step.calls)).toEqual([5, 0, undefined]);
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
      expect(log).not.toMatch(
        /@|acme|elsewhere|olivia|max|nora|gus|uma|toni|rita|dana|cleo|infra/i,
      );
    }
  });
});

test('the doctor finds everything as it should be', async () => {
  const { code, stdout } = await runScript(sandbox, 'doctor', ['--json']);
  const { findings } = JSON.parse(stdout);
  const unsound = findings.filter(({ level }: { readonly level: string }) => level !== 'ok');
  expect(unsound.map(({ check }: { readonly check: string }) => check)).toEqual([
    'Workspace acme',
    'Repository acme/infra',
  ]);
  expect(findings.length).toBe(17);
  expect(code).toBe(0);
});

describe('reading back', () => {
  /** Puts the tenant back as it was, whatever the test changed. */
  const tampering = async (tamper: () => void): Promise<readonly string[]> => {
    const { store } = sandbox.tenant;
    const kept = structuredClone({ ...store });
    const read = async () => {
      const prepared = await prepare(sandbox.environment);
      return { prepared, state: await readTenantState(prepared.api, prepared.declared) };
    };
    tamper();
    const { prepared, state } = await read().finally(() => Object.assign(store, kept));
    return compareWith(prepared, state, { trustSecrets: true }).flatMap(
      ({ resource, change, fields }) =>
        change === 'create'
          ? [`${resource}: create`]
          : fields.map(({ field }) => `${resource}: ${field}`),
    );
  };
  const { connectionOf, actionOf } = {
    connectionOf: () =>
      [...sandbox.tenant.store.connections.values()].find(({ name }) => name === 'bitbucket'),
    actionOf: () =>
      [...sandbox.tenant.store.actions.values()].find(
        ({ name }) => name === 'bitbucket-email-verification',
      ),
  };
  const changeVersion = (change: object) => {
    const action = actionOf();
    const version = action && deployedVersionOf(action);
    if (version !== undefined) Object.assign(version, change);
  };

  test.each<[string, () => void]>([
    [
      'Connection bitbucket: options.profile',
      () => Object.assign(connectionOf()?.options ?? {}, { profile: false }),
    ],
    [
      'Connection bitbucket: options.client_secret',
      () => Object.assign(connectionOf()?.options ?? {}, { client_secret: 'x' }),
    ],
    [
      'Connection bitbucket: enabled for',
      () =>
        sandbox.tenant.store.enabledClients
          .get(connectionOf()?.id ?? '')
          ?.delete(APPLICATION.clientId),
    ],
    [
      'Action bitbucket-email-verification: code',
      () => changeVersion({ code: 'exports.onExecutePostLogin = () => {};' }),
    ],
    ['Action bitbucket-email-verification: runtime', () => changeVersion({ runtime: 'node18' })],
    ['Action bitbucket-email-verification: secrets', () => changeVersion({ secrets: [] })],
    [
      'Action bitbucket-email-verification: draft',
      () => Object.assign(actionOf() ?? {}, { hasChanges: true }),
    ],
    [
      'Action bitbucket-email-verification: create',
      () => {
        const { store } = sandbox.tenant;
        store.bindings.splice(0, 1);
        store.actions.delete(actionOf()?.id ?? '');
      },
    ],
    ['Login flow: order', () => sandbox.tenant.store.bindings.splice(0, 1)],
    [
      'Application Bitbucket login checks: grant_types',
      () => {
        for (const client of sandbox.tenant.store.clients.values()) {
          if (client.name === 'Bitbucket login checks') client.grant_types = [];
        }
      },
    ],
    [
      'Grant of Bitbucket login checks for https://DOMAIN/api/v2/: scope',
      () => {
        for (const grant of sandbox.tenant.store.grants.values()) {
          if (grant.client_id !== 'local-deployer')
            grant.scope = [...(grant.scope ?? []), 'update:users'];
        }
      },
    ],
  ])('finds %s', async (expected, tamper) => {
    const differences = await tampering(tamper);
    expect(differences).toContain(expected.replace('DOMAIN', sandbox.tenant.domain));
  });

  test('finds nothing where nothing was changed', async () => {
    expect(await tampering(() => {})).toEqual([]);
  });
});

describe('a rollback', () => {
  test('needs a version to go back to', async () => {
    const { code, stderr } = await runScript(sandbox, 'rollback', ['--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('There is nothing earlier to go back to; nothing was changed.');
    expect(stderr).toContain('has no version before 1');
  });

  test('puts the version before back, and the next plan knows', async () => {
    const { api, declared } = await prepare(sandbox.environment);
    for (const { name } of declared.actions) await deployOtherCode(name);
    const plan = await planRollback(api, declared);
    expect(plan.steps.map(({ from, to }) => [from.number, to.number])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    await rollBack(api, plan);
    for (const name of await listActionNames()) {
      const action = [...sandbox.tenant.store.actions.values()].find(
        (other) => other.name === name,
      );
      const version = action && deployedVersionOf(action);
      expect(version).toMatchObject({
        number: 3,
        code: await readFile(bundlePathOf(name), 'utf8'),
      });
    }
    // Run again it does not go forward to what it went back from.
    await expect(planRollback(api, declared)).rejects.toThrow(
      /nothing earlier.*bitbucket-email-verification runs what version 1 was/,
    );
    // Whether the secrets went back too, nobody can read: so the next deploy does them again.
    const { changes } = await prepare(sandbox.environment);
    expect(hasChanges(changes)).toBe(true);
  });

  async function deployOtherCode(name: string): Promise<void> {
    const { store } = sandbox.tenant;
    const action = [...store.actions.values()].find((other) => other.name === name);
    const version = action && deployedVersionOf(action);
    if (action === undefined || version === undefined) throw new Error(name);
    const other = { ...version, id: `${version.id}f`, number: 2, code: '// other' };
    action.versions.push(other);
    action.deployedVersionId = other.id;
  }
});
