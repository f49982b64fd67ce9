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
} from './facts.ts';
import type { Policy } from './policy.ts';
import type { Refusal } from './refusal.ts';
import type { Rule } from './rules.ts';

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
  if (email.verified || !policy.requireVerifiedEmail) return undefined;
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
  if (isSatisfied) return undefined;
  if (unanswered !== undefined) return refuseFor(unanswered.trouble);
  return { code: 'bitbucket_workspace_required', cause: 'no rule is satisfied' };
};

/** Whether these facts would let somebody in by the whole policy. */
export function satisfiesPolicy(facts: Facts, policy: Policy): boolean {
  return decideEmail(facts, policy) === undefined && decideWorkspaces(facts, policy) === undefined;
}

/** A clear no, which nothing known from before may overrule. */
export function isClearNo(decision: Decision): boolean {
  return (
    decision?.code === 'bitbucket_email_unverified' ||
    decision?.code === 'bitbucket_workspace_required'
  );
}

function emailOf(facts: Facts | Trouble): EmailFacts | Trouble {
  return isTrouble(facts) ? facts : facts.email;
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
export function withLastKnown(facts: Facts | Trouble, known: Facts): Facts | Trouble {
  if (isTrouble(facts)) return facts.kind === 'outage' ? known : facts;
  if (facts.uuid !== known.uuid) return facts;
  const email = isTrouble(facts.email) && facts.email.kind === 'outage' ? known.email : facts.email;
  return { uuid: facts.uuid, email, workspaces: fillIn(facts.workspaces, known.workspaces) };
}

function fillIn(now: WorkspaceFacts, known: WorkspaceFacts): WorkspaceFacts {
  if (now.unanswered === undefined || now.unanswered.trouble.kind !== 'outage') return now;
  const asked = now.unanswered.workspaces;
  if (asked.length === 0) return known;
  const filled = known.memberships.filter(
    (membership) =>
      asked.some((workspace) => isNamedBy(membership, workspace)) &&
      now.memberships.every((answered) => answered.uuid !== membership.uuid),
  );
  return { memberships: [...now.memberships, ...filled], truncated: false };
}
