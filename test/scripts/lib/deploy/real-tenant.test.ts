/**
 * A deploy to a tenant that behaves as real ones were recorded to: what it does not show, what it
 * refuses, what takes its time, and what others have in it.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import type { TenantAssets } from '#scripts/lib/tenant/assets.ts';
import { DEPLOYER_SCOPES } from '#scripts/lib/tenant/deployer-scopes.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction, addApplication, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { deployedVersionOf } from '#scripts/local/tenant/store.ts';
import { leftToDo, lookAtDoor, OURS, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';
import { runScript } from '#test/support/run-script.ts';

const declared = await readTenantFile();
let open: Sandbox | undefined;
const start = async (options: Parameters<typeof startTenant>[0] = {}): Promise<Sandbox> => {
  open = await startTenant(options);
  return open;
};
/** auth0-deploy-cli waits 2.5 s after a connection that it makes; this one is on for nobody. */
const startWithConnection: typeof start = async (options) => {
  const sandbox = await start(options);
  addConnection(sandbox.tenant.store, 'bitbucket', 'bitbucket', []);
  return sandbox;
};
afterEach(async () => {
  await open?.close();
  open = undefined;
});
const deploy = async (sandbox: Sandbox, file?: TenantAssets) =>
  deployToTenant(await prepare(sandbox.environment, file), importHere);
const without = (...scopes: readonly string[]) =>
  DEPLOYER_SCOPES.filter((scope) => !scopes.includes(scope));
const machineOf = ({ tenant: { store } }: Sandbox) =>
  [...store.clients.values()].find(({ name }) => name === declared.clients[0]?.name);
const bound = ({ tenant: { store } }: Sandbox) =>
  store.bindings.map(({ actionId }) => store.actions.get(actionId)?.name);

describe('before the first write is refused', () => {
  test('a deployer without any one of the scopes, by its name', { timeout: 60_000 }, async () => {
    const sandbox = await start({ deployerScopes: DEPLOYER_SCOPES });
    const [grant] = sandbox.tenant.store.grants.values();
    for (const scope of DEPLOYER_SCOPES) {
      if (grant !== undefined) Object.assign(grant, { scope: without(scope) });
      await expect(prepare(sandbox.environment)).rejects.toThrow(`lacks the scope ${scope};`);
    }
    expect(writesOf(sandbox)).toEqual([]);
  });

  test('a deployer without the two scopes of options, both of them named', async () => {
    const scopes = ['read:connections_options', 'update:connections_options'];
    const sandbox = await start({ deployerScopes: without(...scopes) });
    const kept = { upstream_params: { screen_name: { alias: 'login_hint' } } };
    addConnection(sandbox.tenant.store, 'bitbucket', 'bitbucket', ['app'], kept);
    await expect(prepare(sandbox.environment)).rejects.toThrow(
      `lacks the scopes ${scopes.join(', ')}; nothing was changed`,
    );
    expect([...sandbox.tenant.store.connections.values()][0]?.options).toEqual(kept);
  });

  test('a connection that does not show its options, whatever the token says', async () => {
    const sandbox = await start();
    addConnection(sandbox.tenant.store, 'bitbucket', 'bitbucket', [], { kept: true });
    sandbox.tenant.faults.set('GET /api/v2/connections', {
      reply: (_, reply) => {
        const { connections, ...page } = JSON.parse(reply.body);
        const hidden = connections.map(
          ({ options: _o, ...connection }: { options: unknown }) => connection,
        );
        return { ...reply, body: JSON.stringify({ ...page, connections: hidden }) };
      },
    });
    await expect(prepare(sandbox.environment)).rejects.toThrow(
      /did not show its options.*read:connections_options and update:connections_options/,
    );
  });

  test('a connection of the same name and another strategy', async () => {
    const sandbox = await start();
    addConnection(sandbox.tenant.store, 'bitbucket', 'oauth2', []);
    await expect(prepare(sandbox.environment)).rejects.toThrow(
      'of the strategy oauth2, not bitbucket',
    );
  });

  test('the 21st Action of the login flow', async () => {
    const sandbox = await start();
    for (let index = 0; index < 18; index += 1) {
      addAction(sandbox.tenant.store, `other ${index}`, { isBound: true });
    }
    await expect(prepare(sandbox.environment)).rejects.toThrow(
      '21 Actions would be bound to the login flow; Auth0 takes 20',
    );
  });

  test('the 101st Action of the tenant', async () => {
    const sandbox = await start();
    for (let index = 0; index < 98; index += 1) {
      addAction(sandbox.tenant.store, `other ${index}`, { isBound: false });
    }
    await expect(prepare(sandbox.environment)).rejects.toThrow(
      'the tenant has 99 Actions and would have 101; Auth0 takes 100',
    );
  });

  test('an application of ours that is there twice', async () => {
    const sandbox = await start();
    for (let index = 0; index < 2; index += 1) {
      addApplication(sandbox.tenant.store, 'Bitbucket login checks');
    }
    await expect(prepare(sandbox.environment)).rejects.toThrow('several applications named');
  });

  test.each([
    ['a policy that cannot be read', { ON_OUTAGE: 'allow' }, 'ON_OUTAGE: '],
    [
      'a rule with a space in it',
      { ALLOWED_WORKSPACES: 'Acme Corp' },
      'ALLOWED_WORKSPACES: rule 1',
    ],
    ['a name that is nearly ours', { ALLOWED_WORKSPACE: 'acme' }, 'is ALLOWED_WORKSPACES meant'],
    ['no workspaces', { ALLOWED_WORKSPACES: '' }, 'ALLOWED_WORKSPACES is not set'],
    [
      'a value of 4,097 characters',
      { ALLOWED_WORKSPACES: 'a'.repeat(4_097) },
      'ALLOWED_WORKSPACES has 4097 characters',
    ],
  ])('%s, and the tenant is not even asked', async (_, change, reason) => {
    const sandbox = await start();
    await expect(prepare({ ...sandbox.environment, ...change })).rejects.toThrow(reason);
    expect(sandbox.tenant.calls).toEqual([]);
  });

  test('a connection that would be on with nothing before it', async () => {
    const sandbox = await start();
    const file = { ...declared, triggers: { 'post-login': [] } };
    await expect(prepare(sandbox.environment, file)).rejects.toThrow('everybody would get in');
  });

  test('a binding to an Action of nobody', async () => {
    const sandbox = await start();
    const flow = [...declared.triggers['post-login'], { action_name: 'ghost', display_name: 'x' }];
    const file = { ...declared, triggers: { 'post-login': flow } };
    await expect(prepare(sandbox.environment, file)).rejects.toThrow('tenant.yaml binds ghost');
  });
});

describe('a deploy', () => {
  test('needs no scope that it does not name', { timeout: 60_000 }, async () => {
    const sandbox = await start({ deployerScopes: DEPLOYER_SCOPES });
    await deploy(sandbox);
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
    expect(await leftToDo(sandbox)).toEqual([]);
  });

  test('waits for Actions that are built and can be bound only after a while', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await startWithConnection({
      pace: { actionBuildMs: 700, actionBindMs: 3_000 },
    });
    await deploy(sandbox);
    expect(bound(sandbox)).toEqual([...OURS, 'marketing']);
  });

  test('waits out a rate limit that it runs into', { timeout: 110_000 }, async () => {
    const sandbox = await startWithConnection({
      pace: { actionBuildMs: 0, rateLimit: { calls: 10, windowMs: 1_000 } },
    });
    await deploy(sandbox);
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  });

  test('makes a grant for all scopes exact, and leaves the grant for users alone', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await startWithConnection();
    await deploy(sandbox);
    const { grants } = sandbox.tenant.store;
    const [ours] = [...grants.values()].filter(
      ({ client_id: id }) => id === machineOf(sandbox)?.client_id,
    );
    if (ours === undefined) throw new Error('there is no grant');
    const { scope: _, ...rest } = ours;
    grants.set(ours.id, { ...rest, allow_all_scopes: true } as typeof ours);
    const users = {
      ...ours,
      id: 'cgr_0000000000000000',
      subject_type: 'user',
      scope: ['read:users'],
    };
    // The one for users comes first: it must not be taken for ours.
    const all = [[users.id, users as typeof ours] as const, ...grants];
    grants.clear();
    for (const [id, grant] of all) grants.set(id, grant);
    const { changes } = await prepare(sandbox.environment);
    expect(changes.find(({ kind }) => kind === 'grant')?.fields).toEqual([
      { field: 'scope', from: '(all)', to: 'read:users, read:user_idp_tokens' },
    ]);
    await deploy(sandbox);
    const after = sandbox.tenant.store.grants;
    expect(after.get(ours.id)).toMatchObject({
      scope: ['read:users', 'read:user_idp_tokens'],
      allow_all_scopes: false,
    });
    expect(after.get(users.id)).toEqual(users);
    expect(await leftToDo(sandbox)).toEqual([]);
  });

  test('to a connection that is on, and that nothing of ours stands before, gates it first', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await start();
    addConnection(sandbox.tenant.store, 'bitbucket', 'bitbucket', ['app'], { client_id: 'x' });
    const prepared = await prepare(sandbox.environment);
    expect(prepared.warnings).toContain(
      'The connection bitbucket is on for App, and no Action of this package stands before it now: people get in unchecked.',
    );
    await deployToTenant(prepared, importHere);
    const writes = writesOf(sandbox);
    expect(writes.indexOf('PATCH actions/triggers/post-login/bindings')).toBeLessThan(
      writes.indexOf('PATCH connections/{id}'),
    );
    expect(await leftToDo(sandbox)).toEqual([]);
  });

  test('that only names another application makes no new version of an Action', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await startWithConnection({
      applications: [
        { clientId: 'app', name: 'App', callbacks: [] },
        { clientId: 'other', name: 'Acme, Inc. Portal', callbacks: [] },
      ],
      policy: { AUTH0_ENABLED_CLIENTS: 'App' },
    });
    await deploy(sandbox);
    sandbox.tenant.clearCalls();
    const both = { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: 'App\nAcme, Inc. Portal' };
    await deployToTenant(await prepare(both), importHere);
    expect(writesOf(sandbox).filter((write) => !write.includes(' clients/'))).toEqual([
      'PATCH connections/{id}/clients',
    ]);
    expect(lookAtDoor(sandbox).enabled).toBe(2);
  });

  test('of several connections, applications and Actions deploys each as it is declared', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await start();
    const file: TenantAssets = {
      ...declared,
      connections: [
        ...declared.connections,
        {
          name: 'second',
          strategy: 'bitbucket',
          options: { client_id: 'second key', client_secret: 'second secret', profile: true },
          enabled_clients: ['marketing-app'],
        },
      ],
      clients: [{ name: 'Reports', app_type: 'non_interactive' }, ...declared.clients],
      actions: [
        ...declared.actions,
        {
          ...{ name: 'own', code: './test/support/own-action.cjs', runtime: 'node22' },
          ...{ deployed: true, secrets: [{ name: 'GREETING', value: 'hello' }] },
          supported_triggers: [{ id: 'post-login', version: 'v3' }],
        },
      ],
      triggers: {
        'post-login': [
          ...declared.triggers['post-login'].slice(0, 1),
          { action_name: 'own', display_name: 'own' },
          ...declared.triggers['post-login'].slice(1),
        ],
      },
    };
    addApplication(sandbox.tenant.store, 'marketing-app');
    await deploy(sandbox, file);
    const { store } = sandbox.tenant;
    const second = [...store.connections.values()].find(({ name }) => name === 'second');
    expect(second?.options).toMatchObject({
      client_id: 'second key',
      client_secret: 'second secret',
    });
    const names = [...(store.enabledClients.get(second?.id ?? '') ?? [])].map(
      (id) => store.clients.get(id)?.name,
    );
    expect(names).toEqual(['marketing-app']);
    expect(bound(sandbox)).toEqual([OURS[0], 'own', OURS[1], 'marketing']);
    const membership = [...store.actions.values()].find(({ name }) => name === OURS[1]);
    const secrets = membership && deployedVersionOf(membership)?.secrets;
    expect(secrets?.find(({ name }) => name === 'MANAGEMENT_CLIENT_ID')?.value).toBe(
      machineOf(sandbox)?.client_id,
    );
    const { changes } = await prepare(sandbox.environment, file);
    expect(changes.filter(({ change }) => change !== 'none')).toEqual([]);
    expect(changes).toHaveLength(2 + 2 + 1 + 3 + 1);
  });

  test('notices an Action that somebody binds meanwhile, and leaves it bound', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await startWithConnection();
    const prepared = await prepare(sandbox.environment);
    const meddling: typeof importHere = async (...args) => {
      await importHere(...args);
      addAction(sandbox.tenant.store, 'late', { isBound: true });
    };
    await expect(deployToTenant(prepared, meddling)).rejects.toThrow(
      /Somebody else changed the login flow during this deploy/,
    );
    expect(bound(sandbox)).toEqual(['marketing', 'late']);
    await deploy(sandbox);
    expect(bound(sandbox)).toEqual([...OURS, 'marketing', 'late']);
  });

  test('that was interrupted is not taken for done when the old settings come back', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await startWithConnection();
    await deploy(sandbox);
    const changed = { ...sandbox.environment, ALLOWED_WORKSPACES: 'acme:owner' };
    // The old mark is taken away, the application is imported, and the new mark is what fails.
    const which = { after: 2, times: 1 };
    sandbox.tenant.faults.set('PATCH /api/v2/clients/{id}', { reply: { status: 403 } }, which);
    await expect(deployToTenant(await prepare(changed), importHere)).rejects.toThrow(
      /^PATCH \/api\/v2\/clients/,
    );
    sandbox.tenant.faults.clear();
    expect(await leftToDo(sandbox)).toEqual(OURS.map((name) => `Action ${name}`));
  });
});

describe('what a tenant shows otherwise than it was written', () => {
  const showing = (sandbox: Sandbox, change: (options: Record<string, unknown>) => void) =>
    sandbox.tenant.faults.set('GET /api/v2/connections', {
      reply: (_, reply) => {
        const page = JSON.parse(reply.body);
        for (const { options } of page.connections) change(options);
        return { ...reply, body: JSON.stringify(page) };
      },
    });

  test('is told and stops nobody, where Auth0 makes an option its own', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await start();
    showing(sandbox, (options) => {
      delete options.profile;
    });
    await deploy(sandbox);
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  });

  test('keeps the connection off where it is the consumer’s key', { timeout: 60_000 }, async () => {
    const sandbox = await start();
    showing(sandbox, (options) => {
      options.client_id = 'another';
    });
    await expect(deploy(sandbox)).rejects.toThrow(
      /options\.client_id is another, not local-consumer[\s\S]*on for nobody/,
    );
    expect(lookAtDoor(sandbox).enabled).toBe(0);
  });
});

describe('the fingerprint of a plan', () => {
  test('is the same for the same plan, and another for another secret', async () => {
    const sandbox = await start();
    const { environment } = sandbox;
    const one = await prepare(environment);
    const same = await prepare(environment);
    const other = await prepare({ ...environment, BITBUCKET_SECRET: 'another-secret' });
    expect(same.fingerprint).toBe(one.fingerprint);
    expect(JSON.stringify(other.changes)).toBe(JSON.stringify(one.changes));
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  test('is what a deploy can be held to', { timeout: 60_000 }, async () => {
    const sandbox = await start();
    const { code, stderr } = await runScript(sandbox, 'deploy', ['--yes', '--plan', '0123']);
    expect(code).toBe(1);
    expect(stderr).toContain('This is not the plan that was agreed to (0123)');
    expect(writesOf(sandbox)).toEqual([]);
  });
});

describe('a server error of Auth0', () => {
  test('in the middle ends within a minute, told, saying what was written', {
    timeout: 60_000,
  }, async () => {
    const sandbox = await start();
    sandbox.tenant.faults.set('POST /api/v2/actions/actions/{id}/deploy', {
      reply: { status: 500 },
    });
    const startedAt = performance.now();
    const failure: Error = await deployToTenant(await prepare(sandbox.environment)).catch((e) => e);
    expect(performance.now() - startedAt).toBeLessThan(55_000);
    expect(failure.message).toMatch(/was answered with 500, 3 times/);
    expect(failure.message).toContain('  - made the Action bitbucket-email-verification');
    expect(failure.message).toContain('There is no connection bitbucket');
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 0, isGated: false });
  });

  test('that passes is told, and the deploy goes on', { timeout: 60_000 }, async () => {
    const sandbox = await startWithConnection();
    sandbox.tenant.faults.set('POST /api/v2/actions/actions', { reply: { status: 503 } }, 1);
    await deploy(sandbox);
    expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  });
});
