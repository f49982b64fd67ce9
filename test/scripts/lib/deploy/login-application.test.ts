/** The application of `npm run login`: an option of tenant.yaml, from the plan to the undeploy. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { createJournal } from '#scripts/lib/deploy/journal.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { prepareRemoval } from '#scripts/lib/deploy/prepare-removal.ts';
import { renderPlan } from '#scripts/lib/deploy/show-plan.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import { removeFromTenant } from '#scripts/lib/deploy/undeploy.ts';
import { checkTenant } from '#scripts/lib/doctor/tenant.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { addApplication } from '#scripts/local/stage/tenant-contents.ts';
import type { StoredClient } from '#scripts/local/tenant/store.ts';
import { leftToDo, startTenant, writesOf } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

const NAME = 'Bitbucket login test';
const MACHINE = 'Bitbucket login checks';

let sandbox: Sandbox;
/** What is in the tenant after a deploy without the option. */
let without: Record<string, unknown>;
beforeAll(async () => {
  sandbox = await startTenant();
  await deployToTenant(await prepare(sandbox.environment), importHere);
  without = structuredClone({ ...sandbox.tenant.store });
}, 60_000);
afterAll(() => sandbox?.close());
beforeEach(() => {
  Object.assign(sandbox.tenant.store, structuredClone(without));
  sandbox.tenant.clearCalls();
});

const withOption = (name = NAME) => ({ ...sandbox.environment, LOGIN_APPLICATION: name });
const deploy = async (env = withOption()) => deployToTenant(await prepare(env), importHere);
const find = (name: string): StoredClient | undefined =>
  [...sandbox.tenant.store.clients.values()].find((client) => client.name === name);
const enabledNames = () => {
  const { clients, enabledClients } = sandbox.tenant.store;
  const ids = [...enabledClients.values()].flatMap((enabled) => [...enabled]);
  return ids.map((id) => clients.get(id)?.name).sort();
};

test('while the option is off nothing of it is in a plan or in the tenant', async () => {
  expect(await leftToDo(sandbox)).toEqual([]);
  expect(renderPlan(await prepare(sandbox.environment))).not.toContain('LOGIN_APPLICATION');
  expect(find(NAME)).toBeUndefined();
});

test('switched on, the plan shows it, and whom the connection is on for then', async () => {
  const plan = renderPlan(await prepare(withOption()));
  expect(plan).toContain(`Application ${NAME}`);
  expect(plan).toContain('    token_endpoint_auth_method: none\n');
  expect(plan).toContain('    callbacks: http://127.0.0.1:24817/callback, http://127.0.0.1:24818/');
  expect(plan).toContain(`    enabled for: (none) → ${NAME}\n`);
});

test('switched on after a deploy, it is made and switched on, and nothing else is written', async () => {
  await deploy();
  expect(writesOf(sandbox)).toEqual([
    'PATCH clients/{id}', // the mark of the secrets
    'POST clients',
    'PATCH connections/{id}/clients',
    'PATCH clients/{id}',
  ]);
  expect(find(NAME)).toMatchObject({
    ...{ app_type: 'native', token_endpoint_auth_method: 'none' },
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token: { rotation_type: 'rotating', token_lifetime: 3_600 },
  });
  expect(enabledNames()).toEqual(['App', NAME].sort());
  const { changes } = await prepare(withOption());
  expect(changes.filter(({ change }) => change !== 'none')).toEqual([]);
});

test('is nothing that the doctor finds fault with', async () => {
  await deploy();
  const findings = await checkTenant(withOption(), true);
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  expect(findings).toContainEqual(
    expect.objectContaining({ check: `Application ${NAME}`, level: 'ok' }),
  );
});

test('can be named by AUTH0_ENABLED_CLIENTS before there is one, and is there once', async () => {
  const env = { ...withOption(), AUTH0_ENABLED_CLIENTS: `App\n${NAME}` };
  await deploy(env);
  expect(enabledNames()).toEqual(['App', NAME].sort());
});

test('goes where a list of tenant.yaml names it, and is left out of it while the option is off', async () => {
  const file = await readTenantFile();
  const named = {
    ...file,
    connections: file.connections.map((connection) => ({
      ...connection,
      enabled_clients: ['App', '##LOGIN_APPLICATION##'],
    })),
  };
  const alone = { ...sandbox.environment, AUTH0_ENABLED_CLIENTS: '' };
  const off = await prepare(alone, named);
  expect(off.applications.get('bitbucket')).toEqual(['app']);
  const on = await prepare({ ...alone, LOGIN_APPLICATION: NAME }, named);
  await deployToTenant(on, importHere);
  expect(enabledNames()).toEqual(['App', NAME].sort());
});

describe('a name', () => {
  test.each([
    ['App', 'has an application “App” that this package did not make'],
    [MACHINE, 'is the name of another application of tenant.yaml'],
    ['A <b>', 'holds < or >'],
    [`${NAME} `, 'begins or ends with white space'],
  ])('%j is refused before anything is written', async (name, sentence) => {
    await expect(prepare(withOption(name))).rejects.toThrow(sentence);
    expect(writesOf(sandbox)).toEqual([]);
  });

  test('without an application in tenant.yaml is refused', async () => {
    const file = await readTenantFile();
    const clients = file.clients.filter(({ name }) => name === MACHINE);
    await expect(prepare(withOption(), { ...file, clients })).rejects.toThrow(
      'tenant.yaml declares no application ##LOGIN_APPLICATION##',
    );
  });
});

describe('an undeploy', () => {
  const undeploy = async (env = sandbox.environment) => {
    const { api, removal } = await prepareRemoval(env, false);
    await removeFromTenant(api, removal, createJournal());
    return removal;
  };

  test.each([
    ['as it is', () => withOption()],
    ['unset since', () => sandbox.environment],
    ['of another name since', () => withOption('Another')],
  ])('removes it, with LOGIN_APPLICATION %s', async (_, env) => {
    await deploy();
    const { applications } = await undeploy(env());
    expect(applications.map(({ name }) => name)).toEqual([MACHINE, NAME]);
    expect(find(NAME)).toBeUndefined();
    expect(find('App')).toBeDefined();
  });

  test('leaves one of the name that somebody else made', async () => {
    addApplication(sandbox.tenant.store, NAME);
    await undeploy(withOption());
    expect(find(NAME)).toBeDefined();
  });
});
