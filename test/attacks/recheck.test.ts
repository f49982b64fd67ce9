/** Rechecks after the person's own token has expired, and what the consumer may and may not prove. */
import { describe, expect, test } from 'vitest';
import {
  ANOTHER,
  access,
  askedRepositories,
  asPerson,
  CONSUMER,
  createPerson,
  EMAIL,
  emails,
  limited,
  membership,
  no,
  PERSON,
  WORKSPACES,
} from './support.ts';

const HOURS = 60;

describe('what the person’s own token still answered is not thrown away for the consumer’s look', () => {
  test('an account that Bitbucket calls closed is refused, whatever the consumer still lists', async () => {
    const person = createPerson(CONSUMER);
    await person.login();
    const closed = { type: 'user', uuid: PERSON, account_status: 'closed' };
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: { ...asPerson(401), 'bitbucket user': closed },
    });
    expect(refresh.code).toBe('bitbucket_workspace_required');
  });

  test('an address that is answered “not confirmed” is refused', async () => {
    const person = createPerson(CONSUMER);
    await person.login();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: { 'bitbucket emails': emails(false), 'bitbucket permission': 401 },
    });
    expect(refresh.code).toBe('bitbucket_email_unverified');
  });

  test('an address that is answered “not confirmed” is known as such afterwards', async () => {
    const person = createPerson(CONSUMER);
    await person.login();
    await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: { 'bitbucket emails': emails(false), 'bitbucket permission': 401 },
    });
    expect(person.kept().bitbucket).toMatchObject({ email_verified: false });
  });

  test('another account behind the identity is refused', async () => {
    const person = createPerson(CONSUMER);
    await person.login();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: {
        ...asPerson(401),
        'bitbucket user': { type: 'user', uuid: ANOTHER },
      },
    });
    expect(refresh.code).toBe('bitbucket_misconfigured');
    expect(JSON.stringify(person.kept())).toContain('another_account');
  });

  test('somebody whom the live look lets in is let in, though a role’s repository was answered 401', async () => {
    const person = createPerson({ ...CONSUMER, ROLES: 'staff=tools/site' });
    await person.login();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: { 'bitbucket repositories': 401, 'bitbucket member': no(403) },
    });
    expect(refresh.code).toBeUndefined();
  });

  test('a permission that was answered stays known, though the addresses were answered 401', async () => {
    const person = createPerson({ ...CONSUMER, ALLOWED_WORKSPACES: 'acme:collaborator' });
    const script = { 'bitbucket permission': membership('acme', 'owner') };
    await person.login({ script });
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: { ...script, 'bitbucket emails': 401 },
    });
    expect(refresh.code).toBeUndefined();
  });
});

describe('the verification Action alone', () => {
  const recheck = { kind: 'refresh', minutesLater: 2 * HOURS, actions: [EMAIL] } as const;

  test('asks for a new sign-in where the consumer’s key is refused', async () => {
    const person = createPerson(CONSUMER);
    await person.login({ actions: [EMAIL] });
    const script = { ...asPerson(401), 'bitbucket consumer token': 401 };
    expect((await person.login({ ...recheck, script })).code).toBe('bitbucket_login_required');
  });

  test('fails closed where the consumer meets an outage', async () => {
    const person = createPerson(CONSUMER);
    await person.login({ actions: [EMAIL] });
    const script = { ...asPerson(401), 'bitbucket member': 503 };
    expect((await person.login({ ...recheck, script })).code).toBe('bitbucket_unavailable');
  });

  test('asks for a new sign-in where no membership proves that the account is still that account', async () => {
    const person = createPerson(CONSUMER);
    await person.login({ actions: [EMAIL] });
    const script = { ...asPerson(401), 'bitbucket member': no(404) };
    const later = { ...recheck, minutesLater: 20 * 24 * HOURS };
    expect((await person.login({ ...later, script })).code).toBeDefined();
  });

  test('lets in where a membership proves the account, on the address that is known', async () => {
    const person = createPerson(CONSUMER);
    await person.login({ actions: [EMAIL] });
    expect((await person.login({ ...recheck, script: asPerson(401) })).code).toBeUndefined();
  });
});

describe('the consumer’s calls', () => {
  test('are not used up by an expired token that is refused for every repository of the rules', async () => {
    const rules = Array.from({ length: 50 }, (_, index) => `other${index}/site`);
    const workspaces = Array.from({ length: 9 }, (_, index) => `team${index}`);
    const person = createPerson({
      ...CONSUMER,
      ALLOWED_WORKSPACES: [...workspaces, 'acme', ...rules].join(),
    });
    await person.login();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: asPerson(401),
    });
    expect(refresh.calls.filter(({ origin }) => origin.includes('bitbucket')).length).toBeLessThan(
      61,
    );
    expect(refresh.code).toBeUndefined();
  });

  test('use the cached token again where the consumer may not look at the members', async () => {
    const person = createPerson(CONSUMER);
    await person.login();
    const script = { ...asPerson(401), 'bitbucket member': no(403) };
    await person.login({ kind: 'refresh', minutesLater: 2 * HOURS, script });
    const again = await person.login({ kind: 'refresh', minutesLater: 5, script });
    expect(again.code).toBe('bitbucket_login_required');
    expect(again.calls.map(({ endpoint }) => endpoint)).not.toContain('bitbucket consumer token');
  });
});

describe('what the consumer does not prove', () => {
  test('is a permission: an owner of long ago is no owner in the claims', async () => {
    const person = createPerson({ ...CONSUMER, ON_OUTAGE: 'last_known' });
    await person.login({ script: { 'bitbucket permission': membership('acme', 'owner') } });
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: asPerson(401),
    });
    expect(refresh.code).toBeUndefined();
    expect(JSON.stringify(refresh.claims)).not.toContain('owner');
  });

  test('is a repository', async () => {
    const secrets = { ...CONSUMER, ALLOWED_WORKSPACES: 'acme/infra', ROLES: 'staff=acme' };
    const script = {
      'bitbucket repositories': (call: Parameters<typeof askedRepositories>[0]) => ({
        values: askedRepositories(call).map((name) => access(name, 'write')),
      }),
    };
    const person = createPerson({ ...secrets, ON_OUTAGE: 'last_known' }, script);
    expect((await person.login()).code).toBeUndefined();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: asPerson(401),
    });
    expect(refresh.code).toBe('bitbucket_login_required');
  });

  test('is asked as nobody where the person is at their own limit', async () => {
    const person = createPerson({ ...CONSUMER, ON_OUTAGE: 'last_known' });
    await person.login();
    const refresh = await person.login({
      kind: 'refresh',
      minutesLater: 2 * HOURS,
      script: asPerson(limited()),
      actions: [WORKSPACES],
    });
    expect(refresh.code).toBe('bitbucket_unavailable');
  });
});
