/** The doctor on a tenant: before a deploy and after it, with everything that can be wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { examine } from '#scripts/lib/doctor/examine.ts';
import type { Finding } from '#scripts/lib/doctor/finding.ts';
import {
  addUser,
  addWorkspace,
  type Consumer,
  createWorld,
} from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';
import type { StoredAction, StoredClient } from '#scripts/local/tenant/store.ts';
import { runScript } from '../support/run-script.ts';

const world = createWorld();
const acme = addWorkspace(world, 'acme');
const ann = addUser(world, 'ann', [{ email: 'ann@example.com' }], 'Ann');
const sandbox = await startSandbox({
  world,
  consumerWorkspace: acme,
  applications: [
    { clientId: 'app', name: 'App', callbacks: [] },
    { clientId: 'other', name: 'Other', callbacks: [] },
  ],
  policy: {
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    ALLOWED_WORKSPACES: acme.uuid,
    AUTH0_ENABLED_CLIENTS: 'App',
  },
});
const { store, domain, network } = sandbox.tenant;
redirectNetwork(new Map(network), sandbox.certificate);
const consumer = [...world.consumers.values()][0] as Consumer;
const app = store.clients.get('app') as StoredClient;
afterAll(() => sandbox.close());
beforeEach(() => {
  world.consumers.set(consumer.key, consumer);
  sandbox.bitbucket.faults.clear();
  sandbox.tenant.faults.clear();
  delete app.client_metadata;
});

const look = (change: Readonly<Record<string, string>> = {}) =>
  examine({ ...sandbox.environment, ...change });
const of = (findings: readonly Finding[], check: string) =>
  findings.filter((candidate) => candidate.check === check);
const problems = (findings: readonly Finding[]) =>
  findings
    .filter(({ level }) => level === 'problem')
    .map(({ check, message }) => `${check}: ${message}`);

describe('as a command', () => {
  test('reports to a program, and ends with 0 where there are only warnings', async () => {
    const { code, stdout } = await runScript(sandbox, 'doctor', ['--json']);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    expect(problems(findings)).toEqual([]);
    expect(code).toBe(0);
  });

  test('speaks to people, and ends with 1 for a problem', async () => {
    const change = { ALLOWED_WORKSPACE: 'acme' };
    const { code, stdout } = await runScript(sandbox, 'doctor', [], change);
    expect(code).toBe(1);
    expect(stdout).toContain('✖ Environment');
    expect(stdout).toContain(`https://${domain}/login/callback`);
    expect(stdout).toContain('→ npm run deploy');
    expect(stdout).not.toContain(sandbox.environment.BITBUCKET_SECRET);
  });
});

describe('before the first deploy', () => {
  test('finds no problem, changes nothing, and names what is missing', async () => {
    sandbox.tenant.clearCalls();
    const findings = await look();
    expect(findings.map(({ check, level }) => `${level}: ${check}`)).toEqual([
      'ok: Policy',
      'ok: Bitbucket consumer',
      'ok: Callback URL',
      `ok: Workspace ${acme.uuid}`,
      'ok: Tenant',
      'ok: Deployer',
      'warning: Reading upstream tokens',
      'warning: Connection bitbucket',
      'warning: Application Bitbucket login checks',
      `warning: Grant of Bitbucket login checks for https://${domain}/api/v2/`,
      'warning: Action bitbucket-email-verification',
      'warning: Action bitbucket-workspace-membership',
      'warning: Login flow',
    ]);
    const methods = sandbox.tenant.calls.filter(({ path }) => path !== '/oauth/token');
    expect(methods.every(({ method }) => method === 'GET')).toBe(true);
  });

  test.each<[string, () => void, Finding['level'], string]>([
    [
      'lacks the e-mail permission',
      () => world.consumers.set(consumer.key, { ...consumer, scopes: ['account'] }),
      'problem',
      'it lacks the permission email',
    ],
    [
      'is not private',
      () => world.consumers.set(consumer.key, { ...consumer, isPrivate: false }),
      'problem',
      'Bitbucket does not give it a token (400)',
    ],
    [
      'has another secret',
      () => world.consumers.set(consumer.key, { ...consumer, secret: 'x' }),
      'problem',
      'Bitbucket does not give it a token (400)',
    ],
    [
      'cannot be asked',
      () => sandbox.bitbucket.faults.set('*', { drop: 'at_once' }),
      'problem',
      'bitbucket.org cannot be reached',
    ],
    [
      'is answered with null',
      () => sandbox.bitbucket.faults.set('*', { reply: { body: 'null' } }),
      'problem',
      'Bitbucket does not give it a token (200)',
    ],
    [
      'is answered with a page',
      () => sandbox.bitbucket.faults.set('*', { reply: { body: '<html>' } }),
      'problem',
      'Bitbucket does not give it a token (200)',
    ],
    [
      'may write accounts',
      () => world.consumers.set(consumer.key, { ...consumer, scopes: ['account:write', 'email'] }),
      'ok',
      'its Key and Secret work, and it has account and email',
    ],
  ])('sees that the consumer %s', async (_, change, level, message) => {
    change();
    expect(of(await look(), 'Bitbucket consumer')).toMatchObject([{ level, message }]);
  });

  test.each([
    [acme.uuid, `Workspace ${acme.uuid}`, 'ok', 'it is acme'],
    ['acme', 'Workspace acme', 'warning', `it is ${acme.uuid}`],
    ['nowhere', 'Workspace nowhere', 'problem', 'Bitbucket knows no such workspace'],
    [`@${ann.uuid}`, `Person @${ann.uuid}`, 'ok', `it is ${ann.display_name}`],
    [
      '@{00000000-0000-4000-8000-000000000000}',
      'Person @{00000000-0000-4000-8000-000000000000}',
      'warning',
      'it cannot be looked up (404)',
    ],
    ['*', 'Allowed workspaces', 'warning', 'none is named: a member of any workspace gets in'],
    [
      'a,b:admin',
      'Policy',
      'problem',
      'ALLOWED_WORKSPACES: rule 2 has an unknown permission; known: member, collaborator, create-project, owner',
    ],
    ['', 'Policy', 'problem', 'ALLOWED_WORKSPACES: missing'],
  ])('reads the rules “%s”', async (ALLOWED_WORKSPACES, check, level, message) => {
    expect(of(await look({ ALLOWED_WORKSPACES }), check)).toMatchObject([{ level, message }]);
  });

  test('advises the uuid instead of a slug', async () => {
    const [finding] = of(await look({ ALLOWED_WORKSPACES: 'acme' }), 'Workspace acme');
    expect(finding?.advice).toContain('taken by somebody else');
  });

  test('tells what Bitbucket is going to remove, and what a route asks for', async () => {
    const { faults } = sandbox.bitbucket;
    const sunset = { Deprecation: '@1767225600', Sunset: 'Wed, 14 Apr 2027 00:00:00 GMT' };
    faults.set('/2.0/user/workspaces', { reply: { headers: sunset } });
    faults.set('/2.0/workspaces/{workspace}', {
      reply: { headers: { Deprecation: '@1767225600' } },
    });
    const scopes = { 'X-OAuth-Scopes': 'email, account', 'X-Accepted-OAuth-Scopes': 'repository' };
    faults.set('/2.0/user/emails', { reply: { headers: scopes } });
    faults.set('/2.0/user', { reply: { status: 410 } });
    const findings = await look();
    expect(problems(findings)).toEqual([]);
    const told = findings.filter(({ check }) => check.startsWith('Bitbucket GET'));
    expect(told.map(({ check, message }) => `${check}: ${message}`).sort()).toEqual([
      'Bitbucket GET /2.0/user/emails: it asks for the permission repository, and the consumer has email, account',
      'Bitbucket GET /2.0/user/workspaces: Bitbucket is going to remove it on 2027-04-14',
      'Bitbucket GET /2.0/user: it was removed (410)',
      'Bitbucket GET /2.0/workspaces/{workspace}: Bitbucket is going to remove it (deprecated: 2026-01-01)',
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['the policy', { CLAIM_NAMESPACE: '' }, 'Policy', 'CLAIM_NAMESPACE: missing'],
    ['the consumer', { BITBUCKET_KEY: '' }, 'Bitbucket consumer', 'its Key or Secret is not set'],
    [
      'the tenant',
      { AUTH0_DOMAIN: '' },
      'Tenant',
      'The configuration is not complete; nothing was changed.',
    ],
    [
      'the deployer',
      { AUTH0_CLIENT_SECRET: 'x' },
      'Tenant',
      `${domain} does not let the deployer in: 401, Unauthorized. Check AUTH0_CLIENT_ID and its credential, and that the application is authorized for the Management API.`,
    ],
    [
      'the names',
      { ON_OUTAGES: 'deny' },
      'Environment',
      'ON_OUTAGES is not a name of ours, and nothing reads it',
    ],
    [
      'a value',
      { ON_OUTAGE: '$ON_OUTAGE' },
      'Environment',
      'ON_OUTAGE is a placeholder that nobody filled in',
    ],
  ])('says what is wrong with %s, and goes on', async (_, change, check, message) => {
    const findings = await look(change);
    expect(of(findings, check)).toContainEqual(
      expect.objectContaining({ level: 'problem', message }),
    );
    expect(findings.length).toBeGreaterThan(3);
  });

  test('names every scope that the deployer lacks, and goes on', async () => {
    const grant = [...store.grants.values()][0];
    const scope = grant?.scope ?? [];
    const lacking = ['read:connections_options', 'update:connections_options', 'update:actions'];
    Object.assign(grant ?? {}, { scope: scope.filter((name) => !lacking.includes(name)) });
    const findings = await look();
    Object.assign(grant ?? {}, { scope });
    expect(problems(findings)).toEqual([`Deployer: it lacks ${lacking.join(', ')}`]);
    expect(findings.at(-1)).toMatchObject({ check: 'Plan', message: 'it was not made' });
    expect(of(findings, 'Reading upstream tokens')).toHaveLength(1);
  });

  test.each([
    ['null', 'null'],
    ['a page', '<html>Sign in</html>'],
  ])('is not misled by a tenant that answers with %s', async (_, body) => {
    sandbox.tenant.faults.set('*', { reply: { status: 200, body } });
    expect(of(await look(), 'Tenant')).toMatchObject([{ level: 'problem' }]);
  });

  test('knows a custom domain by what Auth0 answers there', async () => {
    const description = `Service not enabled within domain: https://${domain}/api/v2/`;
    const body = JSON.stringify({ error: 'access_denied', error_description: description });
    sandbox.tenant.faults.set('POST /oauth/token', { reply: { status: 403, body } });
    const [finding] = of(await look(), 'Tenant');
    expect(finding?.message).toContain(`${domain} is a custom domain, or no Auth0 tenant`);
    expect(finding?.message).toContain('Set AUTH0_DOMAIN to the tenant');
  });

  test('says of a domain that is perhaps a custom one what to look at', async () => {
    const findings = of(await look({ AUTH0_DOMAIN: 'Login.example.com' }), 'Tenant');
    expect(findings.map(({ level }) => level)).toEqual(['problem', 'warning']);
    expect(findings[1]?.advice).toContain(
      'AUTH0_DOMAIN is login.example.com, perhaps a custom domain',
    );
  });
});

describe('after a deploy', () => {
  const actionNamed = (name: string) =>
    [...store.actions.values()].find((action) => action.name === name) as StoredAction;
  const connectionId = () =>
    [...store.connections.values()].find(({ name }) => name === 'bitbucket')?.id ?? '';
  const gate = (findings: readonly Finding[]) => of(findings, 'Gate');

  beforeAll(async () => {
    await deployToTenant(await prepare(sandbox.environment));
  }, 60_000);

  test('finds everything in order', async () => {
    const findings = await look();
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(gate(findings)).toHaveLength(1);
  });

  /** Changes something, looks, and puts it back. */
  async function lookWhile(change: () => () => void) {
    const undo = change();
    try {
      return await look();
    } finally {
      undo();
    }
  }

  const FAULTS: readonly (readonly [string, string, () => () => void])[] = [
    [
      'is unbound',
      'is not bound to the login flow',
      () => {
        const { bindings } = store;
        const { id } = actionNamed('bitbucket-workspace-membership');
        store.bindings = bindings.filter(({ actionId }) => actionId !== id);
        return () => {
          store.bindings = bindings;
        };
      },
    ],
    [
      'is gone',
      'is not in the tenant',
      () => {
        const action = actionNamed('bitbucket-workspace-membership');
        const { bindings } = store;
        store.actions.delete(action.id);
        store.bindings = bindings.filter(({ actionId }) => actionId !== action.id);
        return () => {
          store.actions.set(action.id, action);
          store.bindings = bindings;
        };
      },
    ],
    [
      'is not deployed',
      'is not deployed',
      () => {
        const action = actionNamed('bitbucket-workspace-membership');
        const { deployedVersionId } = action;
        Object.assign(action, { deployedVersionId: undefined });
        return () => Object.assign(action, { deployedVersionId });
      },
    ],
    [
      'does nothing, as somebody wrote it in the dashboard',
      'runs other code than this checkout builds: an older version, or changed in the dashboard',
      () => {
        const action = actionNamed('bitbucket-workspace-membership');
        const { versions, deployedVersionId } = action;
        const code = 'exports.onExecutePostLogin = async () => {};';
        Object.assign(action, {
          versions: versions.map((version) =>
            version.id === deployedVersionId ? { ...version, code } : version,
          ),
        });
        return () => Object.assign(action, { versions });
      },
    ],
    [
      'is made for the trigger of before',
      'is not made for post-login v3',
      () => {
        const action = actionNamed('bitbucket-workspace-membership');
        const { supported_triggers } = action;
        Object.assign(action, { supported_triggers: [{ id: 'post-login', version: 'v2' }] });
        return () => Object.assign(action, { supported_triggers });
      },
    ],
  ];

  test.each(FAULTS)('an Action that %s is a problem', async (_, fault, change) => {
    expect(gate(await lookWhile(change))).toMatchObject([
      {
        level: 'problem',
        message: `bitbucket-workspace-membership ${fault}, and the connection is on for 1 application(s)`,
      },
    ]);
  });

  test('an Action that is unbound is drift where the connection is on for nobody', async () => {
    const enabled = store.enabledClients.get(connectionId()) ?? new Set();
    store.enabledClients.set(connectionId(), new Set());
    const findings = await lookWhile((FAULTS[0] as (typeof FAULTS)[number])[2]);
    store.enabledClients.set(connectionId(), enabled);
    expect(problems(findings)).toEqual([]);
    expect(of(findings, 'Login flow')).toMatchObject([{ level: 'warning' }]);
  });

  test('another Bitbucket connection counts: the same Actions stand before it', async () => {
    const findings = await lookWhile(() => {
      const undo = (FAULTS[0] as (typeof FAULTS)[number])[2]();
      addConnection(store, 'bitbucket-2', 'bitbucket', ['other']);
      return () => {
        const added = [...store.connections.values()].find(({ name }) => name === 'bitbucket-2');
        store.connections.delete(added?.id ?? '');
        undo();
      };
    });
    expect(gate(findings)[0]?.message).toContain('on for 2 application(s)');
  });

  test.each([
    ['GET /api/v2/connections', 'Connections'],
    ['GET /api/v2/actions/actions', 'Login flow'],
    ['GET /api/v2/clients', 'Applications'],
  ])('goes on where %s is refused', async (route, check) => {
    const body = JSON.stringify({
      statusCode: 403,
      error: 'Forbidden',
      message: 'Insufficient scope',
    });
    sandbox.tenant.faults.set(route, { reply: { status: 403, body } });
    const findings = await look();
    expect(problems(findings)).toEqual([
      `${check}: ${route} on ${domain} was refused: 403, Insufficient scope`,
    ]);
    const others = ['Connection bitbucket', 'Gate', 'Reading upstream tokens'];
    const seen = others.filter((name) => of(findings, name).length > 0);
    expect(seen).toHaveLength(2);
  });

  test('an unbound Action is a problem also where it cannot be read whom the connection is on for', async () => {
    sandbox.tenant.faults.set('GET /api/v2/connections', { reply: { status: 403, body: '{}' } });
    const findings = await lookWhile((FAULTS[0] as (typeof FAULTS)[number])[2]);
    expect(gate(findings)[0]?.message).toContain('whether the connection is on for somebody');
  });

  test.each([
    [
      { 'Bitbucket-Allowed_Workspaces': 'acme' },
      'its metadata has “Bitbucket-Allowed_Workspaces”, which is nearly bitbucket_allowed_workspaces: every login to it is refused',
    ],
    [
      { ' bitbucket_require_verified_email': 'true' },
      'its metadata has “ bitbucket_require_verified_email”, which is nearly bitbucket_require_verified_email: every login to it is refused',
    ],
    [
      { bitbucket_allowed_workspaces: 'acme:king' },
      'its bitbucket_allowed_workspaces cannot be read (rule 1 has an unknown permission; known: member, collaborator, create-project, owner): every login to it is refused',
    ],
    [
      { bitbucket_allowed_workspaces: '' },
      'its bitbucket_allowed_workspaces cannot be read (empty): every login to it is refused',
    ],
    [
      { bitbucket_require_verified_email: 'yes' },
      'its bitbucket_require_verified_email cannot be read (neither true nor false): every login to it is refused',
    ],
  ])('an application’s own policy %j is a problem', async (metadata, message) => {
    app.client_metadata = metadata;
    expect(problems(await look())).toEqual([`Application App: ${message}`]);
  });

  test('an application’s own policy that can be read is none', async () => {
    app.client_metadata = { bitbucket_allowed_workspaces: 'acme:owner', theirs: 'x' };
    const findings = await look();
    expect(problems(findings)).toEqual([]);
    expect(of(findings, 'Policies of applications')).toMatchObject([{ message: '1 can be read' }]);
  });

  test('Token Vault, which hides the tokens, is a problem; a changed option is drift', async () => {
    const connection = store.connections.get(connectionId());
    const before = { ...connection };
    Object.assign(connection ?? {}, {
      connected_accounts: { active: true },
      options: { ...connection?.options, client_id: 'by hand' },
    });
    const findings = await look();
    Object.assign(connection ?? {}, { connected_accounts: undefined, ...before });
    expect(problems(findings)).toEqual([
      'Connection bitbucket: Token Vault (Connected Accounts) is on: it hides the Bitbucket token from the Actions',
    ]);
    const drift = of(findings, 'Connection bitbucket').filter(({ level }) => level === 'warning');
    expect(drift.map(({ message }) => message)).toEqual(['it differs: options.client_id']);
  });

  test('an application of the Actions that lost its scope, or is gone, is a problem', async () => {
    const machine = [...store.clients.values()].find(
      ({ name }) => name === 'Bitbucket login checks',
    );
    const grant = [...store.grants.values()].find(({ client_id: id }) => id === machine?.client_id);
    const lost = await lookWhile(() => {
      const scope = grant?.scope;
      Object.assign(grant ?? {}, { scope: ['read:users'] });
      return () => Object.assign(grant ?? {}, { scope });
    });
    expect(problems(lost)).toEqual([
      'Reading upstream tokens: Bitbucket login checks lacks read:user_idp_tokens',
    ]);
    const gone = await lookWhile(() => {
      store.clients.delete(machine?.client_id ?? '');
      return () => machine && store.clients.set(machine.client_id, machine);
    });
    expect(problems(gone)).toEqual([
      'Reading upstream tokens: the machine-to-machine application is not there: nobody can sign in',
    ]);
  });
});
