/**
 * One login, from the event to the answer: read the policy, gather the facts, decide, apply. It
 * throws nothing; what it did not expect is a refusal.
 */

import type { PostLoginApi, PostLoginEvent } from '../auth0/post-login.ts';
import { type Caller, createCaller, type Ports } from '../http/caller.ts';
import { type Facts, isTrouble, type Membership } from '../knowledge/facts.ts';
import { createSharedLook } from '../knowledge/shared-look.ts';
import { createSnapshot, readSnapshotUuid } from '../knowledge/snapshot.ts';
import {
  type Decide,
  type Decision,
  isClearNo,
  updateMemberships,
  withLastKnown,
} from '../policy/decide.ts';
import { type Policy, readPolicy } from '../policy/policy.ts';
import type { Refusal } from '../policy/refusal.ts';
import { SettingsError } from '../policy/settings.ts';
import { applyClaims, applyRefusal, applySharedLook, applySnapshot, type Claims } from './apply.ts';
import { type Evidence, gather, isYoungerThan, type Source } from './gather.ts';
import { createLogLine } from './log-line.ts';

/** What makes one Action differ from the other. */
export interface ActionSpec {
  /** Its name in the tenant. */
  readonly name: string;
  readonly decide: Decide;
  /** The claims of somebody who is let in. */
  readonly claimsOf: (facts: Facts) => Claims;
}

export interface ActionPorts extends Ports {
  readonly log: (line: string) => void;
}

interface Outcome {
  readonly refusal: Refusal | undefined;
  readonly source?: Source;
}

/** Runs one Action for one login. Other connections are none of its business. */
export async function runAction(
  spec: ActionSpec,
  ports: ActionPorts,
  event: PostLoginEvent,
  api: PostLoginApi,
): Promise<void> {
  if (event?.connection?.strategy !== 'bitbucket') return;
  const startedAt = ports.now();
  const caller = createCaller(ports);
  const outcome = await decideAndApply(spec, ports, caller, event, api).catch(refuseUnexpected);
  if (outcome.refusal !== undefined) applyRefusal(api, outcome.refusal.code);
  ports.log(
    createLogLine({
      action: spec.name,
      ...outcome,
      calls: caller.count(),
      ms: Math.round(ports.now() - startedAt),
    }),
  );
}

async function decideAndApply(
  spec: ActionSpec,
  ports: ActionPorts,
  caller: Caller,
  event: PostLoginEvent,
  api: PostLoginApi,
): Promise<Outcome> {
  const policy = readPolicy(event);
  const evidence = await gather(event, api.cache, policy, caller, ports.now());
  const verdict = judge(spec.decide, policy, evidence, ports.now());
  remember(api, event, evidence, ports.now());
  if (verdict.refusal === undefined && !isTrouble(verdict.facts)) {
    applyClaims(api, policy.settings.claimNamespace, spec.claimsOf(verdict.facts));
  }
  return verdict;
}

/** The decision by what was found now; in an outage, where the policy says so, by what was known. */
function judge(
  decide: Decide,
  policy: Policy,
  evidence: Evidence,
  nowMs: number,
): { readonly facts: Evidence['facts']; readonly refusal: Decision; readonly source: Source } {
  const { facts, source, snapshot } = evidence;
  const refusal = decide(facts, policy);
  const now = { facts, refusal, source };
  if (refusal?.code !== 'bitbucket_unavailable' || snapshot === undefined) return now;
  if (policy.settings.onOutage !== 'last_known') return now;
  const maxAgeMs = policy.settings.lastKnownMaxAgeHours * 3_600_000;
  // What the consumer renewed is not younger than what it could not look at.
  const lookedAt = Math.min(snapshot.checkedAt, snapshot.emailCheckedAt);
  if (!isYoungerThan(lookedAt, maxAgeMs, nowMs)) return now;
  const known = withLastKnown(facts, snapshot.facts, policy);
  return decide(known, policy) === undefined
    ? { facts: known, refusal: undefined, source: 'last_known' }
    : now;
}

/** Keeps what a look at Bitbucket found: for the other Action, and for later logins. */
function remember(
  api: PostLoginApi,
  event: PostLoginEvent,
  evidence: Evidence,
  nowMs: number,
): void {
  const { facts, source, owner } = evidence;
  if (source === 'snapshot') return;
  if (source !== 'shared') {
    const entries = createSharedLook(owner, facts);
    if (entries !== undefined) applySharedLook(api, entries);
  }
  const stored = isTrouble(facts) ? undefined : whatToStore(facts, evidence, event, nowMs);
  if (stored !== undefined) applySnapshot(api, stored);
}

/**
 * A look that was answered whole replaces the last one. An outage leaves that as it is, but for
 * what was answered: a refusal ends it, and a workspace that was left is taken out of it.
 */
function whatToStore(
  facts: Facts,
  { asked, snapshot, source }: Evidence,
  event: PostLoginEvent,
  nowMs: number,
): ReturnType<typeof createSnapshot> | undefined {
  const { email, workspaces } = facts;
  const now = { checkedAt: nowMs, emailCheckedAt: nowMs };
  const uuid = isTrouble(facts.uuid)
    ? readSnapshotUuid(event.user.app_metadata, asked)
    : facts.uuid;
  if (uuid === undefined) return undefined;
  const isWhole =
    !isTrouble(facts.uuid) && !isTrouble(email) && workspaces.unanswered === undefined;
  if (isWhole) {
    const emailCheckedAt = source === 'consumer' ? snapshot?.emailCheckedAt : nowMs;
    const times = { ...now, emailCheckedAt: emailCheckedAt ?? nowMs };
    return source === 'shared' ? undefined : createSnapshot({ ...facts, uuid }, asked, times);
  }
  if (isClearNo(facts, asked.policy)) return createSnapshot({ ...facts, uuid }, asked, now);
  if (snapshot === undefined) return undefined;
  const { email: knownEmail, workspaces: known } = snapshot.facts;
  const memberships = updateMemberships(known, workspaces, asked.policy);
  const isAsKnown = (one: Membership) =>
    memberships.some(({ uuid, permission }) => uuid === one.uuid && permission === one.permission);
  if (known.memberships.every(isAsKnown)) return undefined;
  const updated = { uuid, email: knownEmail, workspaces: { ...known, memberships } };
  return createSnapshot(updated, asked, snapshot);
}

/** A name says enough for a report and cannot hold anything of the person. */
function refuseUnexpected(error: unknown): Outcome {
  if (error instanceof SettingsError) {
    return { refusal: { code: 'bitbucket_misconfigured', cause: error.message } };
  }
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return { refusal: { code: 'bitbucket_unavailable', cause: `unexpected ${name}` } };
}
