/** The scripts' way into the Management API: credentials, patience, and errors that tell. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Deployer, readDeployer } from '#scripts/lib/cli/environment.ts';
import { connectToTenant } from '#scripts/lib/tenant/management-api.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addApplication } from '#scripts/local/stage/tenant-contents.ts';

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
beforeEach(() => faults.clear());

describe('a deployer', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const path = join(folder, 'deployer.pem');
  writeFileSync(path, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
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
  const signer = (keyPath: string): Deployer => ({
    domain,
    clientId: 'signer',
    credential: { kind: 'signing_key', algorithm: 'RS256', path: keyPath },
  });

  test('signs in with a private key', async () => {
    const api = await connectToTenant(signer(path));
    expect(await api.get('clients/signer')).toMatchObject({ name: 'Signer' });
  });

  test.each([
    ['is not there', 'nowhere.pem', 'cannot read'],
    ['is no key', 'empty.pem', 'not a private key in PKCS#8 PEM'],
  ])('whose key %s is told so', async (_, name, message) => {
    writeFileSync(join(folder, 'empty.pem'), 'no key');
    await expect(connectToTenant(signer(join(folder, name)))).rejects.toThrow(message);
  });

  test('with another key is not let in', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const otherPath = join(folder, 'other.pem');
    writeFileSync(otherPath, other.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(connectToTenant(signer(otherPath))).rejects.toThrow(
      'does not let the deployer in: 401',
    );
  });

  test('with an access token asks for none', async () => {
    const { token } = await connectToTenant(deployer);
    sandbox.tenant.clearCalls();
    await connectToTenant({
      domain,
      clientId: undefined,
      credential: { kind: 'access_token', token },
    });
    expect(sandbox.tenant.calls).toEqual([]);
  });
});

describe('the rate limit', () => {
  test('is waited out, as long as Auth0 asks for', async () => {
    const api = await connectToTenant(deployer);
    faults.set(
      'GET /api/v2/clients',
      { reply: { status: 429, headers: { 'Retry-After': '1' } } },
      2,
    );
    expect(await api.list('clients', 'clients')).toHaveLength(2);
  });
});

test('a list is read to its last page', async () => {
  for (let index = 0; index < 101; index += 1) addApplication(store, `App ${index}`);
  const api = await connectToTenant(deployer);
  expect(await api.list('clients', 'clients')).toHaveLength(103);
});

test('a refusal tells the call and Auth0’s own words, and no token', async () => {
  const api = await connectToTenant(deployer);
  const failure = (await api
    .post('clients', { name: 'x', secret: 'hunter2' })
    .catch((error: unknown) => error)) as Error;
  expect(failure.message).toBe(
    `POST /api/v2/clients on ${domain} was refused: 400, Payload validation error: 'Additional properties not allowed: secret'.`,
  );
  expect(JSON.stringify(failure) + failure.stack).not.toContain(api.token);
});
