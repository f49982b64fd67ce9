/**
 * The application of `npm run login`, in tenants that are not alone: an undeploy in a deploy's
 * middle, names that are somebody else's, a file that binds nothing.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { createJournal } from '#scripts/lib/deploy/journal.ts';
import { planRemoval, renderSwitchOn } from '#scripts/lib/deploy/plan-removal.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { prepareRemoval } from '#scripts/lib/deploy/prepare-removal.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import { removeFromTenant } from '#scripts/lib/deploy/undeploy.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addApplication, addConnection } from '#scripts/local/stage/tenant-contents.ts';
import type { StoredClient } from '#scripts/local/tenant/store.ts';
import { lookAtDoor, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

const NAME = 'Bitbucket login test';

const open: Sandbox[] = [];
/** @param isEager whether the tenant switches every connection on for an application that is made. */
async function start(isEager: boolean): Promise<Sandbox> {
  const sandbox = await startTenant({ policy: { LOGIN_APPLICATION: NAME } });
  sandbox.tenant.store.flags.set('enable_client_connections', isEager);
  open.push(sandbox);
  return sandbox;
}
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close();
});

const deploy = async (env: Environment, importer = importHere) =>
  deployToTenant(await prepare(env), importer);
const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: Error) => (error.name === 'UserError' ? error.message : `${error.stack}`),
  );
async function undeploy(env: Environment): Promise<string | undefined> {
  const { api, removal, state } = await prepareRemoval(env, false);
  await removeFromTenant(api, removal, createJournal());
  return renderSwitchOn(removal, state);
}
const findNamed = ({ tenant: { store } }: Sandbox, name: string): readonly StoredClient[] =>
  [...store.clients.values()].filter((client) => client.name === name);
const enabledIds = ({ tenant: { store } }: Sandbox) =>
  [...store.enabledClients.values()].flatMap((enabled) => [...enabled]);

/** Whom somebody could sign in to with Bitbucket with nothing of ours before it. */
function findUnchecked(sandbox: Sandbox): readonly string[] {
  if (lookAtDoor(sandbox).isGated) return [];
  const { clients } = sandbox.tenant.store;
  return enabledIds(sandbox)
    .map((id) => clients.get(id))
    .filter((client) => client?.grant_types?.includes('authorization_code'))
    .map((client) => client?.name ?? '');
}

describe('an undeploy', () => {
  test('names nobody to switch on again who is gone: what it says can be followed', async () => {
    for (const isEager of [false, true]) {
      const sandbox = await start(isEager);
      await deploy(sandbox.environment);
      const advice = await undeploy(sandbox.environment);
      const ids = [...(advice ?? '').matchAll(/^ {2}(\S+) {2}\(/gm)].map((match) => match[1]);
      expect(ids).toEqual(['app']);
      const env = { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: ids.join('\n') };
      await deploy(env);
      expect(lookAtDoor(sandbox).isGated).toBe(true);
    }
  });

  test('says nothing of it where it was on for nobody else', async () => {
    const sandbox = await start(false);
    const env = { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: '' };
    await deploy(env);
    expect(await undeploy(env)).not.toContain('AUTH0_ENABLED_CLIENTS');
  });

  test('is not in its own way where the tenant opened another connection for what it made', async () => {
    const sandbox = await start(true);
    const { store } = sandbox.tenant;
    addConnection(store, 'another', 'bitbucket', []);
    await deploy(sandbox.environment);
    const find = () => [...store.connections.values()].find(({ name }) => name === 'another');
    const enabled = () => store.enabledClients.get(find()?.id ?? '');
    expect(enabled()?.size).toBe(2);
    enabled()?.add('app');
    const refused = await failureOf(undeploy(sandbox.environment));
    expect(refused).toContain('is not in tenant.yaml: another');
    expect(enabled()?.size).toBe(3);
    enabled()?.delete('app');
    await undeploy(sandbox.environment);
    expect(enabled()?.size).toBe(0);
    expect(findNamed(sandbox, NAME)).toEqual([]);
    expect(find()).toBeDefined();
  });

  test('lists an application once that tenant.yaml names by itself', async () => {
    const sandbox = await start(false);
    await deploy(sandbox.environment);
    const { declared, state } = await prepare(sandbox.environment);
    const { applications } = planRemoval({
      ...{ assets: declared, state, doors: [], leaveEnabled: false, deployerId: undefined },
      loginApplications: state.applications.filter(({ name }) => name === NAME),
    });
    expect(applications.map(({ name }) => name)).toEqual(['Bitbucket login checks', NAME]);
  });

  test.each([1, 2])(
    'during a deploy, before import %i, leaves it open to nobody unchecked',
    async (at) => {
      const sandbox = await start(true);
      const { store } = sandbox.tenant;
      await deploy(sandbox.environment);
      // Something to import each time: an Action, and the connection.
      const connection = [...store.connections.values()].find(({ name }) => name === 'bitbucket');
      if (connection !== undefined) connection.options.profile = false;
      const env = { ...sandbox.environment, ALLOWED_WORKSPACES: 'acme,elsewhere' };
      let imports = 0;
      const message = await failureOf(
        deploy(env, async (...request) => {
          imports += 1;
          if (imports === at) await undeploy(env);
          return importHere(...request);
        }),
      );
      expect(imports).toBeGreaterThanOrEqual(at);
      expect(message).not.toBe('it did not fail');
      expect(findUnchecked(sandbox)).toEqual([]);
    },
  );
});

test('a file that binds nothing of ours makes nothing that somebody could sign in to', async () => {
  const sandbox = await start(true);
  addConnection(sandbox.tenant.store, 'bitbucket', 'bitbucket', []);
  const file = await readTenantFile();
  const unbound = {
    ...file,
    connections: file.connections.map((one) => ({ ...one, enabled_clients: [] })),
    triggers: { 'post-login': [] },
  };
  const env = { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: '' };
  const message = await failureOf(
    prepare(env, unbound).then((prepared) => deployToTenant(prepared, importHere)),
  );
  expect(findUnchecked(sandbox)).toEqual([]);
  expect(message).toContain(NAME);
  expect(writesOf(sandbox)).toEqual([]);
});

describe('a name', () => {
  test('that somebody else gives to theirs during the deploy is not taken for ours', async () => {
    for (const at of [1, 2]) {
      const sandbox = await start(false);
      let imports = 0;
      const message = await failureOf(
        deploy(sandbox.environment, async (...request) => {
          imports += 1;
          if (imports === at) addApplication(sandbox.tenant.store, NAME);
          return importHere(...request);
        }),
      );
      expect(imports).toBeGreaterThanOrEqual(at);
      const theirs = findNamed(sandbox, NAME).filter((one) => one.client_metadata === undefined);
      expect(theirs).toHaveLength(1);
      expect(enabledIds(sandbox)).not.toContain(theirs[0]?.client_id);
      expect(message).toContain(NAME);
    }
  });

  test('that is the client id of another application is refused', async () => {
    const sandbox = await start(false);
    const env = { ...sandbox.environment, LOGIN_APPLICATION: 'app', AUTH0_ENABLED_CLIENTS: '' };
    expect(await failureOf(prepare(env))).toContain('is the client id of “App”');
    expect(writesOf(sandbox)).toEqual([]);
  });

  test.each(['Two\nlines', 'a \u001b[31mred one', 'turned \u202eround'])(
    '%j is refused',
    async (name) => {
      const sandbox = await start(false);
      const env = { ...sandbox.environment, LOGIN_APPLICATION: name };
      expect(await failureOf(prepare(env))).toContain('LOGIN_APPLICATION holds');
      expect(writesOf(sandbox)).toEqual([]);
    },
  );

  test.each(['##BITBUCKET_SECRET##', 'Login of ##BITBUCKET_SECRET##', '##LOGIN_APPLICATION##'])(
    '%s shows no secret, and makes nothing',
    async (name) => {
      const sandbox = await start(false);
      const { BITBUCKET_SECRET: secret = 'no secret' } = sandbox.environment;
      const message = await failureOf(prepare({ ...sandbox.environment, LOGIN_APPLICATION: name }));
      expect(message).toContain('LOGIN_APPLICATION');
      expect(message).not.toContain(secret);
      expect(writesOf(sandbox)).toEqual([]);
    },
  );

  test.each([
    'Login, of "acme"',
    'Zoë’s {login} — "a" \'b\'',
    '$& $1 \\1',
    '__proto__',
    'constructor',
  ])('%s is one like any other: 2, deploy, 0, and gone', async (name) => {
    const sandbox = await start(false);
    const env = { ...sandbox.environment, LOGIN_APPLICATION: name };
    await deploy(env);
    expect(findNamed(sandbox, name)).toHaveLength(1);
    const { changes } = await prepare(env);
    expect(changes.filter(({ change }) => change !== 'none')).toEqual([]);
    await undeploy(env);
    expect(findNamed(sandbox, name)).toHaveLength(0);
  });
});
