/** Whatever the page's forms take can be downloaded as a world file, and started with again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { exportWorld } from '#scripts/local/dev/world/export-world.ts';
import { parseWorld } from '#scripts/local/dev/world/read-world.ts';
import { type StartedPage, startPage } from '#test/scripts/local/dev/page/start-page.ts';
import { sendHttps } from '#test/support/https-request.ts';

let started: StartedPage;
let restore: object | undefined;
beforeAll(async () => {
  started = await startPage();
});
afterAll(() => started.close());

const CALLBACK = 'http://localhost:3000/callback';
const APPLICATIONS = [
  { client_id: 'local-spa', kind: 'spa', callbacks: [CALLBACK] },
  { client_id: 'local-web', kind: 'web', callbacks: [CALLBACK] },
] as const;

const post = (path: string, fields: Record<string, string>) =>
  sendHttps(started.origin + path, {
    ca: started.sandbox.certificate,
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Origin: started.origin },
  });
const download = () => {
  const { bitbucket, tenant } = started.sandbox;
  return exportWorld({
    world: bitbucket.world,
    store: tenant.store,
    file: { workspaces: [], applications: APPLICATIONS, policy: {} },
    policy: started.policy(),
  });
};
const olivia = () => started.people.olivia.uuid;

beforeEach(() => {
  const { bitbucket, tenant } = started.sandbox;
  restore ??= structuredClone({ ...bitbucket.world, clients: tenant.store.clients });
  const now = { ...bitbucket.world, clients: tenant.store.clients };
  for (const [name, kept] of Object.entries(structuredClone(restore))) {
    const map: unknown = now[name as keyof typeof now];
    if (!(map instanceof Map && kept instanceof Map)) continue;
    map.clear();
    for (const [key, value] of kept) map.set(key, value);
  }
  expect(() => parseWorld(download(), 'world.yaml')).not.toThrow();
});

test.each<[string, string, () => Record<string, string>]>([
  [
    'somebody whose primary address was taken away',
    '/dev/people',
    () => ({
      person: olivia(),
      name: 'Olivia',
      'email-0': '',
      'email-1': 'o@x.example',
      primary: '0',
    }),
  ],
  [
    'an address that another has',
    '/dev/people',
    () => ({ person: olivia(), name: 'Olivia', 'email-0': 'Nora@example.com', primary: '0' }),
  ],
  [
    'an address twice',
    '/dev/people',
    () => ({
      ...{ person: olivia(), name: 'Olivia', primary: '0' },
      ...{ 'email-0': 'o@x.example', 'email-1': 'o@x.example' },
    }),
  ],
  [
    'somebody new with the address of another',
    '/dev/people/add',
    () => ({ name: 'Somebody', email: 'nora@example.com' }),
  ],
  [
    'a name that is another’s',
    '/dev/people/add',
    () => ({ name: 'Olivia', email: 'o2@x.example' }),
  ],
  ['a name without a letter', '/dev/people/add', () => ({ name: '- *', email: 'x@x.example' })],
  ['a name of two lines', '/dev/people/add', () => ({ name: 'a\n: b', email: 'y@x.example' })],
  ['a slug that begins with a sign', '/dev/workspaces/add', () => ({ slug: '-x' })],
  ['a slug that begins with a line', '/dev/workspaces/add', () => ({ slug: '_x' })],
  [
    'a repository that begins with a dot',
    '/dev/repositories/add',
    () => ({
      slug: '.x',
      workspace: [...started.sandbox.bitbucket.world.workspaces.keys()][0] ?? '',
    }),
  ],
  ['an application without a callback', '/dev/applications', () => ({ application: 'local-web' })],
  [
    'a callback with a fragment',
    '/dev/applications',
    () => ({ application: 'local-web', callbacks: 'http://localhost:3000/#x' }),
  ],
])('%s', async (_, path, fields) => {
  await post(path, fields());
  expect(() => parseWorld(download(), 'world.yaml')).not.toThrow();
});

test.each([
  '/\t/evil.example',
  '/\\evil.example',
  '//evil.example',
  '/.//evil.example',
  'https://evil.example/',
  '/ü',
  '/x\r\nX: y',
])('a form leads back to the page alone: %j', async (back) => {
  const { status, headers } = await post('/dev/mend', { back });
  expect(status).toBe(303);
  expect(new URL(headers.location ?? '', started.origin).origin).toBe(started.origin);
});
