/**
 * Whom the planned policy would let in or refuse otherwise than their last login did. It is judged
 * by what is known, however old, since a policy changes and people mostly do not: how old is told.
 */
import { showStep } from '../cli/progress.ts';
import { isForThirdParties } from '../deploy/door.ts';
import type { Prepared } from '../deploy/prepare.ts';
import { listClientMetadata } from '../tenant/read-tenant.ts';
import { readBitbucketConnections } from '../tenant/tenant-state.ts';
import type { Gate } from './judge.ts';
import { type ApplicationVerdict, judgePerson, type Person, summarize } from './person.ts';
import { type LogEntry, readLastLogins } from './read-logs.ts';
import { readUsers } from './read-users.ts';
import { lastOutcomeOf, newestByUser, type Outcome } from './refusals.ts';
import { describe } from './rows.ts';
import { type Door, halvesOf, readPolicySecrets } from './surroundings.ts';
import { nameOf, type TenantUser } from './tenant-user.ts';

export interface ConcernedPerson {
  readonly user: TenantUser;
  readonly name: string;
  /** The rule, the code, or why it cannot be told. */
  readonly reason: string;
  /** The last login, as far as it is known. */
  readonly last: Outcome | undefined;
  /** Milliseconds since the epoch. */
  readonly lastLook: number | undefined;
}

export interface PeoplePlan {
  readonly nowMs: number;
  /** How many there are. */
  readonly total: number;
  readonly newlyRefused: readonly ConcernedPerson[];
  readonly newlyLetIn: readonly ConcernedPerson[];
  readonly cannotTell: readonly ConcernedPerson[];
}

/**
 * Codes of refusals that the policy made. The others pass by themselves, or with a sign-in: whoever
 * met one is counted as somebody whom the policy lets in.
 */
const BY_POLICY = [
  'bitbucket_workspace_required',
  'bitbucket_email_unverified',
  'bitbucket_misconfigured',
];

/** @throws {UserError} for what the tenant refuses. */
export async function planPeople(prepared: Prepared): Promise<PeoplePlan> {
  const { api, deployer, env, declared } = prepared;
  const { ours, secrets } = await readPolicySecrets(deployer, env, declared);
  return showStep('Reading the people', async (step) => {
    const doors = await readDoors(prepared);
    const gate = { secrets, halves: halvesOf(ours, standingAfter(prepared)) };
    const users = await readUsers(api, doors, step);
    if (users.length === 0) step.note('nobody');
    const logs = users.length === 0 ? [] : await readLastLogins(api, doors);
    return sortPeople(users, { doors, gate }, logs, Date.now());
  });
}

export function sortPeople(
  users: readonly TenantUser[],
  planned: { readonly doors: readonly Door[]; readonly gate: Gate },
  logs: readonly LogEntry[],
  nowMs: number,
): PeoplePlan {
  const newest = newestByUser(logs);
  const told = users.map((user) => {
    const person = judgePerson(user, planned, nowMs, 'last seen');
    const entries = newest.get(user.userId) ?? [];
    const told = tell(person, lastOutcomeOf(person, entries[0]));
    return told.change === 'refused' ? told : (tellOfOthers(person, told, entries) ?? told);
  });
  const of = (change: Told['change']) =>
    told.filter((one) => one.change === change).map(({ concerned }) => concerned);
  return {
    nowMs,
    total: users.length,
    newlyRefused: of('refused'),
    newlyLetIn: of('let in'),
    cannotTell: of('cannot tell'),
  };
}

interface Told {
  readonly change: 'refused' | 'let in' | 'cannot tell' | 'none';
  readonly concerned: ConcernedPerson;
}

function tell(person: Person, last: Outcome | undefined): Told {
  const verdict = verdictFor(person, last);
  const looks = person.accounts.flatMap(({ lastLook }) =>
    lastLook === undefined ? [] : [lastLook],
  );
  const isUnknown = verdict === undefined || verdict.verdict.status === 'unknown';
  const concerned = {
    user: person.user,
    name: nameOf(person.user),
    reason: isUnknown ? (verdict?.account.notBelieved ?? 'a fact is missing') : describe(verdict),
    last,
    lastLook: looks.length === 0 ? undefined : Math.max(...looks),
  };
  // Whoever is blocked in Auth0 is refused before and after.
  if (person.user.isBlocked) return { change: 'none', concerned };
  return { change: isUnknown ? 'cannot tell' : changeOf(verdict, last), concerned };
}

/**
 * Who keeps the application of the last login may lose another one: that they were let in to by the
 * newest login there, unless the refusal that is kept came after it.
 */
function tellOfOthers(
  person: Person,
  { concerned }: Told,
  entries: readonly LogEntry[],
): Told | undefined {
  if (person.user.isBlocked) return undefined;
  const refusals = person.accounts.flatMap(({ refusal }) =>
    refusal === undefined ? [] : [refusal],
  );
  for (const { at, code, clientId } of entries) {
    const verdict = person.verdicts.find(({ application }) => application?.clientId === clientId);
    const isRefusedSince = refusals.some(
      (one) => one.at >= at && one.clientId === clientId && BY_POLICY.includes(one.code),
    );
    if (verdict?.verdict.status !== 'out' || isRefusedSince) continue;
    const last = { at, code, clientId };
    if (changeOf(verdict, last) !== 'refused') continue;
    const reason = `${describe(verdict)} at ${verdict.application?.name}`;
    return { change: 'refused', concerned: { ...concerned, reason, last } };
  }
  return undefined;
}

function changeOf({ verdict }: ApplicationVerdict, last: Outcome | undefined): Told['change'] {
  const wasRefused = last?.code !== undefined && BY_POLICY.includes(last.code);
  if (verdict.status === 'in') return wasRefused ? 'let in' : 'none';
  return wasRefused ? 'none' : 'refused';
}

/** Of the application of the last login, where that is known; else of the one that says most. */
function verdictFor(person: Person, last: Outcome | undefined): ApplicationVerdict | undefined {
  const same = person.verdicts.find(
    ({ application }) => application !== undefined && application.clientId === last?.clientId,
  );
  return same ?? summarize(person);
}

/** Ours that stand in the login flow after the deploy. */
function standingAfter({ declared, state, ours }: Prepared): readonly string[] {
  const bound = [
    ...state.bindings.map(({ action }) => action.name),
    ...declared.triggers['post-login'].map(({ action_name: name }) => name),
  ];
  return [...new Set(bound)].filter((name) => ours.includes(name));
}

/** With the applications that the deploy would switch on. */
async function readDoors({ api, applications: planned }: Prepared): Promise<readonly Door[]> {
  const [connections, clients] = await Promise.all([
    readBitbucketConnections(api),
    listClientMetadata(api),
  ]);
  return connections.map(({ connection, enabledClients }) => {
    const ids = new Set([...enabledClients, ...(planned.get(connection.name) ?? [])]);
    return {
      id: connection.id,
      name: connection.name,
      isForThirdParties: isForThirdParties(connection),
      applications: clients
        .filter(({ id }) => ids.has(id))
        .map(({ id, name, metadata }) => ({ clientId: id, name, metadata })),
    };
  });
}
