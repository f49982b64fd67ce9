/** What is known from before: when it answers, what it says, and what it may not overrule. */
import { describe, expect, test } from 'vitest';
import type { PostLoginEvent } from '../../actions/lib/auth0.ts';
import { decideWorkspaces, isClearNo, withLastKnown } from '../../actions/lib/decide.ts';
import type { Facts, Membership, Trouble } from '../../actions/lib/facts.ts';
import { readPolicy } from '../../actions/lib/policy.ts';
import { describeRefusal, type RefusalCode } from '../../actions/lib/refusal.ts';
import {
  createSnapshot,
  fingerprint,
  readSnapshot,
  readSnapshotUuid,
} from '../../actions/lib/snapshot.ts';
import { ACME, ADDRESS, NOW, OTHER, PERSON, SECRETS } from '../support/action-run.ts';

const policyFor = (ALLOWED_WORKSPACES: string, more: Readonly<Record<string, string>> = {}) =>
  readPolicy({
    client: {},
    secrets: { ...SECRETS, ALLOWED_WORKSPACES, ...more },
  } as unknown as PostLoginEvent);
const policy = policyFor('acme other');
const trouble = (kind: Trouble['kind']): Trouble => ({ kind, cause: 'it' });
const acme: Membership = { ...ACME, permission: 'owner' };
const other: Membership = { ...OTHER, permission: 'member' };
const known: Facts = {
  uuid: PERSON,
  email: { verified: true, primary: ADDRESS },
  workspaces: { memberships: [acme, other], truncated: true },
};
const facts = (change: Partial<Facts>): Facts => ({
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
    expect(withLastKnown(trouble('outage'), known)).toBe(known);
  });

  test.each(['login_required', 'misconfigured'] as const)(
    'stands in for nothing when it is %s',
    (kind) => {
      expect(withLastKnown(trouble(kind), known)).toEqual(trouble(kind));
      const partly = { ...unanswered(kind, ['acme']), email: trouble(kind) };
      expect(withLastKnown(partly, known)).toEqual(partly);
    },
  );

  test('of another account stands in for nothing', () => {
    const now = { ...unanswered('outage', ['acme']), email: trouble('outage') };
    expect(withLastKnown(now, { ...known, uuid: OTHER.uuid })).toBe(now);
  });

  test('stands in for the e-mails alone, where only they could not be looked up', () => {
    const now = facts({ email: trouble('outage') });
    expect(withLastKnown(now, known)).toEqual({ ...now, email: known.email });
  });

  test('does not stand in for an answer', () => {
    const now = facts({});
    expect(withLastKnown(now, known)).toEqual(now);
  });

  test('stands in for the workspaces that could not be looked up, and for no others', () => {
    const now = unanswered('outage', ['acme']);
    expect(withLastKnown(now, known)).toMatchObject({ workspaces: { memberships: [acme] } });
    const both = unanswered('outage', ['acme', OTHER.uuid]);
    expect(withLastKnown(both, known)).toMatchObject({
      workspaces: { memberships: [acme, other] },
    });
  });

  test('yields to what was answered of the same workspace by its other name', () => {
    const lowered: Membership = { ...ACME, permission: 'member' };
    const now = unanswered('outage', [ACME.uuid], [lowered]);
    expect(withLastKnown(now, known)).toMatchObject({ workspaces: { memberships: [lowered] } });
  });

  test('stands in for all workspaces where none could be listed', () => {
    expect(withLastKnown(unanswered('outage', []), known)).toMatchObject({
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

  test.each<[RefusalCode, boolean]>([
    ['bitbucket_email_unverified', true],
    ['bitbucket_workspace_required', true],
    ['bitbucket_login_required', false],
    ['bitbucket_unavailable', false],
    ['bitbucket_misconfigured', false],
  ])('%s is a clear no: %s', (code, isNo) => {
    expect(isClearNo({ code, cause: '' })).toBe(isNo);
    expect(isClearNo(undefined)).toBe(false);
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

describe('a snapshot', () => {
  const whole = facts({
    email: { verified: true, primary: ADDRESS.toUpperCase() },
    workspaces: { memberships: [acme], truncated: false },
  });
  const stored = createSnapshot(whole, policy, ADDRESS, NOW);
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
        email_is_primary: true,
        workspaces_truncated: false,
      },
    });
  });

  test.each<[string, Facts]>([
    ['the e-mails', facts({ email: trouble('outage'), workspaces: whole.workspaces })],
    ['a workspace', unanswered('outage', ['other'], [acme])],
  ])('that lacks %s says no there, and is about nothing', (_, partial) => {
    const { snapshot, look } = createSnapshot(partial, policy, ADDRESS, NOW);
    expect(snapshot).toMatchObject({ email_verified: false, workspaces: [acme] });
    expect(look).toBeNull();
  });

  test.each<[string, Facts['email'], string | undefined, boolean]>([
    ['the primary address is another', { verified: true, primary: 'x@y.z' }, ADDRESS, false],
    ['there is no primary address', { verified: true }, ADDRESS, false],
    ['Auth0 holds none', { verified: false, primary: ADDRESS }, undefined, false],
  ])('remembers that %s', (_, email, address, isPrimary) => {
    const { look } = createSnapshot(facts({ email }), policy, address, NOW);
    expect(look?.email_is_primary).toBe(isPrimary);
  });

  test('comes back as it was', () => {
    expect(readSnapshot(appMetadata, policy, ADDRESS)).toEqual({
      facts: { ...whole, email: { verified: true, primary: ADDRESS } },
      checkedAt: NOW,
    });
  });

  test('does not tell a primary address that is not the one Auth0 holds, or is not confirmed', () => {
    const emailOf = (email: Facts['email']) => {
      const { snapshot, look } = createSnapshot(facts({ email }), policy, ADDRESS, NOW);
      return readSnapshot({ bitbucket: snapshot, bitbucket_look: look }, policy, ADDRESS)?.facts
        .email;
    };
    expect(emailOf({ verified: true, primary: 'x@y.z' })).toEqual({ verified: true });
    expect(emailOf({ verified: false, primary: ADDRESS })).toEqual({ verified: false });
  });

  test('remembers that there were more workspaces', () => {
    const many = facts({ workspaces: { memberships: [ACME], truncated: true } });
    const { snapshot, look } = createSnapshot(many, policyFor(''), ADDRESS, NOW);
    const read = readSnapshot(
      { bitbucket: snapshot, bitbucket_look: look },
      policyFor(''),
      ADDRESS,
    );
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
    expect(readSnapshot({ ...appMetadata, bitbucket }, policy, ADDRESS)).toBeUndefined();
  });

  test('of 100 workspaces is read', () => {
    const bitbucket = { ...stored.snapshot, workspaces: Array.from({ length: 100 }, () => acme) };
    expect(readSnapshot({ ...appMetadata, bitbucket }, policy, ADDRESS)).toBeDefined();
  });

  test.each<[string, unknown]>([
    ['is gone', undefined],
    ['was removed', null],
  ])('whose look %s is read where it satisfies the policy', (_, look) => {
    const read = (rules: string) =>
      readSnapshot({ ...appMetadata, bitbucket_look: look }, policyFor(rules), ADDRESS);
    expect(read('acme')?.facts.email).toEqual({ verified: true });
    expect(read('other')).toBeUndefined();
  });

  test.each([
    ['other workspaces', policyFor('acme'), ADDRESS],
    ['another address', policy, 'x@y.z'],
    ['no address', policy, undefined],
    [
      'another machine-to-machine application',
      policyFor('acme other', { MANAGEMENT_CLIENT_SECRET: 'x' }),
      ADDRESS,
    ],
  ])('does not answer for %s', (_, asked, address) => {
    expect(readSnapshot(appMetadata, asked, address)).toBeUndefined();
  });

  test('answers for the same workspaces in another order, with other permissions', () => {
    expect(fingerprint(policyFor('other:owner acme'), ADDRESS.toUpperCase())).toBe(
      fingerprint(policy, ADDRESS),
    );
  });

  test.each([
    [{ bitbucket: { uuid: PERSON } }, PERSON],
    [{ bitbucket: { uuid: 1 } }, undefined],
    [undefined, undefined],
  ])('of %o: the account is %s', (metadata, uuid) => {
    expect(readSnapshotUuid(metadata)).toBe(uuid);
  });
});
