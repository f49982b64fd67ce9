/**
 * The policy itself: evidence and rules in, a decision out. No I/O, no clock, no `api`.
 */
import { PERMISSIONS, REPOSITORY_PERMISSIONS } from '../knowledge/facts.ts';
import { graver, type Trouble } from '../trouble.ts';
import type { Evidence } from './evidence.ts';
import type { Policy } from './policy.ts';
import type { Refusal } from './refusal.ts';
import type { Rule } from './rules.ts';

/** `undefined` lets the person in. */
export type Decision = Refusal | undefined;

/** About whom it is decided, beside what is known. */
export interface Subject {
  /** See `addressMark`; `undefined` where Auth0 holds no address. */
  readonly addressMark: string | undefined;
  /** The address is that of another linked identity. */
  readonly isAddressOfAnother: boolean;
}

/** Decides about one half of the policy. */
export type Decide = (evidence: Evidence, policy: Policy, subject: Subject) => Decision;

type Verdict =
  | { readonly is: 'yes' }
  | { readonly is: 'no'; readonly reason: string }
  | { readonly is: 'unknown'; readonly trouble: Trouble };

/**
 * The address that Auth0 holds must be confirmed at Bitbucket, where that is required. Nobody gets
 * in without an account: whose answers would they be?
 */
export const decideEmail: Decide = (evidence, policy, subject) => {
  const account = evidence.account();
  if (account.is === 'no') return refuseInactive(account.reason);
  const own = account.is === 'unknown' ? account.trouble : undefined;
  if (own !== undefined && !mayPass(own))
    return clearNo(evidence, policy, subject) ?? refuseFor(own);
  const address = policy.requireVerifiedEmail
    ? evidence.address(subject.addressMark)
    : ({ is: 'yes' } as const);
  if (address.is === 'no') return refuseUnconfirmed(subject, address.reason);
  if (address.is === 'unknown') return refuseFor(graver(own, address.trouble));
  return own === undefined ? undefined : refuseFor(own);
};

/**
 * One satisfied rule is enough, even when another could not be looked up. With none satisfied, one
 * that could not be looked up leaves the question open. A no to all of them is a no, also of the
 * consumer, which cannot tell the account of somebody who is no member.
 */
export const decideWorkspaces: Decide = (evidence, policy) => {
  const account = evidence.account();
  if (account.is === 'no') return refuseInactive(account.reason);
  const own = account.is === 'unknown' ? account.trouble : undefined;
  if (own?.kind === 'misconfigured') return refuseFor(own);
  const verdicts =
    policy.allowed === 'any'
      ? [evidence.anyWorkspace()]
      : policy.allowed.map((rule) => judgeRule(evidence, rule));
  if (verdicts.some(({ is }) => is === 'yes'))
    return own === undefined ? undefined : refuseFor(own);
  const open = verdicts.flatMap((verdict) => (verdict.is === 'unknown' ? [verdict.trouble] : []));
  const [first, ...others] = open;
  if (first !== undefined) return refuseFor([own ?? first, ...others].reduce(graver, first));
  const reasons = new Set(
    verdicts.flatMap((verdict) => (verdict.is === 'no' ? [verdict.reason] : [])),
  );
  return {
    code: 'bitbucket_workspace_required',
    cause: `no rule is satisfied: ${[...reasons].slice(0, 4).join(', ')}`,
  };
};

/** The roles of somebody who is let in, sorted; and how many rules of roles could not be told. */
export function judgeRoles(
  evidence: Evidence,
  { settings }: Policy,
): { readonly roles: readonly string[]; readonly unknown: number } {
  const verdicts = settings.roles.map(({ role, rule }) => ({
    role,
    is: judgeRule(evidence, rule).is,
  }));
  const roles = verdicts.filter(({ is }) => is === 'yes').map(({ role }) => role);
  const unknown = verdicts.filter(({ role, is }) => is === 'unknown' && !roles.includes(role));
  return { roles: [...new Set(roles)].sort(), unknown: unknown.length };
}

/** Whether the evidence satisfies one rule. */
export function judgeRule(evidence: Evidence, rule: Rule): Verdict {
  switch (rule.kind) {
    case 'person': {
      const account = evidence.account();
      if (account.is !== 'yes') return account;
      return account.value.uuid === rule.uuid
        ? { is: 'yes' }
        : { is: 'no', reason: 'another person' };
    }
    case 'workspace': {
      const workspace = evidence.workspace(rule.workspace);
      if (workspace.is !== 'yes' || rule.permission === 'member') return workspace;
      const permission = evidence.permission(workspace.value);
      if (permission.is !== 'yes') return permission;
      return atLeast(PERMISSIONS, permission.value, rule.permission);
    }
    case 'repository': {
      const repository = evidence.repository(rule.repository);
      if (repository.is !== 'yes') return repository;
      return atLeast(REPOSITORY_PERMISSIONS, repository.value.permission, rule.permission);
    }
  }
}

function atLeast<T>(order: readonly T[], has: T, needs: T): Verdict {
  return order.indexOf(has) >= order.indexOf(needs)
    ? { is: 'yes' }
    : { is: 'no', reason: 'too little permission' };
}

/**
 * The consumer proves an account by a membership. Where it says no to all of them, that is what there
 * is to say, and not that the sign-in has expired.
 */
function clearNo(evidence: Evidence, policy: Policy, subject: Subject): Decision {
  const decision = decideWorkspaces(evidence, policy, subject);
  return decision?.code === 'bitbucket_workspace_required' ? decision : undefined;
}

/** Beside a trouble that may pass, the other answers stand: a no among them is still a no. */
function mayPass({ kind }: Trouble): boolean {
  return kind === 'outage' || kind === 'refused';
}

function refuseInactive(cause: string): Refusal {
  return { code: 'bitbucket_workspace_required', cause, circumstance: 'inactive_account' };
}

function refuseUnconfirmed(subject: Subject, cause: string): Refusal {
  const code = 'bitbucket_email_unverified';
  if (subject.addressMark === undefined) {
    return { code, cause: 'Auth0 holds no address', circumstance: 'no_address' };
  }
  if (!subject.isAddressOfAnother) return { code, cause };
  return {
    code,
    cause: `${cause}: it is that of another linked identity`,
    circumstance: 'address_of_another_account',
  };
}

function refuseFor({ kind, cause }: Trouble): Refusal {
  switch (kind) {
    case 'outage':
    case 'refused':
      return { code: 'bitbucket_unavailable', cause };
    case 'login_required':
      return { code: 'bitbucket_login_required', cause };
    case 'misconfigured':
      return { code: 'bitbucket_misconfigured', cause };
  }
}
