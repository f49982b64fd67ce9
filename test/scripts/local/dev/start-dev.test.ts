/** The local tenant as a test of another project starts it: one import, a world, a reset. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '#scripts/lib/root.ts';
import { type DevTenant, startDev } from '#scripts/local/dev/start-dev.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Application, createApplication } from '#scripts/local/stage/sign-in.ts';

const WORLD = {
  workspaces: [{ slug: 'team' }, { slug: 'guests' }],
  people: [
    { name: 'Ada', emails: [{ address: 'ada@example.com' }], workspaces: { team: 'owner' } },
    { name: 'Bob', emails: [{ address: 'bob@example.com' }], workspaces: { guests: 'owner' } },
  ],
  applications: [
    { client_id: 'app', kind: 'spa', callbacks: ['http://localhost:3000/callback'] },
    {
      client_id: 'closed',
      kind: 'spa',
      callbacks: ['http://localhost:3000/callback'],
      connection: false,
    },
    { client_id: 'robot', kind: 'machine', secret: 'robot-secret' },
  ],
  apis: [{ identifier: 'https://api.example.com', scopes: ['read:it'] }],
  policy: { ALLOWED_WORKSPACES: 'team' },
} as const;

let sources: string;
let dev: DevTenant;
let applications: Record<'app' | 'closed', Application>;
const said: string[] = [];
let wake = () => {};
/** The first sentence that matches, said already or still to come. */
const hear = async (pattern: RegExp): Promise<string> => {
  for (;;) {
    const found = said.find((sentence) => pattern.test(sentence));
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
};

beforeAll(async () => {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  sources = mkdtempSync(join(cache, 'start-dev-'));
  cpSync(join(ROOT, 'package.json'), join(sources, 'package.json'));
  cpSync(join(ROOT, 'actions'), join(sources, 'actions'), { recursive: true });
  dev = await startDev({
    ...{ port: 0, bitbucketPort: 0, world: WORLD, sources, folder: join(sources, 'cache') },
    tell: (sentence) => {
      said.push(sentence);
      wake();
    },
  });
  const { issuer } = dev.addresses;
  const create = (clientId: string) =>
    createApplication({
      ...{ issuer, clientId, callbackUrl: 'http://localhost:3000/callback' },
      audience: 'https://api.example.com',
    });
  applications = { app: await create('app'), closed: await create('closed') };
});

afterAll(async () => {
  await dev?.close();
  rmSync(sources, { recursive: true, force: true });
});

const uuidOf = (name: string) =>
  dev.addresses.people.find((person) => person.name === name)?.uuid ?? '';
const signIn = async (name: string, application: 'app' | 'closed' = 'app') => {
  const browser = createBrowser({ userUuid: uuidOf(name) });
  const result = await applications[application].signIn(browser);
  return result.kind === 'allowed' ? result : result.description.split(':')[0];
};

test('its world decides', async () => {
  expect(await signIn('Ada')).toMatchObject({ kind: 'allowed' });
  expect(await signIn('Bob')).toBe('bitbucket_workspace_required');
  expect(await signIn('Ada', 'closed')).toBe('the connection is not enabled');
});

test('a reset takes back what was changed, and sends everybody to sign in again', async () => {
  const browser = createBrowser({ userUuid: uuidOf('Ada') });
  const first = await applications.app.signIn(browser);
  if (first.kind !== 'allowed') throw new Error(first.description);
  const { tenant, bitbucket } = dev.sandbox;
  bitbucket.world.standings.clear();
  bitbucket.world.users.delete(uuidOf('Bob'));
  bitbucket.faults.set('*', { drop: 'at_once' });
  tenant.store.clients.set('left-over', { client_id: 'left-over', client_secret: '', name: 'x' });
  const app = tenant.store.clients.get('app');
  if (app !== undefined) app.client_metadata = { bitbucket_allowed_workspaces: 'guests' };

  const reset = await fetch(`${dev.addresses.page}dev/reset`, { method: 'POST' });
  expect(reset.status).toBe(200);
  expect(tenant.store.users.size).toBe(0);
  expect(tenant.store.clients.has('left-over')).toBe(false);
  expect(await applications.app.signIn(browser, { prompt: 'none' })).toMatchObject({
    error: 'login_required',
  });
  expect(await applications.app.refresh(first.refreshToken ?? '')).toMatchObject({
    kind: 'refused',
    error: 'invalid_grant',
  });
  expect(await signIn('Ada')).toMatchObject({ kind: 'allowed' });
  expect(await signIn('Bob')).toBe('bitbucket_workspace_required');
});

test('a change in actions/ is active at the next login; one that is wrong is told', async () => {
  const path = join(sources, 'actions', 'lib', 'policy', 'refusal.ts');
  const source = readFileSync(path, 'utf8');
  expect(source).toContain('Your Bitbucket account is not in a workspace');
  const built = source.replace('Your Bitbucket account is not', 'Rebuilt: you are not');
  writeFileSync(path, `${source}\nconst = 1;\n`);
  expect(await hear(/cannot be built/)).toMatch(/actions\/lib\/policy\/refusal\.ts:\d+:7: /);
  expect(await signIn('Bob')).toBe('bitbucket_workspace_required');
  said.length = 0;
  writeFileSync(path, built);
  await hear(/^Rebuilt: bitbucket-email-verification, bitbucket-workspace-membership/);
  const result = await applications.app.signIn(createBrowser({ userUuid: uuidOf('Bob') }));
  expect(result).toMatchObject({
    description: expect.stringMatching(/^bitbucket_workspace_required: Rebuilt: you are not/),
  });
});

test('on ports of the system it keeps the certificate alone', () => {
  expect(readdirSync(join(sources, 'cache')).sort()).toEqual([
    'certificate.pem',
    'localhost.pem',
    'server.pem',
  ]);
});
