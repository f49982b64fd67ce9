/**
 * `why`, `people` and `plan --people` on a tenant after a day of logins: let in, refused for each
 * reason, rechecked, turned away by an outage, linked, forgotten; as their users run them.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from '#scripts/lib/deploy/plan.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { listPeople } from '#scripts/lib/people/list.ts';
import { planPeople } from '#scripts/lib/people/plan-people.ts';
import type { Filters } from '#scripts/lib/people/rows.ts';
import { renderPeopleAsJson } from '#scripts/lib/people/show-people.ts';
import { planPeopleToPlain } from '#scripts/lib/people/show-plan-people.ts';
import { renderWhyAsJson } from '#scripts/lib/people/show-why.ts';
import { explain } from '#scripts/lib/people/why.ts';
import {
  DEPLOYER_SCOPES,
  PEOPLE_SCOPES,
  READER_SCOPES,
} from '#scripts/lib/tenant/deployer-scopes.ts';
import { setStanding } from '#scripts/local/bitbucket/world.ts';
import { createCast, type Scene } from '#scripts/local/stage/cast.ts';
import { createStage, type Performance } from '#scripts/local/stage/perform.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { aged } from '#scripts/local/stage/shipped-flow.ts';
import { createApplication } from '#scripts/local/stage/sign-in.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';
import type { StoredClient, StoredGrant, StoredUser } from '#scripts/local/tenant/store.ts';
import { runScript } from '../support/run-script.ts';

const CALLBACK = 'https://app.example.com/callback';
const AUDIENCE = 'https://api.example.com';
const HOUR = 3_600_000;

const cast = createCast();
let nowOffset = 0;
const sandbox = await startSandbox({
  world: cast.world,
  consumerWorkspace: cast.allowed,
  applications: [
    { clientId: 'example-app', name: 'Example App', callbacks: [CALLBACK] },
    { clientId: 'other-app', name: 'Other App', callbacks: [CALLBACK] },
  ],
  apis: [{ identifier: AUDIENCE }],
  policy: {
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    AUTH0_ENABLED_CLIENTS: 'Example App',
    ...cast.policy,
  },
  pace: { now: () => Date.now() + nowOffset, logRetentionDays: 1 },
});
const { store, faults } = sandbox.tenant;
const { port } = sandbox.bitbucket;
redirectNetwork(
  new Map([...sandbox.tenant.network, [`localhost:${port}`, port]]),
  sandbox.certificate,
);
const performances: Performance[] = [];
let perform: ReturnType<typeof createStage>;

beforeAll(async () => {
  await deployToTenant(await prepare(sandbox.environment));
  const application = await createApplication({
    issuer: `${sandbox.tenant.origin}/`,
    ...{ clientId: 'example-app', callbackUrl: CALLBACK, audience: AUDIENCE },
  });
  perform = createStage(sandbox, application);
  for (const scene of cast.scenes) performances.push(await perform(scene));
}, 120_000);
afterAll(() => sandbox.close());

const grant = () => {
  const found = [...store.grants.values()].find(({ client_id: id }) => id === 'local-deployer');
  if (found === undefined) throw new Error('no grant');
  return found as StoredGrant;
};
const allScopes = [...(grant().scope ?? [])];
beforeEach(() => {
  grant().scope = [...allScopes];
  faults.clear();
  sandbox.bitbucket.faults.clear();
  nowOffset = 0;
});

const run = (
  name: string,
  args: readonly string[],
  change: Readonly<Record<string, string>> = {},
) => runScript(sandbox, name, args, change);
const emailOf = (scene: Scene | Performance) =>
  ('scene' in scene ? scene.scene : scene).person.emails[0]?.email ?? '';
const userOf = (name: string): StoredUser => {
  const user = [...store.users.values()].find(({ email }) => email === `${name}@example.com`);
  if (user === undefined) throw new Error(`no ${name}`);
  return user;
};
/** What the command says with --json, without a process of its own. */
const why = async (argument: string, isLive = false, change = {}) => {
  const env = { ...sandbox.environment, ...change };
  return JSON.parse(renderWhyAsJson(await explain(env, argument, { isLive })));
};
const writesOf = () =>
  sandbox.tenant.writes.filter(({ path }) => path !== '/oauth/token').map(({ path }) => path);

describe('why', () => {
  test('agrees with what the Actions decided in every scene of the cast', async () => {
    // The last scene of each person counts; an outage is no answer of Bitbucket.
    const last = new Map(performances.map((one) => [emailOf(one), one]));
    for (const [email, { code }] of last) {
      const { people } = await why(email);
      const [{ verdicts, refusals }] = people;
      const [{ status, code: said }] = verdicts;
      const isOutage = code === 'bitbucket_unavailable';
      expect([email, status]).toEqual([email, code === undefined || isOutage ? 'in' : 'out']);
      expect([email, refusals[0]?.code]).toEqual([email, code]);
      if (status === 'out') expect(said).toBe(code);
      // What no log of Auth0 tells, the Action has kept.
      if (code !== undefined) expect(refusals[0].cause).toMatch(/./);
    }
  }, 180_000);

  test('speaks to people: who, what for, what is known, by which rule, what to do', async () => {
    const { code, stdout } = await run('why', ['nora@example.com']);
    expect(code).toBe(0);
    for (const line of [
      'Nora <nora@example.com>',
      'bitbucket_workspace_required  at Example App',
      'cause: no rule is satisfied: 403, another person',
      'Example App: out, bitbucket_workspace_required',
      '✖ acme ',
      '→ bitbucket_workspace_required: add the person to the workspace',
      'stand before every login, as this checkout builds them',
      'This is the deployed policy.',
    ]) {
      expect(stdout).toContain(line);
    }
  });

  test('finds the person by an id in braces, and by a log entry, a refresh’s too', async () => {
    const id = userOf('nora').user_id;
    const byId = await why(id);
    expect(byId.people[0].user.user_id).toBe(id);
    const logId = byId.people[0].refusals[0].log_id;
    expect((await why(logId)).people[0].user.user_id).toBe(id);
  });

  test('changes nothing, and prints no token', async () => {
    sandbox.tenant.clearCalls();
    const { stdout, stderr } = await run('why', ['olivia@example.com', '--live', '--json']);
    expect(writesOf()).toEqual([]);
    const { BITBUCKET_SECRET = '', AUTH0_CLIENT_SECRET = '' } = sandbox.environment;
    for (const secret of [BITBUCKET_SECRET, AUTH0_CLIENT_SECRET, 'eyJ', 'access_token']) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  test('asks Bitbucket now, as the consumer, of memberships', async () => {
    const { people } = await why('nora@example.com', true);
    expect(people[0].live[0]).toMatchObject({
      status: 'out',
      code: 'bitbucket_workspace_required',
    });
    expect(people[0].live[0].rules[0]).toMatchObject({ rule: 'acme', is: 'no' });
    expect(people[0].live[0].rules[0].known).toMatch(/^no member \(404\) by the look \d s ago$/);
  });

  test('says so where Bitbucket does not answer', async () => {
    sandbox.bitbucket.faults.set('*', { reply: { status: 503 } });
    const { people } = await why('olivia@example.com', true);
    expect(people[0].notes).toContain(
      'Bitbucket did not tell of acme: bitbucket consumer token: 503.',
    );
    expect(people[0].live[0].status).toBe('in');
  });

  test('tells of an outage that they would get in now, and of an application by its own policy', async () => {
    const olivia = await why('olivia@example.com');
    expect(olivia.people[0].advice).toEqual([
      'By what is known now they get in: the last refusal has passed.',
    ]);
    const app = store.clients.get('other-app') as StoredClient;
    const connection = [...store.connections.values()].find(({ name }) => name === 'bitbucket');
    store.enabledClients.get(connection?.id ?? '')?.add('other-app');
    app.client_metadata = { bitbucket_allowed_workspaces: 'elsewhere' };
    try {
      const max = await why('max@example.com');
      expect(
        max.people[0].verdicts.map(({ application, status }: Record<string, unknown>) => [
          application,
          status,
        ]),
      ).toEqual([
        ['Example App', 'in'],
        ['Other App', 'unknown'],
      ]);
    } finally {
      store.enabledClients.get(connection?.id ?? '')?.delete('other-app');
      delete app.client_metadata;
    }
  });

  test('says unknown of facts that a recheck would not use, and goes by them in a longer one', async () => {
    const max = userOf('max');
    const kept = structuredClone(max.app_metadata);
    max.app_metadata = aged(kept, 3 * HOUR);
    try {
      const [{ verdicts, advice }] = (await why('max@example.com')).people;
      expect(verdicts[0]).toMatchObject({ status: 'unknown', code: null });
      expect(verdicts[0].rules[0]).toMatchObject({ rule: 'acme', is: 'unknown' });
      expect(verdicts[0].rules[0].known).toBe('member by the look 3 h ago');
      expect(advice.join()).toContain('signs in again');
      const longer = await why('max@example.com', false, { RECHECK_AFTER_MINUTES: '600' });
      expect(longer.people[0].verdicts[0].status).toBe('in');
      expect(longer.policy.is).toBe('other');
    } finally {
      max.app_metadata = kept;
    }
  });

  test('reads facts of another version, and damaged ones, as none, and says so', async () => {
    const max = userOf('max');
    const kept = structuredClone(max.app_metadata);
    try {
      for (const [look, said] of [
        [{ v: 1, uuid: 'x' }, 'facts of another version'],
        [{ ...(kept.bitbucket_look as object), workspaces: [7] }, 'facts that cannot be read'],
        ['nonsense', 'facts of another version'],
      ] as const) {
        max.app_metadata = { bitbucket_look: look };
        const { people } = await why('max@example.com');
        expect(people[0].accounts[0].not_believed).toBe(said);
        expect(people[0].verdicts[0].status).toBe('unknown');
      }
    } finally {
      max.app_metadata = kept;
    }
  });

  test('tells by the profile what the log no longer does', async () => {
    nowOffset = 2 * 24 * HOUR;
    const { people } = await why('nora@example.com');
    expect(people[0].refusals).toMatchObject([
      { code: 'bitbucket_workspace_required', log_id: null, application: 'Example App' },
    ]);
    expect(people[0].notes.join()).toContain('Auth0 keeps no log of this user, or no longer.');
  });

  test('names several with one address, and leaves out who came by another connection', async () => {
    const twin = { ...userOf('gus'), user_id: 'google-oauth2|1' };
    twin.identities = [
      { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '1', isSocial: true },
    ];
    store.users.set(twin.user_id, twin);
    try {
      const both = await why('gus@example.com');
      expect(both.people).toHaveLength(1);
      expect(both.notes.join()).toContain('2 users have this address');
      const { people } = await why(twin.user_id);
      expect(people[0].verdicts).toEqual([]);
      expect(people[0].notes.join()).toContain(
        'no account of a Bitbucket connection (but of google-oauth2)',
      );
    } finally {
      store.users.delete(twin.user_id);
    }
  });

  test.each([
    ['nobody@example.com', 'has no user with the address nobody@example.com'],
    ['bitbucket|{nobody}', 'has no user bitbucket|{nobody}'],
    [
      '90020261126000000000000000000000000000000000000000000000',
      'no log entry that Auth0 still keeps',
    ],
  ])('does not know %s', async (argument, message) => {
    await expect(explain(sandbox.environment, argument, { isLive: false })).rejects.toThrow(
      message,
    );
  });

  test('ends with 1 for somebody whom nobody knows', async () => {
    const { code, stdout } = await run('why', ['nobody@example.com', '--json']);
    expect([code, JSON.parse(stdout).error.message]).toEqual([
      1,
      expect.stringContaining('has no user with the address nobody@example.com'),
    ]);
  });

  test('wants to be told of whom', async () => {
    const { code, stderr } = await run('why', []);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Of whom?')]);
    expect((await run('why', ['a@x', 'b@x'])).stderr).toContain('one argument too many');
  });

  test('says that no Action stands before the connection', async () => {
    const { bindings } = store;
    store.bindings = [];
    try {
      const { gate } = await why('nora@example.com');
      expect(gate[0]).toMatchObject({ level: 'problem' });
    } finally {
      store.bindings = bindings;
    }
  });
});

describe('scopes', () => {
  test.each([
    ['why', ['nora@example.com']],
    ['people', []],
  ])('%s does with those of a reader, and names the ones that are missing', async (name, args) => {
    grant().scope = [...READER_SCOPES];
    const done = await run(name, args);
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringContaining('cannot be told without the scope'),
    ]);
    for (const scope of PEOPLE_SCOPES) {
      grant().scope = READER_SCOPES.filter((one) => one !== scope);
      sandbox.tenant.clearCalls();
      const { code, stderr } = await run(name, args);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`lacks the scope ${scope};`)]);
      expect(sandbox.tenant.calls.map(({ path }) => path)).toEqual(['/oauth/token']);
    }
  });

  test('a plan asks for them only where people are asked about', async () => {
    grant().scope = [...DEPLOYER_SCOPES];
    expect((await run('plan', [])).code).toBe(0);
    const { code, stderr } = await run('plan', ['--people']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('lacks the scopes read:users, read:logs, read:logs_users;'),
    ]);
  });
});

describe('people', () => {
  const listed = async (filters: Partial<Filters> = {}) => {
    const people = await listPeople(sandbox.environment, {
      ...{ isOut: false, staleDays: undefined },
      ...filters,
    });
    return JSON.parse(renderPeopleAsJson(people)).people as readonly Record<string, string>[];
  };

  test('is everybody, as the Actions decided, and linked accounts too', async () => {
    const linked = {
      ...structuredClone(userOf('max')),
      user_id: 'google-oauth2|7',
      email: 'l@x.org',
    };
    linked.identities = [
      { connection: 'google-oauth2', provider: 'google-oauth2', user_id: '7', isSocial: true },
      ...linked.identities.map((identity) => ({ ...identity, user_id: 'linked' })),
    ];
    store.users.set(linked.user_id, linked);
    try {
      const people = await listed();
      const status = Object.fromEntries(people.map((one) => [one.email, one.status]));
      expect(status).toEqual({
        'olivia@example.com': 'in',
        'max@example.com': 'in',
        'toni@example.com': 'in',
        'dana@example.com': 'in',
        'rita@example.com': 'in',
        'cleo@example.com': 'in',
        'nora@example.com': 'out',
        'gus@example.com': 'out',
        'uma@example.com': 'out',
        'l@x.org': 'unknown',
      });
      const olivia = people.find(({ email }) => email === 'olivia@example.com');
      expect(olivia).toMatchObject({ workspaces: 'acme:owner', reason: 'acme' });
      expect((await listed({ isOut: true })).map(({ email }) => email).sort()).toEqual([
        'gus@example.com',
        'nora@example.com',
        'uma@example.com',
      ]);
      expect((await listed({ staleDays: 1 })).map(({ email }) => email)).toEqual(['l@x.org']);
    } finally {
      store.users.delete(linked.user_id);
    }
  });

  test('as CSV is nothing but CSV on standard output', async () => {
    const { code, stdout } = await run('people', ['--csv']);
    expect(code).toBe(0);
    const lines = stdout.split('\r\n');
    expect(lines[0]).toBe(
      'user_id,email,bitbucket_uuid,workspaces,last_look,last_login,status,reason',
    );
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('');
  });

  test('waits out the tenant’s limit, and says what else it refuses', async () => {
    faults.set('GET /api/v2/users', { reply: { status: 429 } }, 1);
    expect((await run('people', [])).code).toBe(0);
    faults.set('GET /api/v2/users', { reply: { status: 500 } });
    const { code, stderr } = await run('people', []);
    expect([code, stderr]).toEqual([1, expect.stringContaining('GET /api/v2/users on localhost')]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each([
    [['--csv', '--json'], '--csv or --json, not both'],
    [['--stale', 'x'], '--stale takes a whole number'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run('people', args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test('5,000 come by the export, the linked ones with them, in seconds', async () => {
    const added = Array.from({ length: 5_000 }, (_, index) => {
      const uuid = `{00000000-0000-4000-8000-${String(index).padStart(12, '0')}}`;
      const user = structuredClone(userOf('max'));
      const own = { connection: 'bitbucket', provider: 'bitbucket', user_id: uuid, isSocial: true };
      const isLinked = index % 1_000 === 0;
      const google = { ...own, connection: 'google-oauth2', provider: 'google-oauth2' };
      return {
        ...user,
        user_id: isLinked ? `google-oauth2|${index}` : `bitbucket|${uuid}`,
        email: `person${index}@example.com`,
        identities: isLinked ? [google, own] : [own],
      };
    });
    for (const user of added) store.users.set(user.user_id, user);
    try {
      sandbox.tenant.clearCalls();
      const { code, stdout, stderr } = await run('people', ['--csv']);
      expect(code).toBe(0);
      expect(stdout.split('\r\n')).toHaveLength(5_000 + 9 + 2);
      expect(stdout).toContain('google-oauth2|4000,person4000@example.com');
      expect(stderr).toContain('Reading the people');
      // A job is no change of the tenant, and there is no other write.
      expect(new Set(writesOf())).toEqual(new Set(['/api/v2/jobs/users-exports']));
    } finally {
      for (const { user_id: id } of added) store.users.delete(id);
    }
  }, 120_000);

  test('of a tenant without the connection is nobody', async () => {
    const connections = new Map(store.connections);
    store.connections.clear();
    try {
      const { code, stdout } = await run('people', []);
      expect([code, stdout]).toEqual([0, expect.stringContaining('no Bitbucket connection')]);
    } finally {
      for (const [id, connection] of connections) store.connections.set(id, connection);
    }
  });

  test('of a connection that is on for nobody are judged all the same, and that is said', async () => {
    const enabled = new Map(store.enabledClients);
    store.enabledClients.clear();
    try {
      const { stdout } = await run('people', []);
      expect(stdout).toContain('The connection bitbucket is on for no application:');
    } finally {
      for (const [id, clients] of enabled) store.enabledClients.set(id, clients);
    }
  });

  test('a second Bitbucket connection is one of them', async () => {
    addConnection(store, 'bitbucket-two', 'bitbucket', []);
    const second = {
      ...structuredClone(userOf('gus')),
      user_id: 'bitbucket|two',
      email: 'two@x.org',
    };
    second.identities = second.identities.map((one) => ({ ...one, connection: 'bitbucket-two' }));
    store.users.set(second.user_id, second);
    try {
      const two = (await listed()).find(({ email }) => email === 'two@x.org');
      expect(two).toMatchObject({ status: 'unknown', reason: 'facts of another linked account' });
    } finally {
      store.users.delete(second.user_id);
      for (const [id, { name }] of store.connections) {
        if (name === 'bitbucket-two') store.connections.delete(id);
      }
    }
  });
});

describe('plan --people', () => {
  const plan = async (change = {}) => {
    const prepared = await prepare({ ...sandbox.environment, ...change });
    const people = planPeopleToPlain(await planPeople(prepared));
    const names = (list: readonly { readonly name: string | null }[]) =>
      list.map(({ name }) => name).sort();
    return {
      hasChanges: hasChanges(prepared.changes),
      refused: names(people.newlyRefused),
      letIn: names(people.newlyLetIn),
      untold: names(people.cannotTell),
    };
  };

  test('without changes concerns nobody', async () => {
    expect(await plan()).toEqual({ hasChanges: false, refused: [], letIn: [], untold: [] });
  });

  test('names who would be newly refused, and ends with 1 where they are too many', async () => {
    const stricter = { ALLOWED_WORKSPACES: 'acme:owner' };
    const planned = await plan(stricter);
    expect(planned).toMatchObject({
      hasChanges: true,
      refused: ['Cleo', 'Dana', 'Max', 'Rita', 'Toni'],
    });
    expect(planned).toMatchObject({ letIn: [], untold: [] });
    const { code, stderr, stdout } = await run(
      'plan',
      ['--people', '--max-locked-out', '4'],
      stricter,
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('5 would be newly refused')]);
    const json = await run('plan', ['--people', '--json', '--max-locked-out', '5'], stricter);
    expect([json.code, JSON.parse(json.stdout).people.newlyRefused.length]).toEqual([2, 5]);
    expect(stdout).toContain(
      '✖ Max <max@example.com>: bitbucket_workspace_required (before: let in',
    );
  });

  test('names who would be newly let in, and of whom it cannot be told', async () => {
    const looser = await plan({ REQUIRE_VERIFIED_EMAIL: 'false' });
    expect(looser).toMatchObject({ letIn: ['Uma'], refused: [], untold: [] });
    const other = await plan({ ALLOWED_WORKSPACES: 'acme, elsewhere' });
    expect(other).toMatchObject({
      letIn: [],
      refused: [],
      untold: ['Cleo', 'Gus', 'Nora', 'Rita'],
    });
  });

  test('wants --people for a limit, and a number', async () => {
    expect((await run('plan', ['--max-locked-out', '1'])).stderr).toContain('goes with --people');
    expect((await run('plan', ['--people', '--max-locked-out', 'x'])).stderr).toContain(
      'whole number',
    );
  });
});

/** What comes after the day: each refusal that the cast has not. */
describe('why, of a recheck', () => {
  const refresh = async (name: string, change: Readonly<Partial<Scene>> = {}) => {
    const scene = cast.scenes.find(({ person }) => person.display_name === name);
    if (scene === undefined) throw new Error(`no ${name}`);
    const user = userOf(name.toLowerCase());
    user.app_metadata = aged(user.app_metadata, 3 * HOUR);
    const { code } = await perform({ ...scene, does: 'refresh', expected: undefined, ...change });
    const [{ verdicts, refusals }] = (await why(`${name.toLowerCase()}@example.com`)).people;
    return { code, status: verdicts[0].status, said: verdicts[0].code, last: refusals[0] };
  };

  test('that Bitbucket answered with no', async () => {
    const toni = cast.scenes.find(({ person }) => person.display_name === 'Toni');
    if (toni === undefined) throw new Error('no Toni');
    setStanding(cast.world, toni.person, cast.allowed, undefined);
    expect(await refresh('Toni')).toMatchObject({
      code: 'bitbucket_workspace_required',
      status: 'out',
      said: 'bitbucket_workspace_required',
      last: { kind: 'refresh', code: 'bitbucket_workspace_required', application: 'Example App' },
    });
  });

  test('that nobody could tell, as the sign-in had expired', async () => {
    const rita = cast.scenes.find(({ person }) => person.display_name === 'Rita');
    sandbox.bitbucket.expireAccessTokens(rita?.person.uuid ?? '');
    expect(await refresh('Rita')).toMatchObject({
      code: 'bitbucket_login_required',
      status: 'unknown',
      said: null,
      last: {
        kind: 'refresh',
        code: 'bitbucket_login_required',
        cause: expect.stringMatching(/./),
      },
    });
  });

  test('in an outage', async () => {
    expect(await refresh('Dana', { isBitbucketDown: true })).toMatchObject({
      code: 'bitbucket_unavailable',
      status: 'unknown',
      last: { code: 'bitbucket_unavailable', cause: 'bitbucket user: dropped' },
    });
  });

  test('under an application’s policy that cannot be read', async () => {
    const app = store.clients.get('example-app') as StoredClient;
    app.client_metadata = { bitbucket_allowed_workspaces: 'Acme Corp' };
    try {
      expect(await refresh('Max')).toMatchObject({
        code: 'bitbucket_misconfigured',
        status: 'out',
        said: 'bitbucket_misconfigured',
        last: { code: 'bitbucket_misconfigured', cause: expect.stringContaining('rule 1') },
      });
    } finally {
      delete app.client_metadata;
    }
  });

  test('that lets in, with what is known renewed', async () => {
    expect(await refresh('Max')).toMatchObject({ code: undefined, status: 'in' });
  });
});
