/**
 * Where the facts of this login come from: the other Action of this flow, the last look, or
 * Bitbucket now. Decides where to look; never who gets in.
 */
import type { PostLoginApi, PostLoginEvent } from '../auth0/post-login.ts';
import { fetchUpstreamToken } from '../auth0/upstream-token.ts';
import { lookAsConsumer, lookAsUser } from '../bitbucket/look.ts';
import type { Caller } from '../http/caller.ts';
import { createTrouble, type Facts, isTrouble, type Trouble } from '../knowledge/facts.ts';
import { type LookOwner, readSharedLook } from '../knowledge/shared-look.ts';
import {
  type Asked,
  fingerprint,
  readSnapshot,
  readSnapshotUuid,
  type Snapshot,
} from '../knowledge/snapshot.ts';
import type { Policy } from '../policy/policy.ts';
import { readField, readString } from '../read.ts';
import { orTrouble } from '../trouble-error.ts';

export type Source = 'live' | 'consumer' | 'shared' | 'snapshot' | 'last_known';

export interface Evidence {
  readonly facts: Facts | Trouble;
  readonly source: Source;
  readonly asked: Asked;
  /** The last look, of whatever age, where it answers for what is asked. */
  readonly snapshot: Snapshot | undefined;
  readonly owner: LookOwner;
}

/** A failure at Bitbucket or the Management API is in the facts, not thrown. */
export async function gather(
  event: PostLoginEvent,
  cache: PostLoginApi['cache'],
  policy: Policy,
  caller: Caller,
  nowMs: number,
): Promise<Evidence> {
  const asked = askedOf(event, policy);
  const snapshot = readSnapshot(event.user.app_metadata, asked);
  const owner = { userId: event.user.user_id, about: fingerprint(asked) };
  const evidence = { asked, snapshot, owner };
  if (asked.accounts.length > 1) {
    return { ...evidence, facts: TWO_ACCOUNTS, source: 'live' };
  }

  const shared = readSharedLook(event.transaction?.metadata, owner);
  if (shared !== undefined) return { ...evidence, facts: shared, source: 'shared' };

  const isRefresh = event.transaction?.protocol === 'oauth2-refresh-token';
  const freshMs = policy.settings.recheckAfterMinutes * 60_000;
  if (isRefresh && snapshot !== undefined && isYoungerThan(snapshot.checkedAt, freshMs, nowMs)) {
    return { ...evidence, facts: snapshot.facts, source: 'snapshot' };
  }

  const facts = await lookLive(event, cache, asked, caller);
  if (!isRefresh || !isTrouble(facts) || facts.kind !== 'login_required') {
    return { ...evidence, facts, source: 'live' };
  }
  const asConsumer = await lookForExpired(event, asked, caller, snapshot);
  return asConsumer === undefined
    ? { ...evidence, facts, source: 'live' }
    : { ...evidence, facts: asConsumer, source: 'consumer' };
}

/** Which of them to believe is not ours to guess. */
const TWO_ACCOUNTS = createTrouble('misconfigured', 'two identities of this connection are linked');

function askedOf(event: PostLoginEvent, policy: Policy): Asked {
  const connection = event.connection.name;
  const identities = Array.isArray(event.user.identities) ? event.user.identities : [];
  return {
    policy,
    address: readString(event.user, 'email'),
    connection,
    accounts: identities
      .filter((identity) => readField(identity, 'connection') === connection)
      .map((identity) => String(readField(identity, 'user_id'))),
  };
}

/** A snapshot from the future is of no known age. */
export function isYoungerThan(checkedAt: number, maxAgeMs: number, nowMs: number): boolean {
  const ageMs = nowMs - checkedAt;
  return ageMs >= 0 && ageMs < maxAgeMs;
}

async function lookLive(
  event: PostLoginEvent,
  cache: PostLoginApi['cache'],
  { policy, address, connection }: Asked,
  caller: Caller,
): Promise<Facts | Trouble> {
  const subject = { userId: event.user.user_id, connection };
  const token = await orTrouble(fetchUpstreamToken(caller, cache, policy.settings, subject));
  if (isTrouble(token)) return token;
  return lookAsUser({ caller, token }, { address, rules: policy.allowedWorkspaces });
}

/** The stored sign-in has expired: ask as the consumer, where one is set and it answers. */
async function lookForExpired(
  event: PostLoginEvent,
  asked: Asked,
  caller: Caller,
  snapshot: Snapshot | undefined,
): Promise<Facts | undefined> {
  const { allowedWorkspaces, settings } = asked.policy;
  const { consumer } = settings;
  const uuid = readSnapshotUuid(event.user.app_metadata, asked);
  if (consumer === undefined || uuid === undefined) return undefined;
  const email = snapshot?.facts.email;
  const person = { uuid, email: email === undefined || isTrouble(email) ? undefined : email };
  const facts = await orTrouble(lookAsConsumer(caller, consumer, person, allowedWorkspaces));
  return isTrouble(facts) ? undefined : facts;
}
