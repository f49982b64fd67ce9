/** What is known from before: when it answers, what it says, and what it may not overrule. */
import { describe, expect, test } from 'vitest';
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import type { Facts, Membership, Trouble } from '#actions/lib/knowledge/facts.ts';
import {
  type Asked,
  createSnapshot,
  fingerprint,
  readSnapshot,
  readSnapshotUuid,
} from '#actions/lib/knowledge/snapshot.ts';
import {
  decideEmail,
  decideWorkspaces,
  isClearNo,
  withLastKnown,
} from '#actions/lib/policy/decide.ts';
import { readPolicy } from '#actions/lib/policy/policy.ts';
import { describeRefusal, type RefusalCode } from '#actions/lib/policy/refusal.ts';
import { ACME, ADDRESS, NOW, OTHER, PERSON, SECRETS } from '#test/support/action-run.ts';

const policyFor = (ALLOWED_WORKSPACES: string, more: Readonly<Record<string, string>> = {}) =>
  readPolicy({
    client: {},
    secrets: { ...SECRETS, ALLOWED_WORKSPACES, ...more },
  } as unknown as PostLoginEvent);
const policy = policyFor('acme other');
const trouble = (kind: Trouble['kind']): Trouble => ({ kind, cause: 'it' });
const acme: Membership = { ...ACME, permission: 'owner' };
const other: Membership = { ...OTHER, permission: 'member' };
const known: Facts & { readonly uuid: string } = {
  uuid: PERSON,
  email: { verified: true, primary: ADDRESS },
  workspaces: { memberships: [acme, other], truncated: true },
};
type Known = Facts & { readonly uuid: string };
const facts = (change: Partial<Known>): Known => ({
  uuid: PERSON,
  email: { verified: false },
  workspaces: { memberships: [], truncated: false },
  ...change,
});
const unanswered = (
  kind: Trouble['kind'],
  workspaces: readonly string[],
  memberships: readonly Membership[] = [],
) =>
  facts({
    workspaces: {
      memberships,
      truncated: false,
      unanswered: { workspaces, trouble: trouble(kind) },
    },
  });

describe('the last known', () => {
  test('stands in for everything in an outage', () => {
    expect(withLastKnown(trouble('outage'), known, policy)).toBe(known);
  });

  test.each(['login_required', 'misconfigured'] as const)(
    'stands in for nothing when it is %s',
    (kind) => {
      expect(withLastKnown(trouble(kind), known, policy)).toEqual(trouble(kind));
      const partly = { ...unanswered(kind, ['acme']), email: trouble(kind) };
      expect(withLastKnown(partly, known, policy)).toEqual(partly);
    },
  );

  test('of another account stands in for nothing', () => {
    const now = { ...unanswered('outage', ['acme']), email: trouble('outage') };
    expect(withLastKnown(now, { ...known, uuid: OTHER.uuid }, policy)).toBe(now);
  });

  test('stands in for the e-mails alone, where only they could not be looked up', () => {
    const now = facts({ email: trouble('outage') });
    expect(withLastKnown(now, known, policy)).toEqual({ ...now, email: known.email });
  });

  test('does not stand in for an answer', () => {
    const now = facts({});
    expect(withLastKnown(now, known, policy)).toEqual(now);
  });

  test('stands in for the workspaces that could not be looked up, and for no others', () => {
    const now = unanswered('outage', ['acme']);
    expect(withLastKnown(now, known, policy)).toMatchObject({
      workspaces: { memberships: [acme] },
    });
    const both = unanswered('outage', ['acme', 'other']);
    expect(withLastKnown(both, known, policy)).toMatchObject({
      workspaces: { memberships: [acme, other] },
    });
  });

  test('yields to what was answered of the same workspace by its other name', () => {
    const lowered: Membership = { ...ACME, permission: 'member' };
    const now = unanswered('outage', [ACME.uuid], [lowered]);
    expect(withLastKnown(now, known, policy)).toMatchObject({
      workspaces: { memberships: [lowered] },
    });
  });

  test('stands in for all workspaces where none could be listed', () => {
    expect(withLastKnown(unanswered('outage', []), known, policy)).toMatchObject({
      workspaces: known.workspaces,
    });
  });
});

describe('a decision', () => {
  const satisfied = (permission: Membership['permission'], rule: string) => {
    const membership = permission === undefined ? ACME : { ...ACME, permission };
    const now = facts({ workspaces: { memberships: [membership], truncated: false } });
    return decideWorkspaces(now, policyFor(rule)) === undefined;
  };
  const PERMISSIONS = ['member', 'collaborator', 'create-project', 'owner'] as const;
  const pairs = PERMISSIONS.flatMap((has, rank) =>
    PERMISSIONS.map((wanted, least) => [has, wanted, rank >= least] as const),
  );
  test.each(pairs)('%s where %s is wanted: %s', (has, wanted, isEnough) => {
    expect(satisfied(has, `acme:${wanted}`)).toBe(isEnough);
    expect(satisfied(has, `other:${wanted}`)).toBe(false);
  });

  test('a permission that nobody told satisfies no rule', () => {
    expect(satisfied(undefined, 'acme')).toBe(false);
  });

  const outage = trouble('outage');
  test.each<[string, Facts, boolean]>([
    ['an address that is not confirmed', { ...known, email: { verified: false } }, true],
    ['no workspace', { ...known, workspaces: { memberships: [], truncated: false } }, true],
    [
      'an outage',
      { ...known, email: outage, workspaces: unanswered('outage', ['acme']).workspaces },
      false,
    ],
    ['an account that nobody told', { ...known, uuid: outage }, false],
    [
      'an address that is not confirmed, of an account that nobody told',
      { ...known, uuid: outage, email: { verified: false } },
      true,
    ],
    ['everything as it should be', known, false],
  ])('%s is a clear no: %#', (_, now, isNo) => {
    expect(isClearNo(now, policy)).toBe(isNo);
  });

  test('nobody is let in whose account nobody told', () => {
    const now = { ...known, uuid: outage };
    expect(decideEmail(now, policy)?.code).toBe('bitbucket_unavailable');
    expect(decideWorkspaces(now, policy)?.code).toBe('bitbucket_unavailable');
    expect(withLastKnown(now, known, policy)).toMatchObject({ uuid: PERSON });
  });
});

test.each<[RefusalCode, string]>([
  [
    'bitbucket_email_unverified',
    'Your e-mail address is not confirmed at Bitbucket. Confirm it in your Bitbucket settings, then sign in again.',
  ],
  [
    'bitbucket_workspace_required',
    'Your Bitbucket account is not in a workspace that may use this application. Ask your administrator, then sign in again.',
  ],
  ['bitbucket_login_required', 'Your Bitbucket sign-in has expired. Sign in with Bitbucket again.'],
  [
    'bitbucket_unavailable',
    'Your Bitbucket account could not be checked just now. Try again in a few minutes.',
  ],
  [
    'bitbucket_misconfigured',
    'Signing in with Bitbucket is not set up correctly. Please tell your administrator.',
  ],
])('%s is said so', (code, sentence) => {
  expect(describeRefusal(code)).toBe(`${code}: ${sentence}`);
});

const ask = (
  by = policy,
  address: string | undefined = ADDRESS,
  change: Partial<Asked> = {},
): Asked => ({
  ...{ policy: by, address, connection: 'bitbucket', accounts: ['1'] },
  ...change,
});
const nobodys = (by = policy): Asked => ({ ...ask(by), address: undefined });
const AT = { checkedAt: NOW, emailCheckedAt: NOW };

describe('a snapshot', () => {
  const whole = facts({
    email: { verified: true, primary: ADDRESS.toUpperCase() },
    workspaces: { memberships: [acme], truncated: false },
  });
  const stored = createSnapshot(whole, ask(), AT);
  const appMetadata = { bitbucket: stored.snapshot, bitbucket_look: stored.look };

  test('is what was found, and what it was about', () => {
    expect(stored).toEqual({
      snapshot: {
        uuid: PERSON,
        email_verified: true,
        workspaces: [acme],
        checked_at: '2026-11-24T12:00:00.000Z',
      },
      look: {
        about: expect.stringMatching(/^[\w-]{22}$/),
        who: expect.stringMatching(/^[\w-]{22}$/),
        email_is_primary: true,
        email_checked_at: '2026-11-24T12:00:00.000Z',
        workspaces_truncated: false,
      },
    });
  });

  test.each<[string, Known]>([
    ['the e-mails', facts({ email: trouble('outage'), workspaces: whole.workspaces })],
    ['a workspace', unanswered('outage', ['other'], [acme])],
  ])('that lacks %s says no there, and is about nothing', (_, partial) => {
    const { snapshot, look } = createSnapshot(partial, ask(), AT);
    expect(snapshot).toMatchObject({ email_verified: false, workspaces: [acme] });
    expect(look).toMatchObject({ about: 'partial' });
  });

  test.each<[string, Facts['email'], string | undefined, boolean]>([
    ['the primary address is another', { verified: true, primary: 'x@y.z' }, ADDRESS, false],
    ['there is no primary address', { verified: true }, ADDRESS, false],
    ['Auth0 holds none', { verified: false, primary: ADDRESS }, undefined, false],
  ])('remembers that %s', (_, email, address, isPrimary) => {
    const { look } = createSnapshot(facts({ email }), { ...ask(), address }, AT);
    expect(look?.email_is_primary).toBe(isPrimary);
  });

  test('comes back as it was', () => {
    expect(readSnapshot(appMetadata, ask())).toEqual({
      facts: { ...whole, email: { verified: true, primary: ADDRESS } },
      ...AT,
    });
  });

  test('does not tell a primary address that is not the one Auth0 holds, or is not confirmed', () => {
    const emailOf = (email: Facts['email']) => {
      const { snapshot, look } = createSnapshot(facts({ email }), ask(), AT);
      return readSnapshot({ bitbucket: snapshot, bitbucket_look: look }, ask())?.facts.email;
    };
    expect(emailOf({ verified: true, primary: 'x@y.z' })).toEqual({ verified: true });
    expect(emailOf({ verified: false, primary: ADDRESS })).toEqual({ verified: false });
  });

  test('remembers that there were more workspaces', () => {
    const many = facts({ workspaces: { memberships: [ACME], truncated: true } });
    const { snapshot, look } = createSnapshot(many, ask(policyFor('')), AT);
    const read = readSnapshot({ bitbucket: snapshot, bitbucket_look: look }, ask(policyFor('')));
    expect(read?.facts.workspaces).toEqual({ memberships: [ACME], truncated: true });
  });

  test.each([
    ['uuid', 'erik'],
    ['uuid', undefined],
    ['email_verified', 'true'],
    ['email_verified', undefined],
    ['workspaces', undefined],
    ['workspaces', {}],
    ['workspaces', [{ uuid: ACME.uuid }]],
    ['workspaces', [{ slug: 'acme' }]],
    ['workspaces', [{ ...ACME, permission: 'admin' }]],
    ['workspaces', [acme, null]],
    ['workspaces', Array.from({ length: 101 }, () => acme)],
    ['checked_at', undefined],
    ['checked_at', 'yesterday'],
    ['checked_at', NOW],
  ])('whose %s is %o is not read', (field, value) => {
    const bitbucket = { ...stored.snapshot, [field]: value };
    expect(readSnapshot({ ...appMetadata, bitbucket }, ask())).toBeUndefined();
  });

  test('of 100 workspaces is read', () => {
    const bitbucket = { ...stored.snapshot, workspaces: Array.from({ length: 100 }, () => acme) };
    expect(readSnapshot({ ...appMetadata, bitbucket }, ask())).toBeDefined();
  });

  test.each<[string, unknown]>([
    ['is gone', undefined],
    ['was removed', null],
  ])('whose look %s is read where it satisfies the policy', (_, look) => {
    const read = (rules: string) =>
      readSnapshot({ ...appMetadata, bitbucket_look: look }, ask(policyFor(rules)));
    expect(read('acme')?.facts.email).toEqual({ verified: true });
    expect(read('other')).toBeUndefined();
  });

  test.each<[string, Asked]>([
    ['other workspaces', ask(policyFor('acme'))],
    ['other permissions', ask(policyFor('acme:owner other'))],
    ['another address', ask(policy, 'x@y.z')],
    ['no address', nobodys()],
    ['another connection', ask(policy, ADDRESS, { connection: 'bitbucket-2' })],
    ['another linked account', ask(policy, ADDRESS, { accounts: ['2'] })],
    [
      'another machine-to-machine application',
      ask(policyFor('acme other', { MANAGEMENT_CLIENT_SECRET: 'x' })),
    ],
  ])('does not answer for %s', (_, asked) => {
    expect(readSnapshot(appMetadata, asked)).toBeUndefined();
  });

  test('answers for the same rules in another order', () => {
    const other = ask(policyFor('other acme acme'), ADDRESS.toUpperCase());
    expect(fingerprint(other)).toBe(fingerprint(ask()));
  });

  test.each<[string, unknown, Asked, string | undefined]>([
    ['the same owner', appMetadata, ask(), PERSON],
    ['another policy', appMetadata, ask(policyFor('x')), PERSON],
    ['another connection', appMetadata, ask(policy, ADDRESS, { connection: 'x' }), undefined],
    ['another linked account', appMetadata, ask(policy, ADDRESS, { accounts: ['2'] }), undefined],
    ['a look that is gone', { bitbucket: stored.snapshot }, ask(), undefined],
    ['nothing', undefined, ask(), undefined],
    ['no uuid', { ...appMetadata, bitbucket: { uuid: 1 } }, ask(), undefined],
  ])('tells the account for %s: %#', (_, metadata, asked, uuid) => {
    expect(readSnapshotUuid(metadata, asked)).toBe(uuid);
  });
});
