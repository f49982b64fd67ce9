/**
 * Asks Bitbucket everything that matters about a person, as the person: all at once, in the order in
 * which it matters, as a login has only so many calls. Gathers answers; reads no meaning into them.
 */
import type { No, Permission, Workspace } from '../knowledge/facts.ts';
import { mapAtMost } from '../map-at-most.ts';
import { isTrouble, orTrouble, type Trouble } from '../trouble.ts';
import {
  askAccount,
  askEmails,
  askPermission,
  askReachable,
  askRepositories,
  isNamedBy,
  type Reachable,
  type RepositoryAnswer,
  splitRepositoryName,
} from './questions.ts';
import type { Bitbucket } from './requests.ts';

/** A workspace by its slug or `{uuid}`, or a repository as `workspace/repository`; lower case. */
export interface Ask {
  readonly kind: 'workspace' | 'repository';
  readonly name: string;
}

/** A membership; one that an administrator's entry in the list proves names nobody. */
export interface PersonsMembership {
  readonly userUuid?: string;
  readonly workspace: Workspace;
  readonly permission: Permission | 'unknown';
}

export interface Answers {
  readonly account: Awaited<ReturnType<typeof askAccount>> | Trouble;
  readonly emails: Awaited<ReturnType<typeof askEmails>> | Trouble;
  /** Where the list was asked for. */
  readonly listed: Reachable | Trouble | undefined;
  readonly workspaces: Answered<PersonsMembership>;
  readonly repositories: Answered<RepositoryAnswer>;
}

export type Answered<T> = readonly (readonly [name: string, answer: T | No | Trouble])[];

/** Without a list of allowed workspaces, no more than these are read. */
export const MAX_LISTED = 100;
/** With more workspaces than these, those that the person can reach are listed first. */
const ASKED_ONE_BY_ONE = 10;
/** Requests under way at once. */
const CONCURRENCY = 16;
/** Of the names in one question: a URL that is too long is refused. */
const MAX_NAMES_LENGTH = 2_000;

/** How many questions `askAll` begins with, at least: the account and the addresses are always asked. */
export function countAskedAtOnce(asks: readonly Ask[], any: boolean): number {
  const named = asks.filter(({ kind }) => kind === 'workspace').length;
  if (named > ASKED_ONE_BY_ONE) return 3;
  return 2 + (any ? 1 : 0) + named + groupRepositories(asks).size;
}

/** @param any whether the list itself is of interest. */
export async function askAll(
  bitbucket: Bitbucket,
  asks: readonly Ask[],
  any: boolean,
): Promise<Answers> {
  const named = asks.filter(({ kind }) => kind === 'workspace').length;
  const isListedFirst = named > ASKED_ONE_BY_ONE;
  const queue = createQueue();
  const account = queue.add(() => askAccount(bitbucket));
  const emails = queue.add(() => askEmails(bitbucket));
  const listed =
    any || isListedFirst
      ? queue.add(() =>
          askReachable(bitbucket, isListedFirst ? Number.POSITIVE_INFINITY : MAX_LISTED),
        )
      : undefined;
  const found = isListedFirst ? await runAndGet(queue, listed) : undefined;
  const groups = groupRepositories(asks);
  const workspaces: (readonly [string, Promise<PersonsMembership | No | Trouble>])[] = [];
  const repositories: Promise<Answered<RepositoryAnswer>>[] = [];
  for (const { kind, name } of asks) {
    if (kind === 'workspace') {
      workspaces.push([name, askOrRead(bitbucket, queue, name, found)]);
    } else {
      const group = groups.get(name);
      if (group !== undefined) repositories.push(askGroup(bitbucket, queue, group));
    }
  }
  await queue.run();
  return {
    account: await account,
    emails: await emails,
    listed: await listed,
    workspaces: await Promise.all(
      workspaces.map(async ([name, answer]) => [name, await answer] as const),
    ),
    repositories: (await Promise.all(repositories)).flat(),
  };
}

/**
 * Runs what is added in its order, so many at once. After Bitbucket has called the token spent, it is
 * not asked any more: the rest of the calls is the consumer's.
 */
interface Queue {
  add<T>(ask: () => Promise<T>): Promise<T | Trouble>;
  /** What was added so far. @throws what nobody expected. */
  run(): Promise<void>;
}

function createQueue(): Queue {
  const waiting: (() => Promise<void>)[] = [];
  let spent: Trouble | undefined;
  let unexpected: { readonly error: unknown } | undefined;
  const answerTo = async <T>(ask: () => Promise<T>): Promise<T | Trouble> => {
    if (spent !== undefined) return spent;
    try {
      const answer = await orTrouble(ask());
      if (isTrouble(answer) && answer.kind === 'login_required') spent = answer;
      return answer;
    } catch (error) {
      unexpected ??= { error };
      return UNEXPECTED;
    }
  };
  return {
    add: <T>(ask: () => Promise<T>) =>
      new Promise<T | Trouble>((resolve) => {
        waiting.push(() => answerTo(ask).then(resolve));
      }),
    run: async () => {
      await mapAtMost(CONCURRENCY, waiting.splice(0), (work) => work());
      if (unexpected !== undefined) throw unexpected.error;
    },
  };
}

const UNEXPECTED: Trouble = { kind: 'outage', cause: 'unexpected' };

async function runAndGet<T>(queue: Queue, answer: Promise<T> | undefined): Promise<T | undefined> {
  await queue.run();
  return answer;
}

/**
 * Of what was listed first, only what is in both lists is asked about. What cannot be reached is a
 * no, where the whole list could be read; an administrator is an owner.
 */
async function askOrRead(
  bitbucket: Bitbucket,
  queue: Queue,
  name: string,
  listed: Reachable | Trouble | undefined,
): Promise<PersonsMembership | No | Trouble> {
  if (listed === undefined) return queue.add(() => askPermission(bitbucket, name));
  if (isTrouble(listed)) return listed;
  const reached = listed.workspaces.find((one) => isNamedBy(one, name));
  if (reached?.isAdministrator) return { workspace: reached, permission: 'owner' };
  if (reached !== undefined) return queue.add(() => askPermission(bitbucket, name));
  return listed.hasMore ? NOT_ALL_LISTED : { reason: 'not listed' };
}

const NOT_ALL_LISTED: Trouble = { kind: 'outage', cause: 'bitbucket workspaces: not all readable' };

/** Several of one workspace in one call; one call each where Bitbucket does not take that. */
async function askGroup(
  bitbucket: Bitbucket,
  queue: Queue,
  names: readonly string[],
): Promise<Answered<RepositoryAnswer>> {
  const together = await queue.add(() => askRepositories(bitbucket, names));
  if (isTrouble(together)) return names.map((name) => [name, together] as const);
  if (together !== undefined) return [...together];
  if (names.length === 1) return names.map((name) => [name, NOT_UNDERSTOOD] as const);
  const alone = names.map((name) => askGroup(bitbucket, queue, [name]));
  await queue.run();
  return (await Promise.all(alone)).flat();
}

const NOT_UNDERSTOOD: Trouble = { kind: 'outage', cause: 'bitbucket repositories: 400' };

/** Those of one workspace, by the first of them. */
function groupRepositories(asks: readonly Ask[]): ReadonlyMap<string, readonly string[]> {
  const names = asks.flatMap(({ kind, name }) => (kind === 'repository' ? [name] : []));
  const byWorkspace = Map.groupBy(names, (name) => splitRepositoryName(name).workspace);
  const groups = [...byWorkspace.values()].flatMap(splitByLength);
  return new Map(groups.map((group) => [group[0] ?? '', group]));
}

function splitByLength(names: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const name of names) {
    length += name.length;
    if (length > MAX_NAMES_LENGTH) {
      groups.push([]);
      length = name.length;
    }
    groups.at(-1)?.push(name);
  }
  return groups;
}
