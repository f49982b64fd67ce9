/** `npm run doctor` on a tenant that nothing was deployed to, with everything that can be wrong. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '#scripts/lib/doctor/finding.ts';
import { addWorkspace, type Consumer, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addConnection } from '#scripts/local/stage/tenant-contents.ts';
import { runScript } from '../support/run-script.ts';

const world = createWorld();
const acme = addWorkspace(world, 'acme');
const sandbox = await startSandbox({
  world,
  consumerWorkspace: acme,
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  policy: { CLAIM_NAMESPACE: 'https://example.com/bitbucket', ALLOWED_WORKSPACES: acme.uuid },
});
const { store, domain } = sandbox.tenant;
const consumer = [...world.consumers.values()][0] as Consumer;
afterAll(() => sandbox.close());
beforeEach(() => {
  world.consumers.set(consumer.key, consumer);
  store.connections.clear();
  sandbox.bitbucket.faults.clear();
});

async function examine(change: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runScript(sandbox, 'doctor', ['--json'], change);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return { code, findings, stderr };
}
const finding = (findings: readonly Finding[], check: string) =>
  findings.find((candidate) => candidate.check === check);

describe('the doctor', () => {
  test('finds no problem where only the deploy is missing, and says so', async () => {
    sandbox.tenant.clearCalls();
    const { code, findings } = await examine();
    expect(code).toBe(0);
    expect(findings.map(({ check, level }) => `${level}: ${check}`)).toEqual([
      'ok: Policy',
      'ok: Bitbucket consumer',
      'ok: Callback URL',
      `ok: Workspace ${acme.uuid}`,
      'ok: Tenant',
      'ok: Deployer',
      'warning: Connection bitbucket',
      'warning: Application Bitbucket login checks',
      `warning: Grant for https://${domain}/api/v2/`,
      'warning: Action bitbucket-email-verification',
      'warning: Action bitbucket-workspace-membership',
      'warning: Login flow',
      'warning: Reading upstream tokens',
    ]);
    const methods = sandbox.tenant.calls.filter(({ path }) => path !== '/oauth/token');
    expect(methods.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('speaks to people, and tells them the callback URL', async () => {
    const { stdout } = await runScript(sandbox, 'doctor');
    expect(stdout).toContain(`https://${domain}/login/callback`);
    expect(stdout).toContain('→ npm run deploy');
    expect(stdout).not.toContain(sandbox.environment.BITBUCKET_SECRET);
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
      'may write accounts',
      () => world.consumers.set(consumer.key, { ...consumer, scopes: ['account:write', 'email'] }),
      'ok',
      'its Key and Secret work, and it has account and email',
    ],
  ])('sees that the consumer %s', async (_, change, level, message) => {
    change();
    const { code, findings } = await examine();
    expect(finding(findings, 'Bitbucket consumer')).toMatchObject({ level, message });
    expect(code).toBe(level === 'problem' ? 1 : 0);
  });

  test.each([
    ['acme', 'Workspace acme', 'warning', `it is ${acme.uuid}`],
    ['nowhere', 'Workspace nowhere', 'problem', 'Bitbucket knows no such workspace'],
    ['*', 'Allowed workspaces', 'warning', 'none is named: a member of any workspace gets in'],
    ['a,b:admin', 'Policy', 'problem', 'ALLOWED_WORKSPACES: rule 2 has an unknown permission'],
  ])('reads the rules “%s”', async (ALLOWED_WORKSPACES, check, level, message) => {
    const { findings } = await examine({ ALLOWED_WORKSPACES });
    expect(finding(findings, check)).toMatchObject({ level, message });
  });

  test('advises the uuid instead of a slug', async () => {
    const { findings } = await examine({ ALLOWED_WORKSPACES: 'acme' });
    expect(finding(findings, 'Workspace acme')?.advice).toContain('taken by somebody else');
  });

  test.each([
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
  ])('says what is missing of %s, and goes on', async (_, change, check, message) => {
    const { code, findings } = await examine(change as Record<string, string>);
    expect(code).toBe(1);
    expect(finding(findings, check)).toMatchObject({ level: 'problem', message });
    expect(findings.length).toBeGreaterThan(2);
  });

  test('names the scopes that the deployer lacks', async () => {
    const grant = [...store.grants.values()][0];
    const scope = grant?.scope ?? [];
    Object.assign(grant ?? {}, { scope: scope.filter((name) => name !== 'update:actions') });
    const { code, findings } = await examine();
    Object.assign(grant ?? {}, { scope });
    expect(code).toBe(1);
    expect(finding(findings, 'Deployer')?.message).toBe('it lacks update:actions');
  });

  test('sees Token Vault, which hides the tokens, and a connection that is on for nobody', async () => {
    addConnection(store, 'bitbucket', 'bitbucket', []);
    for (const connection of store.connections.values())
      connection.connected_accounts = { active: true };
    const { code, findings } = await examine();
    expect(code).toBe(1);
    expect(
      findings
        .filter(({ check }) => check === 'Connection bitbucket')
        .map(({ message }) => message),
    ).toEqual([
      expect.stringContaining('it differs: options.client_id'),
      'it is on for no application',
      'Token Vault (Connected Accounts) is on: it hides the Bitbucket token from the Actions',
    ]);
  });
});
