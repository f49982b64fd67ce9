/**
 * The policy itself: facts and rules in, a decision out. No I/O, no clock, no `api`.
 */
import {
  type EmailFacts,
  type Facts,
  isNamedBy,
  isTrouble,
  type Membership,
  PERMISSIONS,
  type Trouble,
  type WorkspaceFacts,
} from '../knowledge/facts.ts';
import type { Policy } from './policy.ts';
import type { Refusal } from './refusal.ts';
import { type Rule, workspacesOf } from './rules.ts';

/** `undefined` lets the person in. */
export type Decision = Refusal | undefined;

/** Decides about one half of the policy. */
export type Decide = (facts: Facts | Trouble, policy: Policy) => Decision;

/**
 * The address that Auth0 holds must be confirmed at Bitbucket. Where that is not required, it must
 * still be known whether it is: the claim says so.
 */
export const decideEmail: Decide = (facts, policy) => {
  const email = emailOf(facts);
  if (isTrouble(email)) return refuseFor(email);
  if (email.verified || !policy.requireVerifiedEmail) return refuseUnknown(facts);
  return { code: 'bitbucket_email_unverified', cause: 'not among the confirmed addresses' };
};

/**
 * One satisfied rule is enough, even when another could not be looked up. With none satisfied, one
 * that could not be looked up leaves the question open. Without rules any workspace will do.
 */
export const decideWorkspaces: Decide = (facts, policy) => {
  if (isTrouble(facts)) return refuseFor(facts);
  const { memberships, unanswered } = facts.workspaces;
  const rules = policy.allowedWorkspaces;
  const isSatisfied =
    rules.length === 0
      ? memberships.length > 0
      : rules.some((rule) => memberships.some((membership) => satisfies(membership, rule)));
  if (isSatisfied) return refuseUnknown(facts);
  if (unanswered !== undefined) return refuseFor(unanswered.trouble);
  return { code: 'bitbucket_workspace_required', cause: 'no rule is satisfied' };
};

/** Whether these facts would let somebody in by the whole policy. */
export function satisfiesPolicy(facts: Facts, policy: Policy): boolean {
  return decideEmail(facts, policy) === undefined && decideWorkspaces(facts, policy) === undefined;
}

/** Whether either half of the policy was answered with a no: nothing known before overrules it. */
export function isClearNo(facts: Facts, policy: Policy): boolean {
  const codes = [decideEmail(facts, policy)?.code, decideWorkspaces(facts, policy)?.code];
  return (
    codes.includes('bitbucket_email_unverified') || codes.includes('bitbucket_workspace_required')
  );
}

function emailOf(facts: Facts | Trouble): EmailFacts | Trouble {
  return isTrouble(facts) ? facts : facts.email;
}

/** Nobody gets in without an account: whose answers would they be? */
function refuseUnknown(facts: Facts | Trouble): Decision {
  if (isTrouble(facts)) return refuseFor(facts);
  return isTrouble(facts.uuid) ? refuseFor(facts.uuid) : undefined;
}

function satisfies(membership: Membership, rule: Rule): boolean {
  if (membership.permission === undefined || !isNamedBy(membership, rule.workspace)) return false;
  return PERMISSIONS.indexOf(membership.permission) >= PERMISSIONS.indexOf(rule.permission);
}

function refuseFor(trouble: Trouble): Refusal {
  switch (trouble.kind) {
    case 'outage':
      return { code: 'bitbucket_unavailable', cause: trouble.cause };
    case 'login_required':
      return { code: 'bitbucket_login_required', cause: trouble.cause };
    case 'misconfigured':
      return { code: 'bitbucket_misconfigured', cause: trouble.cause };
  }
}

/**
 * What was answered now, and for what was not, what was known last. Only an outage is filled in:
 * an answer given now stands, whatever was known before.
 */
export function withLastKnown(
  facts: Facts | Trouble,
  known: Facts,
  policy: Policy,
): Facts | Trouble {
  if (isTrouble(facts)) return facts.kind === 'outage' ? known : facts;
  if (!isTrouble(facts.uuid) && facts.uuid !== known.uuid) return facts;
  return {
    uuid: orKnown(facts.uuid, known.uuid),
    email: orKnown(facts.email, known.email),
    workspaces: fillIn(facts.workspaces, known.workspaces, policy),
  };
}

function orKnown<T extends object | string>(now: T, known: T): T {
  return isTrouble(now) && now.kind === 'outage' ? known : now;
}

function fillIn(now: WorkspaceFacts, known: WorkspaceFacts, policy: Policy): WorkspaceFacts {
  if (now.unanswered === undefined || now.unanswered.trouble.kind !== 'outage') return now;
  if (now.unanswered.workspaces.length === 0) return known;
  return { memberships: updateMemberships(known, now, policy), truncated: false };
}

/**
 * The memberships that were known, with what was answered now in their place. A workspace that was
 * answered by one of its names is answered.
 */
export function updateMemberships(
  known: WorkspaceFacts,
  now: WorkspaceFacts,
  policy: Policy,
): readonly Membership[] {
  const asked = now.unanswered?.workspaces ?? [];
  const answered = workspacesOf(policy.allowedWorkspaces).filter((name) => !asked.includes(name));
  const kept = known.memberships.filter(
    (membership) =>
      !answered.some((workspace) => isNamedBy(membership, workspace)) &&
      now.memberships.every((other) => other.uuid !== membership.uuid),
  );
  return [...now.memberships, ...kept];
}
