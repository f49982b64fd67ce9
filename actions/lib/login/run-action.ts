/**
 * One login, from the event to the answer: read the policy, gather the facts, decide, apply. It
 * throws nothing; what it did not expect is a refusal.
 */
import { type Login, readLogin } from '../auth0/login.ts';
import type { PostLoginApi, PostLoginEvent } from '../auth0/post-login.ts';
import { BITBUCKET_WEB } from '../bitbucket/consumer-token.ts';
import { BITBUCKET_API } from '../bitbucket/requests.ts';
import { type Caller, createCaller, type Ports } from '../http/caller.ts';
import { createSharedLook } from '../knowledge/shared-look.ts';
import { type Decide, judgeRoles } from '../policy/decide.ts';
import { createEvidence } from '../policy/evidence.ts';
import { type Policy, readPolicy, rulesOf } from '../policy/policy.ts';
import type { Refusal } from '../policy/refusal.ts';
import { asksOf } from '../policy/rules.ts';
import { SettingsError } from '../policy/settings.ts';
import { createTokenCache } from '../token-cache.ts';
import { applyClaims, applyRefusal, applySharedLook, applyStored } from './apply.ts';
import type { Claims, ClaimsOf } from './claims.ts';
import { type Gathered, gather, type Remembered, readRemembered } from './gather.ts';
import { agesOf, subjectOf } from './judge.ts';
import { createLogLine, type LogEntry } from './log-line.ts';
import { whatToStore } from './remember.ts';

/** What makes one Action differ from the other. */
export interface ActionSpec {
  /** Its name in the tenant. */
  readonly name: string;
  readonly decide: Decide;
  readonly claimsOf: ClaimsOf;
}

export interface ActionPorts extends Ports {
  readonly log: (line: string) => void;
}

/** Never more than these to Bitbucket in one login, retries included. */
const BUDGET = { origins: [BITBUCKET_API, BITBUCKET_WEB], calls: 60 };

/** Runs one Action for one login. Other connections are none of its business. */
export async function runAction(
  spec: ActionSpec,
  ports: ActionPorts,
  event: PostLoginEvent,
  api: PostLoginApi,
): Promise<void> {
  const startedAt = ports.now();
  const caller = createCaller(ports, BUDGET);
  const outcome = await decideAndApply(spec, ports, caller, event, api).catch(refuseUnexpected);
  caller.close();
  if (outcome === undefined) return;
  if (outcome.refusal !== undefined) applyRefusal(api, outcome.refusal);
  const ms = Math.round(ports.now() - startedAt);
  ports.log(createLogLine({ action: spec.name, ...outcome, calls: caller.count(), ms }));
}

type Outcome = Pick<LogEntry, 'refusal' | 'source' | 'rolesUnknown'>;

/** `undefined` where the login is none of this package's business. */
async function decideAndApply(
  spec: ActionSpec,
  ports: ActionPorts,
  caller: Caller,
  event: PostLoginEvent,
  api: PostLoginApi,
): Promise<Outcome | undefined> {
  const nowMs = ports.now();
  const login = readLogin(event, nowMs);
  if (login === undefined) return undefined;
  const remembered = readRemembered(event, login, nowMs);
  const keep = (refusal: Refusal | undefined, policy?: Policy, gathered?: Gathered) => {
    const asks = policy === undefined ? [] : asksOf(rulesOf(policy));
    const askedFor = asks.map(({ name }) => name);
    const happened = { login, remembered, gathered, refusal, askedFor, nowMs };
    const stored = whatToStore(event.user.app_metadata, happened);
    if (stored !== undefined) applyStored(api, stored);
  };

  const policy = readPolicyOf(event);
  if ('code' in policy) {
    keep(policy);
    return { refusal: policy };
  }
  const cache = createTokenCache(api.cache, policy.settings.managementClientSecret);
  const gathered = await gather(event, login, policy, remembered, { caller, cache, nowMs });
  const verdict = judge(spec, policy, login, remembered, gathered, ports.now());
  if (gathered.look !== undefined && gathered.source !== 'shared') {
    const entries = createSharedLook(gathered.sharedFor, gathered.look, ports.now());
    if (entries !== undefined) applySharedLook(api, entries);
  }
  keep(verdict.refusal, policy, gathered);
  if (verdict.claims !== undefined) {
    applyClaims(api, policy.settings.claimNamespace, verdict.claims);
  }
  return verdict;
}

/** A policy that cannot be read is a refusal: an admin must act. */
function readPolicyOf(event: PostLoginEvent): Policy | Refusal {
  try {
    return readPolicy(event.secrets, event.client?.metadata);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { code: 'bitbucket_misconfigured', cause: error.message };
  }
}

/** The decision by what was found now; in an outage, where the policy says so, by what was known. */
function judge(
  { decide, claimsOf }: ActionSpec,
  policy: Policy,
  login: Login,
  { address }: Remembered,
  { facts, look, source, isAnotherAccount }: Gathered,
  nowMs: number,
): Outcome & { readonly claims?: Claims } {
  if (isAnotherAccount) return { refusal: ANOTHER_ACCOUNT, source };
  const ages = agesOf(policy, login);
  const subject = subjectOf(login, address);
  const evidence = createEvidence({ facts, look, ages, nowMs });
  const refusal = decide(evidence, policy, subject);
  if (refusal !== undefined) return { refusal, source };
  const ofNow = createEvidence({ facts, look, ages: { ...ages, outageMs: 0 }, nowMs });
  const isOfNow = decide(ofNow, policy, subject) === undefined;
  return {
    refusal: undefined,
    source: isOfNow ? source : 'last_known',
    claims: claimsOf(evidence, policy, subject),
    rolesUnknown: judgeRoles(evidence, policy).unknown,
  };
}

const ANOTHER_ACCOUNT: Refusal = {
  code: 'bitbucket_misconfigured',
  cause: 'another account behind this identity',
};

/** A name says enough for a report and cannot hold anything of the person. */
function refuseUnexpected(error: unknown): Outcome {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return { refusal: { code: 'bitbucket_unavailable', cause: `unexpected ${name}` } };
}
