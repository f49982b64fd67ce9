/**
 * What today's policy says of a person, by the facts that are kept: read, dated and decided by the
 * very functions that the Actions use, as at a recheck that could ask nobody. No I/O, no clock.
 */
import { readLogin } from '#actions/lib/auth0/login.ts';
import type { PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import type { Facts } from '#actions/lib/knowledge/facts.ts';
import type { Look } from '#actions/lib/knowledge/look.ts';
import { merge } from '#actions/lib/knowledge/merge.ts';
import { accountOf } from '#actions/lib/knowledge/query.ts';
import { readRemembered, TWO_ACCOUNTS } from '#actions/lib/login/gather.ts';
import { agesOf, subjectOf } from '#actions/lib/login/judge.ts';
import { type Decide, type Decision, judgeRule } from '#actions/lib/policy/decide.ts';
import {
  type Ages,
  createEvidence,
  type Evidence,
  type Occasion as EvidenceOccasion,
} from '#actions/lib/policy/evidence.ts';
import { type Policy, readPolicy } from '#actions/lib/policy/policy.ts';
import type { RefusalCode } from '#actions/lib/policy/refusal.ts';
import type { Rule } from '#actions/lib/policy/rules.ts';
import { SettingsError } from '#actions/lib/policy/settings.ts';
import { writeRule } from '../deploy/explain-rule.ts';
import type { TenantUser } from './tenant-user.ts';

/** An application that somebody signs in to. */
export interface Application {
  readonly clientId: string;
  readonly name: string;
  /** In which it may have a policy of its own. */
  readonly metadata: unknown;
}

/** What decides: the Actions' secrets, and of the Actions those that are in the login flow. */
export interface Gate {
  readonly secrets: Readonly<Record<string, string>>;
  /** In the order of the flow. */
  readonly halves: readonly Decide[];
}

export interface Occasion {
  readonly user: TenantUser;
  /** The name of the Bitbucket connection. */
  readonly connection: string;
  readonly application: Application;
  readonly gate: Gate;
  readonly nowMs: number;
  /**
   * `recheck`: a fact stands as long as the policy lets it where nobody is at Bitbucket. `last seen`:
   * however old it is.
   */
  readonly by: 'recheck' | 'last seen';
  /** What was found just now, where somebody was asked. */
  readonly look?: Look | undefined;
}

export type Is = 'yes' | 'no' | 'unknown';

export interface Verdict {
  /** `unknown`: a fact is missing, or too old for a recheck; a sign-in would look. */
  readonly status: 'in' | 'out' | 'unknown';
  /** Of whom is refused. */
  readonly code: RefusalCode | undefined;
  /** Of the refusal, or of what is not known. */
  readonly cause: string | undefined;
  /** The first rule that is satisfied. */
  readonly satisfied: string | undefined;
  readonly rules: readonly { readonly rule: Rule | 'any'; readonly is: Is }[];
  /** Whether the address is confirmed; absent where that is not required. */
  readonly address: Is | undefined;
  /** Absent where the application's policy cannot be read. */
  readonly policy: Policy | undefined;
}

/** Codes that say no by the policy, and not that it could not be told. */
const CLEAR_NOES: readonly (RefusalCode | undefined)[] = [
  'bitbucket_email_unverified',
  'bitbucket_workspace_required',
  'bitbucket_misconfigured',
];

export function judge(occasion: Occasion): Verdict {
  const { user, gate, nowMs } = occasion;
  const event = createEvent(occasion);
  const policy = readPolicyOf(event);
  if (typeof policy === 'string') return misconfigured(policy);
  const login = readLogin(event, nowMs);
  if (login === undefined) throw new TypeError(`no login of ${user.userId} through Bitbucket`);
  if (login.accounts.length > 1) return { ...misconfigured(TWO_ACCOUNTS.cause), policy };
  const { known, address } = readRemembered(event, login, nowMs);
  const facts = occasion.look === undefined ? known : merge(known, occasion.look.found);
  const ages = agesFor(occasion, agesOf(policy, login));
  const evidence = createEvidenceOf({ facts, look: occasion.look, ages, nowMs });
  const subject = subjectOf(login, address);
  const decisions = gate.halves.map((decide) => decide(evidence, policy, subject));
  const rules = judgeRules(evidence, policy);
  const satisfied = rules.find(({ is }) => is === 'yes')?.rule;
  return {
    ...conclude(decisions),
    rules,
    satisfied: satisfied === undefined ? undefined : writeRuleOf(satisfied),
    address: policy.requireVerifiedEmail ? evidence.address(subject.addressMark).is : undefined,
    policy,
  };
}

/** The facts of this person that an Action would believe. */
export function readKnown(occasion: Omit<Occasion, 'by' | 'gate' | 'application'>): Facts {
  const { nowMs } = occasion;
  const event = createEvent({ ...occasion, ...NOBODYS });
  const login = readLogin(event, nowMs);
  if (login === undefined) throw new TypeError('no login through Bitbucket');
  return readRemembered(event, login, nowMs).known;
}

const NOBODYS = {
  gate: { secrets: {}, halves: [] },
  application: { clientId: '', name: '', metadata: {} },
} as const;

export function writeRuleOf(rule: Rule | 'any'): string {
  return rule === 'any' ? '*' : writeRule(rule);
}

/** As Auth0 would tell the Actions of a refresh: nobody is at Bitbucket. */
export function createEvent({
  user,
  connection,
  application,
  gate,
}: Pick<Occasion, 'user' | 'connection' | 'application' | 'gate'>): PostLoginEvent {
  const metadata = application.metadata;
  return {
    connection: { name: connection, strategy: 'bitbucket' },
    client: {
      client_id: application.clientId,
      name: application.name,
      ...(isRecord(metadata) ? { metadata } : {}),
    },
    user: {
      user_id: user.userId,
      ...(user.email === undefined ? {} : { email: user.email }),
      ...(isRecord(user.appMetadata) ? { app_metadata: user.appMetadata } : {}),
      identities: user.identities,
    },
    transaction: { protocol: 'oauth2-refresh-token' },
    secrets: gate.secrets,
  };
}

function readPolicyOf(event: PostLoginEvent): Policy | string {
  try {
    return readPolicy(event.secrets, event.client.metadata);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
}

function agesFor({ by }: Occasion, ages: Ages): Ages {
  if (by === 'recheck') return { ...ages, outageMs: 0 };
  return { factMs: Number.POSITIVE_INFINITY, addressMs: Number.POSITIVE_INFINITY, outageMs: 0 };
}

/**
 * A list of the person's workspaces that is whole and empty is a no to the login that got it. Here it
 * is one as long as it stands, where it is certain whose facts these are.
 */
function createEvidenceOf(given: EvidenceOccasion): Evidence {
  const evidence = createEvidence(given);
  const { facts, look, ages, nowMs } = given;
  if (look !== undefined || accountOf(facts) === undefined) return evidence;
  const troubles = { workspaces: new Map(), repositories: new Map() };
  // Younger than that, not as old.
  const at = nowMs - ages.factMs + 1;
  const { anyWorkspace } = createEvidence({ ...given, look: { at, troubles } });
  return { ...evidence, anyWorkspace };
}

function judgeRules(evidence: Evidence, { allowed }: Policy): Verdict['rules'] {
  if (allowed === 'any') return [{ rule: 'any', is: evidence.anyWorkspace().is }];
  return allowed.map((rule) => ({ rule, is: judgeRule(evidence, rule).is }));
}

function conclude(decisions: readonly Decision[]): Pick<Verdict, 'status' | 'code' | 'cause'> {
  const refusals = decisions.filter((decision) => decision !== undefined);
  const no = refusals.find(({ code }) => CLEAR_NOES.includes(code));
  if (no !== undefined) return { status: 'out', code: no.code, cause: no.cause };
  const [first] = refusals;
  if (first !== undefined) return { status: 'unknown', code: undefined, cause: first.cause };
  return { status: 'in', code: undefined, cause: undefined };
}

function misconfigured(cause: string): Verdict {
  return {
    ...{ status: 'out', code: 'bitbucket_misconfigured', cause, satisfied: undefined },
    ...{ rules: [], address: undefined, policy: undefined },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
