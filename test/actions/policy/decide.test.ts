/** The decision over evidence: which rule is satisfied by what, and which trouble is told. */
import { describe, expect, test } from 'vitest';
import type { Permission, RepositoryPermission } from '#actions/lib/knowledge/facts.ts';
import {
  decideEmail,
  decideWorkspaces,
  judgeRoles,
  judgeRule,
  type Subject,
} from '#actions/lib/policy/decide.ts';
import type { Evidence, Finding } from '#actions/lib/policy/evidence.ts';
import { readPolicy } from '#actions/lib/policy/policy.ts';
import type { Trouble } from '#actions/lib/trouble.ts';
import { ACME, INFRA, OTHER, PERSON, SECRETS } from '#test/support/action-run.ts';

const SUBJECT: Subject = { addressMark: 'mark', isAddressOfAnother: false };
const yes = <T>(value: T) => ({ is: 'yes', value }) as const;
const no = (reason: string) => ({ is: 'no', reason }) as const;
const unknown = (kind: Trouble['kind'], cause: string = kind): Finding<never> => ({
  is: 'unknown',
  trouble: { kind, cause },
});

/** Everything as it should be, but for what a test changes. */
const evidenceOf = (change: Partial<Evidence> = {}): Evidence => ({
  account: () => yes({ uuid: PERSON, isActive: true }),
  address: () => yes({ mark: 'mark', isConfirmed: true }),
  primaryAddress: () => undefined,
  workspace: (name) => (name === 'acme' ? yes(ACME) : no('403')),
  permission: () => yes('member'),
  repository: () => no('no access'),
  anyWorkspace: () => yes([ACME]),
  hasMore: () => false,
  ...change,
});
const policyOf = (ALLOWED_WORKSPACES: string, more: Readonly<Record<string, string>> = {}) =>
  readPolicy({ ...SECRETS, ALLOWED_WORKSPACES, ...more }, {});
const decide = (rules: string, change: Partial<Evidence> = {}) =>
  decideWorkspaces(evidenceOf(change), policyOf(rules), SUBJECT);

describe('a permission', () => {
  const PERMISSIONS: readonly Permission[] = ['member', 'collaborator', 'create-project', 'owner'];
  const pairs = PERMISSIONS.flatMap((has, rank) =>
    PERMISSIONS.map((wanted, least) => [has, wanted, rank >= least] as const),
  );
  test.each(pairs)('%s where %s is wanted: %s', (has, wanted, isEnough) => {
    const refusal = decide(`acme:${wanted}`, { permission: () => yes(has) });
    expect(refusal === undefined).toBe(isEnough);
    expect(decide(`other:${wanted}`, { permission: () => yes(has) })).toBeDefined();
  });

  const REPOSITORY: readonly RepositoryPermission[] = ['read', 'write', 'admin'];
  const ofRepositories = REPOSITORY.flatMap((has, rank) =>
    REPOSITORY.map((wanted, least) => [has, wanted, rank >= least] as const),
  );
  test.each(ofRepositories)(
    '%s of a repository where %s is wanted: %s',
    (has, wanted, isEnough) => {
      const repository = () => yes({ ...INFRA, permission: has });
      expect(decide(`acme/infra:${wanted}`, { repository }) === undefined).toBe(isEnough);
    },
  );

  test('that nobody told satisfies membership and no more', () => {
    const permission = () => unknown('login_required');
    expect(decide('acme', { permission })).toBeUndefined();
    expect(decide('acme:collaborator', { permission })?.code).toBe('bitbucket_login_required');
  });
});

describe('alternatives', () => {
  const failing = (kinds: Readonly<Record<string, Trouble['kind']>>) => (name: string) => {
    const kind = kinds[name];
    if (kind !== undefined) return unknown(kind);
    return name === 'acme' ? yes(ACME) : no('403');
  };
  test.each<[string, string, Partial<Evidence>, string | undefined]>([
    ['one that is satisfied is enough', 'other,acme', {}, undefined],
    [
      'one that is satisfied is enough beside an outage',
      'x,acme',
      { workspace: failing({ x: 'outage' }) },
      undefined,
    ],
    [
      'one that is satisfied is enough beside a mistake',
      'x,acme',
      { workspace: failing({ x: 'misconfigured' }) },
      undefined,
    ],
    ['with none satisfied it is a no', 'other,third', {}, 'bitbucket_workspace_required'],
    [
      'with none satisfied and one not looked up it is an outage',
      'other,x',
      { workspace: failing({ x: 'outage' }) },
      'bitbucket_unavailable',
    ],
    [
      'an expired sign-in is graver than an outage',
      'x,y',
      { workspace: failing({ x: 'outage', y: 'login_required' }) },
      'bitbucket_login_required',
    ],
    [
      'a mistake is graver than an expired sign-in',
      'x,y',
      { workspace: failing({ x: 'misconfigured', y: 'login_required' }) },
      'bitbucket_misconfigured',
    ],
    ['the person is named', `other,@${PERSON}`, {}, undefined],
    ['another person is named', `@${OTHER.uuid}`, {}, 'bitbucket_workspace_required'],
    [
      'the person is named and no workspace can be looked at',
      `@${PERSON}`,
      { workspace: () => unknown('outage'), anyWorkspace: () => unknown('outage') },
      undefined,
    ],
    ['any workspace', '*', {}, undefined],
    [
      'any workspace, and there is none',
      '*',
      { anyWorkspace: () => no('none') },
      'bitbucket_workspace_required',
    ],
    [
      'any workspace, and nobody told',
      '*',
      { anyWorkspace: () => unknown('outage') },
      'bitbucket_unavailable',
    ],
  ])('%s', (_, rules, change, code) => {
    expect(decide(rules, change)?.code).toBe(code);
  });

  test('the cause says why each is a no, each reason once', () => {
    expect(decide('other,third,acme:owner')?.cause).toBe(
      'no rule is satisfied: 403, too little permission',
    );
  });
});

describe('without a certain account', () => {
  const account = (kind: Trouble['kind']) => ({ account: () => unknown(kind, 'of the account') });
  test.each<[Trouble['kind'], string]>([
    ['outage', 'bitbucket_unavailable'],
    ['refused', 'bitbucket_unavailable'],
    ['login_required', 'bitbucket_login_required'],
    ['misconfigured', 'bitbucket_misconfigured'],
  ])('(%s) nobody is let in', (kind, code) => {
    expect(decide('acme', account(kind))).toEqual({ code, cause: 'of the account' });
    for (const REQUIRE_VERIFIED_EMAIL of ['true', 'false']) {
      const policy = policyOf('acme', { REQUIRE_VERIFIED_EMAIL });
      const refusal = decideEmail(evidenceOf(account(kind)), policy, SUBJECT);
      expect(refusal).toEqual({ code, cause: 'of the account' });
    }
  });

  test.each(['outage', 'refused', 'login_required'] as const)(
    '(%s) a no to every rule is still a no',
    (kind) => {
      expect(decide('other', account(kind))?.code).toBe('bitbucket_workspace_required');
    },
  );

  test.each<[Trouble['kind'], string]>([
    ['login_required', 'bitbucket_workspace_required'],
    ['misconfigured', 'bitbucket_misconfigured'],
    ['outage', 'bitbucket_unavailable'],
  ])('(%s) the Action that asks for the address tells a no to every rule: %s', (kind, code) => {
    expect(decideEmail(evidenceOf(account(kind)), policyOf('other'), SUBJECT)?.code).toBe(code);
  });

  test('a mistake is told though every rule is a no', () => {
    expect(decide('other', account('misconfigured'))?.code).toBe('bitbucket_misconfigured');
  });

  test('a rule that names a person says neither yes nor no', () => {
    const expired = account('login_required');
    expect(judgeRule(evidenceOf(expired), { kind: 'person', uuid: PERSON }).is).toBe('unknown');
    const closed = { account: () => no('the account is not active') };
    expect(judgeRule(evidenceOf(closed), { kind: 'person', uuid: PERSON })).toEqual(
      no('the account is not active'),
    );
  });

  test('an account that is not active is refused, whatever else is said', () => {
    const closed = { account: () => no('the account is not active') };
    const refusal = {
      code: 'bitbucket_workspace_required',
      cause: 'the account is not active',
      circumstance: 'inactive_account',
    };
    expect(decide('acme', closed)).toEqual(refusal);
    expect(decideEmail(evidenceOf(closed), policyOf('acme'), SUBJECT)).toEqual(refusal);
  });
});

describe('the address', () => {
  const decideFor = (change: Partial<Evidence>, subject = SUBJECT, required = 'true') =>
    decideEmail(
      evidenceOf(change),
      policyOf('acme', { REQUIRE_VERIFIED_EMAIL: required }),
      subject,
    );
  const unconfirmed = { address: () => no('not among the confirmed addresses') };

  test('that is confirmed lets in', () => {
    expect(decideFor({})).toBeUndefined();
  });

  test.each<[string, Subject, string | undefined]>([
    ['is not confirmed', SUBJECT, undefined],
    [
      'is of another identity',
      { ...SUBJECT, isAddressOfAnother: true },
      'address_of_another_account',
    ],
    ['is not there', { addressMark: undefined, isAddressOfAnother: false }, 'no_address'],
    ['is not there, of two', { addressMark: undefined, isAddressOfAnother: true }, 'no_address'],
  ])('that %s is refused, and what can be done is said', (_, subject, circumstance) => {
    const refusal = decideFor(unconfirmed, subject);
    expect(refusal).toMatchObject({ code: 'bitbucket_email_unverified' });
    expect(refusal?.circumstance).toBe(circumstance);
    expect(decideFor(unconfirmed, subject, 'false')).toBeUndefined();
  });

  test('is a no though the account could not be told just now', () => {
    const refusal = decideFor({ ...unconfirmed, account: () => unknown('outage') });
    expect(refusal?.code).toBe('bitbucket_email_unverified');
  });

  test('that nobody told is refused only where it is required', () => {
    const change = { address: () => unknown('misconfigured') };
    expect(decideFor(change)?.code).toBe('bitbucket_misconfigured');
    expect(decideFor(change, SUBJECT, 'false')).toBeUndefined();
  });
});

test('roles are sorted, without repeats, and what could not be told is counted', () => {
  const policy = policyOf('acme', { ROLES: 'z=acme,a=acme,z=x,b=x,c=other,c=x' });
  const workspace = (name: string) =>
    name === 'x' ? unknown('outage') : name === 'acme' ? yes(ACME) : no('403');
  expect(judgeRoles(evidenceOf({ workspace }), policy)).toEqual({ roles: ['a', 'z'], unknown: 2 });
});
