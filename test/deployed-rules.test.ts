/**
 * The shipped files under rules by repository and by person, with roles: in the local tenant, at
 * real sign-ins, before the local Bitbucket. Each test has a policy of its own.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { bundlePathOf, listActionNames } from '#scripts/lib/build/actions.ts';
import {
  addGroup,
  addProject,
  addRepository,
  grant,
} from '#scripts/local/bitbucket/repositories.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketUser,
  type Consumer,
  createWorld,
  renameWorkspace,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { connectBitbucket } from '#scripts/local/stage/connect-bitbucket.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { createApplication, type SignInResult } from '#scripts/local/stage/sign-in.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';

const CALLBACK = 'https://app.example.com/callback';
const AUDIENCE = 'https://api.example.com';
const REPOSITORIES = '/2.0/user/workspaces/{workspace}/permissions/repositories';

const world = createWorld();
const acme = addWorkspace(world, 'acme');
const platform = addProject(world, acme, 'PLAT');
const infra = addRepository(world, acme, 'infra', platform);
const website = addRepository(world, acme, 'website');
const sandbox = await startSandbox({
  world,
  consumerWorkspace: acme,
  applications: [{ clientId: 'app', name: 'App', callbacks: [CALLBACK] }],
  apis: [{ identifier: AUDIENCE }],
  policy: { ALLOWED_WORKSPACES: 'acme/infra' },
});
afterAll(() => sandbox.close());
const { store } = sandbox.tenant;
const secrets = connectBitbucket(sandbox, 'app');
for (const name of await listActionNames()) {
  addAction(store, name, { isBound: true, code: await readFile(bundlePathOf(name), 'utf8') });
}
const application = await createApplication({
  issuer: `${sandbox.tenant.origin}/`,
  clientId: 'app',
  callbackUrl: CALLBACK,
  audience: AUDIENCE,
});
const consumer = [...world.consumers.values()][0] as Consumer;

/** Somebody new in each test, in nothing. */
let ann: BitbucketUser;
let count = 0;
beforeEach(() => {
  world.standings.clear();
  world.grants.clear();
  world.groups.clear();
  world.filtersTakeOr = true;
  world.guestsAreMembers = false;
  world.consumers.set(consumer.key, consumer);
  sandbox.bitbucket.faults.clear();
  count += 1;
  ann = addUser(world, `ann-${count}`, [{ email: `ann-${count}@example.com` }]);
});

function setPolicy(policy: Readonly<Record<string, string>>): void {
  const entries = Object.entries({ ...secrets, ...policy });
  const listed = entries.map(([name, value]) => ({ name, value, updated_at: '' }));
  for (const { versions } of store.actions.values()) {
    for (const version of versions) Object.assign(version, { secrets: listed });
  }
}

/** What came of it: the code of a refusal, or our claims by their short names. */
function read(result: SignInResult): Readonly<Record<string, unknown>> {
  if (result.kind === 'refused') return { code: result.description.split(':')[0] };
  const prefix = `${secrets.CLAIM_NAMESPACE}/`;
  const ours = (token: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(token)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  expect(ours(result.accessToken)).toEqual(ours(result.idToken));
  return ours(result.idToken);
}

async function signIn(policy: Readonly<Record<string, string>>, browser = browserOf(ann)) {
  setPolicy(policy);
  sandbox.bitbucket.clearCalls();
  return read(await application.signIn(browser));
}
const browserOf = ({ uuid }: BitbucketUser) => createBrowser({ userUuid: uuid });
/** What the Actions asked about repositories in the last sign-in. */
const repositoryCalls = () =>
  sandbox.bitbucket.calls.filter(({ endpoint }) => endpoint === REPOSITORIES);
const lastLogs = () =>
  sandbox.tenant.logins.at(-1)?.result.steps.map(({ log }) => JSON.parse(log || '{}')) ?? [];

const REFUSED = { code: 'bitbucket_workspace_required' };
const MISCONFIGURED = { code: 'bitbucket_misconfigured' };

describe('a rule by repository', () => {
  test.each([
    ['directly', () => grant(world, ann, infra, 'write')],
    ['through a group', () => grant(world, addGroup(world, acme, 'ops', [ann]), infra, 'write')],
    ['through the project', () => grant(world, ann, platform, 'write')],
    [
      'through a group on the project',
      () => grant(world, addGroup(world, acme, 'ops', [ann]), platform, 'write'),
    ],
  ])('lets in who may write to it %s, and says so in claims', async (_, give) => {
    const policy = { ALLOWED_WORKSPACES: 'acme/infra:write' };
    expect(await signIn(policy)).toEqual(REFUSED);
    give();
    expect(await signIn(policy)).toMatchObject({
      uuid: ann.uuid,
      repositories: [{ uuid: infra.uuid, full_name: 'acme/infra', permission: 'write' }],
    });
  });

  test.each([
    ['write', 'acme/infra', true],
    ['write', 'acme/infra:write', true],
    ['write', 'acme/infra:admin', false],
    ['read', 'acme/infra:write', false],
    ['read', 'ACME/Infra', true],
    ['read', `${acme.uuid}/${infra.uuid}`, true],
    ['admin', 'acme/website', false],
    ['admin', 'acme', false],
  ] as const)('with %s on acme/infra: %s lets in: %s', async (permission, rule, isLetIn) => {
    grant(world, ann, infra, permission);
    const outcome = await signIn({ ALLOWED_WORKSPACES: rule });
    expect(outcome.code).toBe(isLetIn ? undefined : REFUSED.code);
  });

  test('asks about all of a workspace in one call, in the first of the two Actions', async () => {
    grant(world, ann, website, 'read');
    await signIn({ ALLOWED_WORKSPACES: 'acme/infra, acme/website, acme/none' });
    expect(repositoryCalls()).toHaveLength(1);
    expect(lastLogs().map(({ calls }) => calls > 0)).toEqual([true, false]);
  });

  test('asks about each by itself where Bitbucket does not take OR', async () => {
    world.filtersTakeOr = false;
    const policy = { ALLOWED_WORKSPACES: 'acme/infra:write, acme/website' };
    expect(await signIn(policy)).toEqual(REFUSED);
    grant(world, ann, website, 'read');
    expect(await signIn(policy)).toMatchObject({
      repositories: [{ full_name: 'acme/website', permission: 'read' }],
    });
    expect(repositoryCalls().map(({ status }) => status)).toEqual([400, 200, 200]);
  });

  test('that Bitbucket does not understand at all is an outage, and no refusal for good', async () => {
    grant(world, ann, infra, 'write');
    sandbox.bitbucket.faults.set(REPOSITORIES, { reply: { status: 400 } });
    expect(await signIn({ ALLOWED_WORKSPACES: 'acme/infra' })).toEqual({
      code: 'bitbucket_unavailable',
    });
  });

  test('needs the scope of the consumer, and is misconfigured without it', async () => {
    world.consumers.set(consumer.key, { ...consumer, scopes: ['account', 'email'] });
    grant(world, ann, infra, 'write');
    expect(await signIn({ ALLOWED_WORKSPACES: 'acme/infra' })).toEqual(MISCONFIGURED);
    const [{ cause }] = lastLogs().slice(-1);
    expect(cause).toMatch(/^bitbucket repositories: 403, the consumer lacks .*repository/);
  });

  test('whose scope is missing keeps out nobody whom another rule lets in', async () => {
    world.consumers.set(consumer.key, { ...consumer, scopes: ['account', 'email'] });
    setStanding(world, ann, acme, 'member');
    const policy = { ALLOWED_WORKSPACES: 'acme/infra, acme' };
    expect(await signIn(policy)).toMatchObject({ groups: ['acme', 'acme:member'] });
    const named = { ALLOWED_WORKSPACES: `acme/infra, @${ann.uuid}` };
    expect(await signIn(named)).toMatchObject({ uuid: ann.uuid, repositories: [] });
  });

  test('by uuids holds when the workspace is renamed and its slug taken; by slugs it is the slug’s', async () => {
    const old = addWorkspace(world, 'before');
    const app = addRepository(world, old, 'app');
    renameWorkspace(world, old, 'after');
    const taken = addWorkspace(world, 'before');
    const theirs = addRepository(world, taken, 'app');
    const byUuids = { ALLOWED_WORKSPACES: `${old.uuid}/${app.uuid}` };
    const bySlugs = { ALLOWED_WORKSPACES: 'before/app' };
    grant(world, ann, theirs, 'admin');
    expect(await signIn(byUuids)).toEqual(REFUSED);
    expect(await signIn(bySlugs)).toMatchObject({ uuid: ann.uuid });
    grant(world, ann, theirs, undefined);
    grant(world, ann, app, 'read');
    expect(await signIn(bySlugs)).toEqual(REFUSED);
    expect(await signIn(byUuids)).toMatchObject({ repositories: [{ full_name: 'after/app' }] });
  });
});

test('who is on a repository alone is in the workspace only where Bitbucket calls them a member', async () => {
  grant(world, ann, infra, 'write');
  expect(await signIn({ ALLOWED_WORKSPACES: 'acme' })).toEqual(REFUSED);
  world.guestsAreMembers = true;
  expect(await signIn({ ALLOWED_WORKSPACES: 'acme' })).toMatchObject({
    groups: ['acme', 'acme:collaborator'],
  });
});

describe('without somebody at Bitbucket', () => {
  const POLICY = { ALLOWED_WORKSPACES: 'acme/infra' };
  const refreshTokenOf = async () => {
    setPolicy(POLICY);
    const result = await application.signIn(browserOf(ann));
    if (result.kind !== 'allowed') throw new Error(result.description);
    return result.refreshToken ?? '';
  };

  test('a permission that is known stands for as long as the policy says, with no call', async () => {
    grant(world, ann, infra, 'read');
    const token = await refreshTokenOf();
    grant(world, ann, infra, undefined);
    sandbox.bitbucket.clearCalls();
    expect(read(await application.refresh(token))).toMatchObject({ uuid: ann.uuid });
    expect(sandbox.bitbucket.calls).toEqual([]);
  });

  test('it is looked up again after that, while the person’s token works', async () => {
    grant(world, ann, infra, 'read');
    const token = await refreshTokenOf();
    grant(world, ann, infra, undefined);
    setPolicy({ ...POLICY, RECHECK_AFTER_MINUTES: '0' });
    expect(read(await application.refresh(token))).toEqual(REFUSED);
  });

  test('it is never told by the consumer: the person has to sign in again', async () => {
    grant(world, ann, infra, 'read');
    setStanding(world, ann, acme, 'member');
    const token = await refreshTokenOf();
    sandbox.bitbucket.expireAccessTokens(ann.uuid);
    setPolicy({ ...POLICY, RECHECK_AFTER_MINUTES: '0' });
    sandbox.bitbucket.clearCalls();
    expect(read(await application.refresh(token))).toEqual({ code: 'bitbucket_login_required' });
    expect(repositoryCalls().map(({ status }) => status)).not.toContain(200);
  });
});

describe('a rule by person', () => {
  test('lets in that account, in no workspace, and no other', async () => {
    const policy = { ALLOWED_WORKSPACES: `acme, @${ann.uuid.toUpperCase()}` };
    expect(await signIn(policy)).toEqual({
      uuid: ann.uuid,
      ...{ email: ann.emails[0]?.email, email_verified: true },
      ...{ workspaces: [], groups: [] },
    });
    const ben = addUser(world, 'ben', [{ email: 'ben@example.com' }]);
    expect(await signIn(policy, browserOf(ben))).toEqual(REFUSED);
  });

  test('is still subject to the confirmed address', async () => {
    ann.emails = [{ email: 'ann@example.com', is_primary: true, is_confirmed: false }];
    expect(await signIn({ ALLOWED_WORKSPACES: `@${ann.uuid}` })).toEqual({
      code: 'bitbucket_email_unverified',
    });
  });

  test.each(['inactive', 'closed'] as const)(
    'does not let in an account that is %s',
    async (status) => {
      setStanding(world, ann, acme, 'owner');
      const policy = { ALLOWED_WORKSPACES: `acme, @${ann.uuid}` };
      expect(await signIn(policy)).toHaveProperty('uuid', ann.uuid);
      ann.account_status = status;
      expect(await signIn(policy)).toEqual(REFUSED);
    },
  );
});

describe('roles', () => {
  const ROLES = 'deployer=acme/infra:write, admin=acme:owner, staff=acme, staff=acme/website';

  test('are sorted, each once, and named by any kind of rule', async () => {
    setStanding(world, ann, acme, 'owner');
    const all = { ALLOWED_WORKSPACES: 'acme', ROLES: `${ROLES}, founder=@${ann.uuid}` };
    expect(await signIn(all)).toMatchObject({ roles: ['admin', 'deployer', 'founder', 'staff'] });
  });

  test('are none for who is let in and in none of them', async () => {
    expect(await signIn({ ALLOWED_WORKSPACES: `@${ann.uuid}`, ROLES })).toMatchObject({
      roles: [],
    });
  });

  test('let nobody in', async () => {
    grant(world, ann, infra, 'admin');
    expect(await signIn({ ALLOWED_WORKSPACES: 'acme', ROLES })).toEqual(REFUSED);
  });

  test('that cannot be told for want of a scope are left out, and the log says how many', async () => {
    world.consumers.set(consumer.key, { ...consumer, scopes: ['account', 'email'] });
    setStanding(world, ann, acme, 'member');
    grant(world, ann, infra, 'write');
    expect(await signIn({ ALLOWED_WORKSPACES: 'acme', ROLES })).toMatchObject({ roles: ['staff'] });
    expect(lastLogs().at(-1)).toMatchObject({ outcome: 'allowed', roles_unknown: 1 });
  });
});

describe('groups', () => {
  beforeEach(() => setStanding(world, ann, acme, 'member'));

  test.each([
    ['acme', {}, ['acme', 'acme:member']],
    ['acme', { GROUP_NAMES: 'uuid' }, [acme.uuid, `${acme.uuid}:member`]],
  ])('under %s with %j', async (rule, setting, groups) => {
    expect(await signIn({ ALLOWED_WORKSPACES: rule, ...setting })).toMatchObject({ groups });
  });

  test.each(['slug', 'uuid'])('under * are uuids, whatever GROUP_NAMES=%s says', async (name) => {
    const outcome = await signIn({ ALLOWED_WORKSPACES: '*', GROUP_NAMES: name });
    expect(outcome.workspaces).toMatchObject([{ uuid: acme.uuid, slug: 'acme' }]);
    for (const group of outcome.groups as readonly string[]) {
      expect(group.startsWith(acme.uuid)).toBe(true);
    }
  });
});
