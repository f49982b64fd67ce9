/** World files: what is refused and where, and what becomes of one. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createWorld } from '#scripts/local/bitbucket/world.ts';
import { DEFAULT_WORLD } from '#scripts/local/dev/world/default-world.ts';
import { exportWorld } from '#scripts/local/dev/world/export-world.ts';
import { apisOf, applicationsOf, fillWorld } from '#scripts/local/dev/world/fill-world.ts';
import { parseWorld } from '#scripts/local/dev/world/read-world.ts';
import { settingsOf } from '#scripts/local/dev/world/world-mistakes.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { seedStore } from '#scripts/local/tenant/seed.ts';
import { createStore } from '#scripts/local/tenant/store.ts';

const SMALL = `workspaces:
  - slug: acme
    repositories: [{ slug: infra }]
people:
  - name: Olivia
    emails: [{ address: olivia@example.com }]
    workspaces: { acme: owner }
applications:
  - client_id: app
    kind: spa
    callbacks: [http://localhost:3000]
policy:
  ALLOWED_WORKSPACES: acme
`;

/** What is said of `SMALL` after a change, without the name of the file. */
function refusalOf(from: string, to: string): string {
  const text = SMALL.replace(from, to);
  expect(text).not.toBe(SMALL);
  try {
    parseWorld(text, 'w.yaml');
  } catch (error) {
    const { name, message } = error as Error;
    expect(name).toBe('UserError');
    return message.replace(/^w\.yaml:/, '');
  }
  return 'taken';
}

describe('a mistake is told with its place', () => {
  test.each([
    [
      'no YAML',
      'acme: owner }',
      'acme: owner',
      /^8:1: this is not YAML that can be read: Flow map/,
    ],
    [
      'a key that stands twice',
      '    kind: spa',
      '    kind: spa\n    kind: web',
      /^11:5: this is not YAML .*unique/,
    ],
    [
      'an alias that is none',
      'S: acme',
      'S: *acme',
      /^13:23: \*acme is no anchor of this file: put it in quotes/,
    ],
    ['nothing', SMALL, '', /^1:1: it must be a mapping/],
    ['an unknown section', 'people:', 'persons:', /^4:1: persons is nothing that a world file has/],
    [
      'an unknown key',
      '    kind: spa',
      '    kind: spa\n    color: red',
      /^11:5: applications\[0\]\.color is not a field/,
    ],
    ['a wrong type', 'name: Olivia', 'name: 7', /^5:5: people\[0\]\.name must be a text/],
    [
      'a permission that is none',
      'acme: owner',
      'acme: boss',
      /^7:19: people\[0\]\.workspaces\.acme must be owner or/,
    ],
    [
      'a kind that is none',
      'kind: spa',
      'kind: site',
      /^10:5: applications\[0\]\.kind must be spa or native/,
    ],
    [
      'a slug that is none',
      'slug: acme',
      'slug: Acme Inc',
      /^2:5: workspaces\[0\]\.slug must be a slug/,
    ],
    ['what is missing', '    kind: spa\n', '', /^9:5: applications\[0\] lacks kind/],
    ['no policy', 'policy:\n  ALLOWED_WORKSPACES: acme\n', '', /^1:1: it lacks policy/],
    [
      'an unknown workspace',
      '{ acme: owner }',
      '{ acme: owner, other: member }',
      /^7:32: people\[0\]\.workspaces\.other is no workspace of this file: there is acme\./,
    ],
    [
      'an unknown repository',
      'workspaces: { acme: owner }',
      'repositories: { acme/web: read }',
      /^7:21: people\[0\]\.repositories\.acme\/web is no repository of this file: there is acme\/infra\./,
    ],
    [
      'a name that stands twice',
      'applications:',
      '  - name: olivia\n    emails: []\napplications:',
      /^8:5: people\[1\]\.name stands twice: olivia/,
    ],
    [
      'an address of two people',
      'applications:',
      '  - name: Max\n    emails: [{ address: Olivia@example.com }]\napplications:',
      /^9:16: people\[1\]\.emails\[0\]\.address stands twice/,
    ],
    [
      'an application that stands twice',
      'policy:',
      '  - { client_id: app, kind: web, callbacks: [https://a.example] }\npolicy:',
      /^12:7: applications\[1\]\.client_id stands twice: app/,
    ],
    [
      'a secret of a single-page application',
      '    kind: spa',
      '    kind: spa\n    secret: s',
      /^11:5: applications\[0\]\.secret is none that a spa/,
    ],
    [
      'an application without a callback',
      '    callbacks: [http://localhost:3000]\n',
      '',
      /^9:5: applications\[0\] lacks callbacks/,
    ],
    [
      'a callback that nobody can be sent back to',
      '[http://localhost:3000]',
      '[http://localhost:3000, "http://"]',
      /^11:40: applications\[0\]\.callbacks\[1\] is no URL/,
    ],
    [
      'a callback with a fragment',
      '[http://localhost:3000]',
      '["http://localhost:3000/#/in"]',
      /^11:17: applications\[0\]\.callbacks\[0\] has a fragment/,
    ],
    [
      'a callback of a native application, of one that is none',
      '[http://localhost:3000]',
      '["com.example.app:/in"]',
      /^11:17: applications\[0\]\.callbacks\[0\] begins with neither http/,
    ],
    [
      'a web origin that is an address',
      '    callbacks',
      '    web_origins: [http://localhost:3000/, "http://localhost:3000/in"]\n    callbacks',
      /^11:43: applications\[0\]\.web_origins\[1\] is no origin: http:\/\/localhost:3000/,
    ],
    [
      'the client id of the page',
      'client_id: app',
      'client_id: local-page',
      /^9:5: applications\[0\]\.client_id is taken: local-page/,
    ],
    [
      'the client id of the deployer',
      'client_id: app',
      'client_id: local-deployer',
      /^9:5: applications\[0\]\.client_id is taken/,
    ],
    [
      'the name of an application that the deploy makes',
      'client_id: app',
      'client_id: app\n    name: Bitbucket login test',
      /^10:5: applications\[0\]\.name is taken/,
    ],
    [
      'the Management API',
      'policy:',
      'apis: [{ identifier: https://localhost:8443/api/v2/ }]\npolicy:',
      /^12:10: apis\[0\]\.identifier is taken/,
    ],
    [
      'the uuid that another has by name',
      'applications:',
      '  - name: Max\n    uuid: "{b77eb7ec-0f1f-4834-87b6-6e6eef76ac5e}"\n    emails: []\napplications:',
      /^9:5: people\[1\]\.uuid stands twice/,
    ],
    [
      'a rule that the Actions refuse',
      'S: acme',
      'S: acme/',
      /^13:3: policy\.ALLOWED_WORKSPACES cannot be read by the Actions: rule 1 names no repository/,
    ],
    [
      'a setting that the Actions refuse',
      'S: acme',
      'S: acme\n  RECHECK_AFTER_MINUTES: soon',
      /^14:3: policy\.RECHECK_AFTER_MINUTES cannot be read by the Actions: not a whole number/,
    ],
    [
      'a setting that is none',
      'S: acme',
      'S: acme\n  ALLOWED: acme',
      /^14:3: policy\.ALLOWED is not a field/,
    ],
    [
      'an application’s rule',
      '    kind: spa',
      '    kind: spa\n    metadata: { bitbucket_allowed_workspaces: "" }',
      /^11:17: applications\[0\]\.metadata\.bitbucket_allowed_workspaces cannot be read by the Actions: empty/,
    ],
    [
      'a key that is nearly ours',
      '    kind: spa',
      '    kind: spa\n    metadata: { bitbucket-allowed-workspaces: a }',
      /^11:5: applications\[0\]\.metadata cannot be read by the Actions: client metadata: a key that is nearly/,
    ],
  ])('%s', (_, from, to, expected) => {
    expect(refusalOf(from, to)).toMatch(expected);
  });

  test('the first of several, and how many more', () => {
    expect(refusalOf('acme: owner', 'one: owner, two: owner')).toMatch(/\(and 1 more\)\.$/);
  });
});

const build = (text: string) => {
  const file = parseWorld(text, 'w.yaml');
  const world = createWorld();
  fillWorld(world, file);
  const store = createStore();
  const applications = applicationsOf(file, 'a secret');
  const deployer = { clientId: 'deployer', clientSecret: 'secret' };
  seedStore(store, 'localhost:1', { deployer, applications, apis: apisOf(file) });
  addConnection(
    store,
    'bitbucket',
    'bitbucket',
    applications.map(({ clientId }) => clientId),
  );
  return { file, world, store, applications };
};

const EVERYTHING = `workspaces:
  - slug: acme
    name: Acme
    uuid: "{00000000-0000-4000-8000-000000000001}"
    repositories:
      - { slug: infra, name: Infra, uuid: "{00000000-0000-4000-8000-000000000002}" }
    groups:
      - { slug: deployers, members: [dana.d], repositories: { infra: write } }
people:
  - name: Dana
    nickname: dana.d
    uuid: "{00000000-0000-4000-8000-000000000003}"
    emails:
      - { address: old@example.com, confirmed: false }
      - { address: dana@example.com, primary: true }
    workspaces: { acme: create-project }
    repositories: { acme/infra: read }
    status: closed
applications:
  - { client_id: one, name: One, kind: web, callbacks: [https://a.example/], metadata: { a: b } }
  - { client_id: robot, kind: machine }
apis: [{ identifier: urn:api, scopes: [a] }]
policy:
  ALLOWED_WORKSPACES: "*"
  REQUIRE_VERIFIED_EMAIL: false
  RECHECK_AFTER_MINUTES: 5
`;

describe('what becomes of a file', () => {
  test('uuids are those that it gives', () => {
    const { world } = build(EVERYTHING);
    const [acme, infra, dana] = [1, 2, 3].map((n) => `{00000000-0000-4000-8000-00000000000${n}}`);
    expect([...world.workspaces.keys()]).toEqual([acme]);
    expect(world.users.get(dana ?? '')).toMatchObject({
      uuid: dana,
      account_id: `557058:${dana?.slice(1, -1)}`,
      account_status: 'closed',
    });
    expect(world.standings.get(`${dana} ${acme}`)).toBe('create-project');
    expect(world.grants.get(`${dana} ${infra}`)).toBe('read');
    const [group] = world.groups.values();
    expect(group?.members).toEqual(new Set([dana]));
    expect(world.grants.get(`${group?.uuid} ${infra}`)).toBe('write');
  });

  test('what it does not give is made of names, the same each time', () => {
    const [one, other] = [build(DEFAULT_WORLD).world, build(DEFAULT_WORLD).world];
    expect(one).toEqual(other);
    expect([...one.users.values()].map(({ nickname }) => nickname)).toEqual([
      'olivia',
      'max',
      'toni',
      'nora',
      'gus',
      'uma',
    ]);
  });

  test('a secret that it does not give is made, the same each time, another for each', () => {
    const secretOf = (text: string, id: string) =>
      build(text).applications.find(({ clientId }) => clientId === id)?.clientSecret;
    expect(secretOf(EVERYTHING, 'one')).toBe(secretOf(EVERYTHING, 'one'));
    expect(secretOf(EVERYTHING, 'one')).not.toBe(secretOf(EVERYTHING, 'robot'));
  });

  test('the policy is text', () => {
    expect(settingsOf(parseWorld(EVERYTHING, 'w.yaml'))).toEqual({
      CLAIM_NAMESPACE: 'https://example.com/bitbucket',
      ALLOWED_WORKSPACES: '*',
      REQUIRE_VERIFIED_EMAIL: 'false',
      RECHECK_AFTER_MINUTES: '5',
    });
  });

  test.each([
    ['the default', DEFAULT_WORLD],
    ['one with everything', EVERYTHING],
  ])('%s, exported, is read again and makes the same', (_, text) => {
    const { world, store, file, applications } = build(text);
    const policy = settingsOf(file);
    const exported = exportWorld({ world, store, file, policy });
    const again = build(exported);
    expect(again.world).toEqual(world);
    expect(applicationsOf(again.file, 'a secret')).toEqual(applications);
    expect(apisOf(again.file)).toEqual(apisOf(file));
    expect(settingsOf(again.file)).toEqual(policy);
  });

  test('what was changed since is in the export', () => {
    const { world, store, file } = build(SMALL);
    world.standings.clear();
    const client = store.clients.get('app');
    if (client !== undefined) client.client_metadata = { bitbucket_allowed_workspaces: 'other' };
    const exported = parse(
      exportWorld({ world, store, file, policy: { ALLOWED_WORKSPACES: 'acme:owner' } }),
    );
    expect(exported.people[0].workspaces).toBeUndefined();
    expect(exported.applications[0].metadata).toEqual({ bitbucket_allowed_workspaces: 'other' });
    expect(exported.policy).toEqual({ ALLOWED_WORKSPACES: 'acme:owner' });
  });
});
