/**
 * Why a login ended as it did: each rule of its policy beside what was found, judged by the very
 * functions that the Actions decide with. Values in, values out.
 */

import { createFailedLook } from '#actions/lib/knowledge/look.ts';
import { decideEmail, decideWorkspaces, judgeRule } from '#actions/lib/policy/decide.ts';
import { createEvidence, type Evidence } from '#actions/lib/policy/evidence.ts';
import { type Policy, readPolicy } from '#actions/lib/policy/policy.ts';
import type { Rule } from '#actions/lib/policy/rules.ts';
import { SettingsError } from '#actions/lib/policy/settings.ts';
import { explainRule, writeRule } from '#scripts/lib/deploy/explain-rule.ts';
import type { LoginRecord } from '#scripts/local/tenant/login-history.ts';
import { type Found, findFor } from './found.ts';
import { readLogLine } from './log-line.ts';
import { type Known, readKnown } from './subject.ts';

export type Verdict = 'yes' | 'no' | 'unknown';

export interface ExplainedRule extends Found {
  readonly rule: string;
  readonly meaning: string;
  readonly is: Verdict;
}

export interface Explanation {
  /** What the Actions could not read in the policy; then there is nothing else. */
  readonly mistake?: string;
  /** One that is satisfied is enough. */
  readonly rules: readonly ExplainedRule[];
  readonly roles: readonly (ExplainedRule & { readonly role: string })[];
  /** Absent where it is not required. */
  readonly address?: Found & { readonly is: Verdict };
  /** Whether the same functions say of what is kept what the Actions said. */
  readonly agrees: boolean;
}

const MINUTE_MS = 60_000;

/**
 * @param secrets of the version that ran.
 * @param appMetadata after the login.
 * @returns `undefined` where the login is none of the Actions' business.
 */
export function explain(
  record: LoginRecord,
  secrets: Readonly<Record<string, string>>,
  appMetadata: Readonly<Record<string, unknown>>,
): Explanation | undefined {
  const { event } = record;
  const nowMs = Date.parse(record.at);
  const known = readKnown({ ...event, user: { ...event.user, app_metadata: appMetadata } }, nowMs);
  if (known === undefined) return undefined;
  const policy = readPolicyOf(secrets, event.client.metadata);
  if (typeof policy === 'string') {
    return { mistake: policy, rules: [], roles: [], agrees: isRefused(record) };
  }
  const evidence = evidenceOf(record, known, policy, nowMs);
  const judge = (rule: Rule): ExplainedRule => ({
    rule: writeRule(rule),
    meaning: explainRule(rule),
    is: judgeRule(evidence, rule).is,
    ...findFor(known.facts, rule),
  });
  const subject = {
    addressMark: known.mark,
    isAddressOfAnother: known.login.isAddressOfAnother,
  };
  const letsIn = [decideEmail, decideWorkspaces].every(
    (decide) => decide(evidence, policy, subject) === undefined,
  );
  return {
    rules: policy.allowed === 'any' ? [judgeAny(evidence)] : policy.allowed.map(judge),
    roles: policy.settings.roles.map(({ role, rule }) => ({ role, ...judge(rule) })),
    ...(policy.requireVerifiedEmail ? { address: judgeAddress(evidence, known) } : {}),
    agrees: letsIn === !isRefused(record),
  };
}

function readPolicyOf(secrets: unknown, metadata: unknown): Policy | string {
  try {
    return readPolicy(secrets, metadata);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}

/**
 * What was found in this login is what its look, which began with it, left behind. What stayed
 * unanswered is not kept: of that the log line alone tells.
 */
function evidenceOf(record: LoginRecord, known: Known, policy: Policy, nowMs: number): Evidence {
  const { settings } = policy;
  const { isSignIn } = known.login;
  const { troubles } = createFailedLook(0, {
    kind: 'outage',
    cause: lineOf(record)?.cause ?? 'not answered',
  });
  return createEvidence({
    facts: known.facts,
    look: { at: Date.parse(record.startedAt), troubles },
    ages: {
      factMs: isSignIn ? 0 : settings.recheckAfterMinutes * MINUTE_MS,
      addressMs: isSignIn ? 0 : settings.emailRecheckAfterDays * 24 * 60 * MINUTE_MS,
      outageMs:
        settings.onOutage === 'last_known' ? settings.lastKnownMaxAgeHours * 60 * MINUTE_MS : 0,
    },
    nowMs,
  });
}

function judgeAny(evidence: Evidence): ExplainedRule {
  const any = evidence.anyWorkspace();
  const text =
    any.is === 'yes'
      ? `in or near ${any.value.map(({ slug }) => slug).join(', ')}`
      : any.is === 'no'
        ? any.reason
        : 'not known';
  return { rule: '*', meaning: 'anybody in any workspace', is: any.is, text };
}

function judgeAddress(evidence: Evidence, { facts, mark, login }: Known) {
  const { is } = evidence.address(mark);
  if (login.address === undefined) return { is, text: 'the tenant holds no address' };
  const text = { yes: 'confirmed', no: 'not confirmed', unknown: 'not known' }[is];
  const at = facts.address?.at;
  return { is, text, ...(is === 'unknown' || at === undefined ? {} : { at }) };
}

function isRefused({ result }: LoginRecord): boolean {
  return result.outcome !== 'allowed';
}

function lineOf({ result }: LoginRecord) {
  return readLogLine(result.steps.findLast(({ log }) => log !== '')?.log ?? '');
}
