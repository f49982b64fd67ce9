/** The scripts' way into the Management API: credentials, patience, and errors that tell. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Deployer,
  readDeployer,
  type SigningAlgorithm,
} from '#scripts/lib/cli/environment.ts';
import { createClient } from '#scripts/lib/tenant/machine-client.ts';
import { connectToTenant, type ManagementApi } from '#scripts/lib/tenant/management-api.ts';
import {
  listClients,
  listEnabledClients,
  readApplication,
} from '#scripts/lib/tenant/read-tenant.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addApplication, addConnection } from '#scripts/local/stage/tenant-contents.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [],
  policy: {},
});
const { store, faults, domain } = sandbox.tenant;
const deployer = readDeployer(sandbox.environment);
const folder = mkdtempSync(join(tmpdir(), 'signing-key-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await sandbox.close();
});

let told: string[] = [];
const connect = (as: Deployer = deployer): Promise<ManagementApi> =>
  connectToTenant(as, { tell: (text) => told.push(text) });
beforeEach(() => {
  faults.clear();
  told = [];
});
const failureOf = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe('a deployer', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const write = (name: string, text: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const pkcs8 = write('pkcs8.pem', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const pkcs1 = write('pkcs1.pem', keys.privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const [grant] = store.grants.values();
  store.clients.set('signer', {
    client_id: 'signer',
    client_secret: '',
    name: 'Signer',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [keys.publicKey.export({ format: 'jwk' })] },
  });
  if (grant !== undefined)
    store.grants.set('signer', { ...grant, id: 'signer', client_id: 'signer' });
  const signer = (path: string, algorithm: SigningAlgorithm = 'RS256'): Deployer => ({
    domain,
    clientId: 'signer',
    credential: { kind: 'signing_key', path, algorithm },
  });

  test.each<[string, string, SigningAlgorithm]>([
    ['in PKCS#8', pkcs8, 'RS256'],
    ['in PKCS#1', pkcs1, 'RS256'],
    ['with RS384', pkcs8, 'RS384'],
    ['with PS256', pkcs1, 'PS256'],
  ])('signs in with a private key %s', async (_, path, algorithm) => {
    const api = await connect(signer(path, algorithm));
    expect(await readApplication(api, 'signer')).toMatchObject({ name: 'Signer' });
  });

  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  test.each([
    ['is not there', join(folder, 'nowhere.pem'), 'cannot read'],
    ['is no key', write('empty.pem', 'no key'), 'not an RSA private key in PEM'],
    [
      'is no RSA key',
      write('ec.pem', elliptic.export({ type: 'pkcs8', format: 'pem' })),
      'not an RSA private key in PEM',
    ],
  ])('whose key %s is told so', async (_, path, message) => {
    await expect(connect(signer(path))).rejects.toThrow(message);
  });

  test('with another key is not let in', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const path = write('other.pem', other.export({ type: 'pkcs8', format: 'pem' }));
    await expect(connect(signer(path))).rejects.toThrow('does not let the deployer in: 401');
  });

  test('with an access token asks for none', async () => {
    const { token } = await connect();
    sandbox.tenant.clearCalls();
    await connect({ domain, clientId: undefined, credential: { kind: 'access_token', token } });
    expect(sandbox.tenant.calls).toEqual([]);
  });
});

describe('what may pass', () => {
  test.each([
    ['Retry-After', () => '1'],
    ['X-RateLimit-Reset', () => String(Math.ceil(Date.now() / 1_000) + 1)],
  ])('a rate limit is waited out, as long as %s asks for, and told', async (header, value) => {
    const api = await connect();
    faults.set(
      'GET /api/v2/clients',
      { reply: { status: 429, headers: { [header]: value() } } },
      1,
    );
    expect(await listClients(api)).toHaveLength(2);
    expect(told).toEqual([expect.stringMatching(/^GET \/api\/v2\/clients: 429.*trying again in/)]);
  });

  test('a server error is tried three times, each of them told, and ends', async () => {
    const api = await connect();
    faults.set('GET /api/v2/clients', {
      reply: { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<html>oops' },
    });
    sandbox.tenant.clearCalls();
    const failure = await failureOf(listClients(api));
    expect(failure.message).toBe(`GET /api/v2/clients on ${domain} was refused: 500`);
    expect(sandbox.tenant.calls).toHaveLength(3);
    expect(told.map((text) => text.replace(/in [\d.]+ s/, 'in N s'))).toEqual([
      'GET /api/v2/clients: 500; trying again in N s (try 2)',
      'GET /api/v2/clients: 500; trying again in N s (try 3)',
    ]);
  });

  test('a connection that breaks is tried again', async () => {
    const api = await connect();
    faults.set('GET /api/v2/clients', { drop: 'at_once' }, 1);
    expect(await listClients(api)).toHaveLength(2);
    expect(told).toHaveLength(1);
  });
});

describe('an application that is made', () => {
  const named = (name: string) => [...store.clients.values()].filter((one) => one.name === name);

  test.each([
    ['was made, and its answer lost', { drop: 'at_once', isDone: true }],
    ['was not made', { reply: { status: 500 } }],
  ] as const)('is there once where it %s', async (title, fault) => {
    const api = await connect();
    faults.set('POST /api/v2/clients', fault, 1);
    const made = await createClient(api, { name: title, app_type: 'non_interactive' });
    expect(named(title)).toHaveLength(1);
    expect(made).toMatchObject({ client_id: named(title)[0]?.client_id });
    expect(typeof made.client_secret).toBe('string');
    for (const { client_id } of named(title)) store.clients.delete(client_id);
  });
});

describe('an answer that is no answer', () => {
  test.each([
    ['null', 'null'],
    ['a page of HTML', '<!doctype html><title>Sign in to the Wi-Fi</title>'],
    ['a list', '[]'],
    ['another object', '{}'],
    ['nothing', ''],
  ])('%s is not taken for an empty list', async (_, body) => {
    const api = await connect();
    faults.set('GET /api/v2/clients', { reply: { status: 200, body } });
    const { message } = await failureOf(listClients(api));
    expect(message).toMatch(/^GET \/api\/v2\/clients on \S+ was answered with something/);
    expect(message).not.toContain('Wi-Fi');
  });

  test.each(['null', '<html>', '"token"', '{}'])(
    'in place of a token, %s ends in one sentence',
    async (body) => {
      faults.set('/oauth/token', { reply: { status: 200, body } });
      const { name, message } = await failureOf(connect());
      expect(name).toBe('UserError');
      expect(message).toMatch(/is AUTH0_DOMAIN|without a token/);
    },
  );

  test('an entry without what it is known by is no entry', async () => {
    const api = await connect();
    const body = JSON.stringify({ clients: [{ client_id: 'x' }] });
    faults.set('GET /api/v2/clients', { reply: { status: 200, body } });
    await expect(listClients(api)).rejects.toThrow('an entry has no name');
  });
});

test('lists are read to their last page, by number and by checkpoint', async () => {
  for (let index = 0; index < 101; index += 1) addApplication(store, `App ${index}`);
  const ids = [...store.clients.keys()];
  addConnection(store, 'many', 'github', ids);
  const api = await connect();
  expect(await listClients(api)).toHaveLength(103);
  const [connection] = store.connections.values();
  expect(await listEnabledClients(api, connection?.id ?? '')).toHaveLength(103);
});

test('a refusal tells the call and Auth0’s own words, and no token', async () => {
  const api = await connect();
  const failure = await failureOf(createClient(api, { name: 'x', secret: 'hunter2' }));
  expect(failure.message).toBe(
    `POST /api/v2/clients on ${domain} was refused: 400, Payload validation error: 'Additional properties not allowed: secret'.`,
  );
  expect(JSON.stringify(failure) + failure.stack).not.toContain(api.token);
  expect(JSON.stringify(failure) + failure.stack).not.toContain('hunter2');
});
