/** `npm run why`: everything that there is to say of one person, put together. Changes nothing. */
import { buildActions } from '../build/build-actions.ts';
import { type Environment, readDeployer } from '../cli/environment.ts';
import { showStep } from '../cli/progress.ts';
import { readCode } from '../deploy/code.ts';
import { findOurActions } from '../deploy/our-actions.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkGate } from '../doctor/gate.ts';
import { assertScopes, READER_SCOPES } from '../tenant/deployer-scopes.ts';
import { connectToTenant } from '../tenant/management-api.ts';
import { type Advice, adviseOn, readAdvice } from './advice.ts';
import type { Deployed } from './deployed.ts';
import { findPerson } from './find-person.ts';
import { lookNow } from './live.ts';
import { judgePerson, type Person } from './person.ts';
import { type LogEntry, readLogsOf } from './read-logs.ts';
import { type ToldRefusal, tellRefusals } from './refusals.ts';
import { readSurroundings, type Surroundings } from './surroundings.ts';
import type { TenantUser } from './tenant-user.ts';

export interface ExplainedPerson {
  readonly person: Person;
  readonly refusals: readonly ToldRefusal[];
  /** In whole sentences: what is out of the ordinary. */
  readonly notes: readonly string[];
  /** With what Bitbucket says now; absent where it was not asked. */
  readonly live: Pick<Person, 'verdicts'> | undefined;
  readonly advice: readonly string[];
}

export interface Explanation {
  readonly nowMs: number;
  readonly people: readonly ExplainedPerson[];
  readonly gate: readonly Finding[];
  readonly deployed: Deployed;
  readonly notes: readonly string[];
}

export interface WhyOptions {
  /** Asks Bitbucket now, as the consumer. */
  readonly isLive: boolean;
}

/** @throws {UserError} for an unknown person, a missing scope, and what the tenant refuses. */
export async function explain(
  env: Environment,
  argument: string,
  { isLive }: WhyOptions,
): Promise<Explanation> {
  const deployer = readDeployer(env);
  const api = await connectToTenant(deployer);
  assertScopes(api.token, READER_SCOPES, 'reader');
  const { users, log } = await findPerson(api, argument);
  const surroundings = await showStep(`Reading the tenant ${deployer.domain}`, () =>
    readSurroundings(api, deployer, env),
  );
  const gate = await showStep('Building the Actions', async () => {
    await buildActions();
    return checkTheGate(surroundings);
  });
  const advice = await readAdvice();
  const nowMs = Date.now();
  const ours = users.filter((user) => isOfBitbucket(user, surroundings));
  // Of several with one address, those that these Actions have to do with.
  const asked = ours.length > 0 ? ours : users;
  const people = [];
  for (const user of asked) {
    const logs = await readLogsOf(api, user.userId);
    people.push(await explainPerson({ user, surroundings, logs, log, advice, nowMs, isLive }));
  }
  return { nowMs, people, gate, deployed: surroundings.deployed, notes: noteOn(users, ours) };
}

function isOfBitbucket({ identities }: TenantUser, { doors }: Surroundings): boolean {
  return identities.some(({ connection }) => doors.some(({ name }) => name === connection));
}

function noteOn(users: readonly TenantUser[], ours: readonly TenantUser[]): readonly string[] {
  if (users.length < 2) return [];
  const others = users.length - ours.length;
  const rest =
    others === 0 || ours.length === 0
      ? ''
      : ` ${others} of them came by another connection, and ${others === 1 ? 'is' : 'are'} left out.`;
  return [
    `${users.length} users have this address; name one by its id to see that one alone.${rest}`,
  ];
}

interface Asked {
  readonly user: TenantUser;
  readonly surroundings: Surroundings;
  readonly logs: readonly LogEntry[];
  readonly log: LogEntry | undefined;
  readonly advice: Advice;
  readonly nowMs: number;
  readonly isLive: boolean;
}

async function explainPerson(asked: Asked): Promise<ExplainedPerson> {
  const { user, surroundings, logs, log, nowMs, isLive } = asked;
  const person = judgePerson(user, surroundings, nowMs);
  // An entry that was named may be older than the newest hundred.
  const isThere = log === undefined || logs.some(({ logId }) => logId === log.logId);
  const entries = isThere ? logs : [...logs, log];
  const refusals = tellRefusals(person, entries, surroundings.applications);
  const live = isLive && person.accounts.length > 0 ? await lookNow(person) : undefined;
  const found =
    live === undefined || live.looks.size === 0
      ? undefined
      : judgePerson(user, surroundings, Date.now(), 'recheck', live.looks);
  return {
    person,
    refusals,
    live: found,
    notes: [
      ...describePerson(person, refusals, logs),
      ...(log !== undefined && !log.isRefused ? [`The log entry ${log.logId} is no refusal.`] : []),
      ...(live?.sentences ?? []),
    ],
    advice: [
      ...(user.isBlocked && person.accounts.length > 0 ? [UNBLOCK] : []),
      ...advise(asked.advice, person, refusals),
    ],
  };
}

const UNBLOCK =
  'If they are meant to get in, unblock the user in Auth0 first: until then no Action is asked.';

function describePerson(
  { user, accounts }: Person,
  refusals: readonly ToldRefusal[],
  logs: readonly LogEntry[],
): readonly string[] {
  const others = [...new Set(user.identities.map(({ connection }) => connection))];
  if (accounts.length === 0) {
    return [
      `This user has no account of a Bitbucket connection${others.length === 0 ? '' : ` (but of ${others.join(', ')})`}: these Actions do nothing at their logins.`,
    ];
  }
  return [
    ...(user.isBlocked
      ? ['An administrator has blocked this user in Auth0: nobody asks the policy.']
      : []),
    ...accounts
      .filter(({ ids }) => ids.length > 1)
      .map(({ door }) => `${door.name}: two identities of this connection are linked.`),
    ...accounts
      .filter(({ notBelieved }) => notBelieved !== undefined)
      .map(({ door, notBelieved }) => `${door.name}: ${notBelieved}. The next sign-in looks.`),
    ...(logs.length === 0 ? ['Auth0 keeps no log of this user, or no longer.'] : []),
    ...(refusals.some(({ logId }) => logId === undefined)
      ? ['A refusal without a log entry is told by the profile: its log is not kept, or no longer.']
      : []),
  ];
}

/** About what stands in the way now; else about the last refusal, which was something else. */
function advise(
  advice: Advice,
  { user, verdicts }: Person,
  refusals: readonly ToldRefusal[],
): readonly string[] {
  const out = verdicts.flatMap(({ verdict: { code, cause } }) =>
    code === undefined ? [] : adviseOn(advice, { code, cause }),
  );
  const isAllIn = verdicts.every(({ verdict }) => verdict.status === 'in');
  const [last] = refusals.filter(({ code }) => code !== undefined);
  const ofLast =
    last?.code === undefined || out.length > 0
      ? []
      : adviseOn(advice, { code: last.code, cause: last.cause });
  const unknown = verdicts.some(({ verdict }) => verdict.status === 'unknown')
    ? ['What is missing or too old is looked up when the person signs in again.']
    : [];
  const passed =
    isAllIn && !user.isBlocked && verdicts.length > 0 && last !== undefined
      ? ['By what is known now they get in: the last refusal has passed.']
      : [];
  return [...new Set([...passed, ...out, ...(isAllIn ? [] : ofLast), ...unknown])];
}

async function checkTheGate({
  declared,
  actions,
  bindings,
  doors,
}: Surroundings): Promise<readonly Finding[]> {
  const ours = await findOurActions(declared);
  const code = await readCode(declared);
  const enabled = new Set(
    doors.flatMap(({ applications }) => applications.map(({ clientId }) => clientId)),
  );
  const others = doors.some(({ isForThirdParties }) => isForThirdParties) ? 1 : 0;
  const built = ours.map(({ name }) => ({ name, code: code.get(name) }));
  return checkGate({ ours: built, actions, bindings }, enabled.size + others);
}
