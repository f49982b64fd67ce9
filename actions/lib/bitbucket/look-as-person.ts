/**
 * A look at Bitbucket with the token of the person's own sign-in: everything at once. Asks and
 * gathers; decides nothing.
 */

import { NO_ADDRESS, type No } from '../knowledge/facts.ts';
import type { Look } from '../knowledge/look.ts';
import { mapAtMost } from '../map-at-most.ts';
import { foldAscii } from '../read.ts';
import { isTrouble, orTrouble, type Trouble } from '../trouble.ts';
import { createFindings, type Findings } from './findings.ts';
import {
  askAccount,
  askEmails,
  askPermission,
  askReachable,
  askRepositories,
  isNamedBy,
  type Membership,
  type Reachable,
  type RepositoryAnswer,
  splitRepositoryName,
} from './questions.ts';
import type { Bitbucket } from './requests.ts';

/** What a look is about. Names in lower case, those that matter most first. */
export interface Question {
  /** The address that Auth0 holds for the user, and its mark. */
  readonly address: { readonly text: string; readonly mark: string } | undefined;
  /** The account that is known from before. */
  readonly account: string | undefined;
  readonly workspaces: readonly string[];
  /** `workspace/repository` */
  readonly repositories: readonly string[];
  /** Any workspace will do. */
  readonly any: boolean;
}

/** Without a list of allowed workspaces, no more than these are read. */
const MAX_LISTED = 100;
/** With more workspaces than these, those that the person can reach are listed first. */
const ASKED_ONE_BY_ONE = 10;
/** Requests under way at once. */
const CONCURRENCY = 16;

export async function lookAsPerson(
  bitbucket: Bitbucket,
  question: Question,
  at: number,
): Promise<Look> {
  const findings = createFindings(at, 'person');
  const isListed = question.any || question.workspaces.length > ASKED_ONE_BY_ONE;
  const [account, emails, listed, asked, repositories] = await Promise.all([
    orTrouble(askAccount(bitbucket)),
    orTrouble(askEmails(bitbucket)),
    isListed ? orTrouble(askReachable(bitbucket, question.any ? MAX_LISTED : Infinity)) : undefined,
    question.workspaces.length > ASKED_ONE_BY_ONE ? [] : askEach(bitbucket, question.workspaces),
    askEachRepository(bitbucket, question.repositories),
  ]);

  if (isTrouble(account)) findings.trouble('account', account);
  else findings.account(account);
  readEmails(findings, question, emails);
  const whose = createAttribution(findings, question, account);
  if (question.any && listed !== undefined) readReachable(findings, whose, listed);
  const answers =
    question.workspaces.length > ASKED_ONE_BY_ONE && listed !== undefined
      ? await askListed(bitbucket, question.workspaces, listed)
      : asked;
  for (const [name, answer] of answers) readMembership(findings, whose, name, answer);
  for (const [name, answer] of repositories) readRepository(findings, whose, name, answer);
  return findings.end();
}

type Answered<T> = readonly (readonly [name: string, answer: T | No | Trouble])[];

/** As it was asked about, or as an administrator's entry in the list proves it, which names nobody. */
type PersonsMembership = Omit<Membership, 'userUuid'> & { readonly userUuid?: string };

function askEach(
  bitbucket: Bitbucket,
  names: readonly string[],
): Promise<Answered<PersonsMembership>> {
  return mapAtMost(
    CONCURRENCY,
    names,
    async (name) => [name, await orTrouble(askPermission(bitbucket, name))] as const,
  );
}

/**
 * Only what is in both lists is asked about. What cannot be reached is a no, where the whole list
 * could be read; an administrator is an owner.
 */
async function askListed(
  bitbucket: Bitbucket,
  names: readonly string[],
  listed: Reachable | Trouble,
): Promise<Answered<PersonsMembership>> {
  if (isTrouble(listed)) return names.map((name) => [name, listed]);
  const { workspaces, hasMore } = listed;
  const known = names.map(
    (name) => [name, workspaces.find((one) => isNamedBy(one, name))] as const,
  );
  return mapAtMost(CONCURRENCY, known, async ([name, reached]) => {
    if (reached?.isAdministrator)
      return [name, { workspace: reached, permission: 'owner' }] as const;
    if (reached !== undefined)
      return [name, await orTrouble(askPermission(bitbucket, name))] as const;
    return [name, hasMore ? NOT_ALL_LISTED : { reason: 'not listed' }] as const;
  });
}

const NOT_ALL_LISTED: Trouble = { kind: 'outage', cause: 'bitbucket workspaces: unreadable' };

/** Several of one workspace in one call; one call each where Bitbucket does not take that. */
async function askEachRepository(
  bitbucket: Bitbucket,
  names: readonly string[],
): Promise<Answered<RepositoryAnswer>> {
  const byWorkspace = Map.groupBy(names, (name) => splitRepositoryName(name).workspace);
  const groups = [...byWorkspace.values()].flatMap(splitByLength);
  const answered = await mapAtMost(CONCURRENCY, groups, async (group) => {
    const together = await orTrouble(askRepositories(bitbucket, group));
    if (isTrouble(together)) return group.map((name) => [name, together] as const);
    if (together !== undefined) return [...together];
    return mapAtMost(CONCURRENCY, group, async (name) => {
      const alone = await orTrouble(askRepositories(bitbucket, [name]));
      const answer = isTrouble(alone) ? alone : alone?.get(name);
      return [name, answer ?? NOT_UNDERSTOOD] as const;
    });
  });
  return answered.flat();
}

/** A URL that is too long would be refused, and nobody let in. */
const MAX_NAMES_LENGTH = 2_000;

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

const NOT_UNDERSTOOD: Trouble = { kind: 'outage', cause: 'bitbucket repositories: 400' };

function readEmails(
  findings: Findings,
  { address }: Question,
  emails: Awaited<ReturnType<typeof askEmails>> | Trouble,
): void {
  if (isTrouble(emails)) {
    findings.trouble('address', emails);
    return;
  }
  const confirmed = emails.emails.filter((email) => email.isConfirmed);
  const isConfirmed =
    address !== undefined &&
    confirmed.some((email) => foldAscii(email.address) === foldAscii(address.text));
  // What could not be read may have been the address that is missing: that is not a no.
  if (!isConfirmed && emails.someUnreadable) {
    findings.trouble('address', { kind: 'outage', cause: 'bitbucket emails: unreadable' });
    return;
  }
  const primary = confirmed.find((email) => email.isPrimary)?.address;
  findings.address(address?.mark ?? NO_ADDRESS, isConfirmed, primary);
}

function readReachable(findings: Findings, whose: Attribution, listed: Reachable | Trouble): void {
  if (isTrouble(listed)) {
    findings.trouble('reachable', listed);
    return;
  }
  const unique = new Map(listed.workspaces.map((one) => [one.uuid, one]));
  const workspaces = [...unique.values()].slice(0, MAX_LISTED);
  findings.reachable(
    workspaces.map(({ uuid, slug }) => ({ uuid, slug })),
    listed.hasMore || unique.size > MAX_LISTED,
  );
  if (whose(undefined, '') !== true) return;
  for (const one of workspaces) if (one.isAdministrator) findings.member(one.uuid, one, 'owner');
}

/**
 * Whether an answer about `userUuid` is about the person: `true`, or why it says nothing. An answer
 * that names nobody is whoever's the token is.
 */
type Attribution = (userUuid: string | undefined, endpoint: string) => true | Trouble;

/**
 * A membership says whose it is. Where Bitbucket did not say who the person is, that must be the
 * account that is known: another one is another account behind the same identity.
 */
function createAttribution(
  findings: Findings,
  question: Question,
  account: { readonly uuid: string } | Trouble,
): Attribution {
  if (!isTrouble(account)) {
    if (question.account !== undefined && question.account !== account.uuid)
      findings.anotherAccount();
    return (userUuid, endpoint) =>
      userUuid === undefined ||
      userUuid === account.uuid || { kind: 'outage', cause: `${endpoint}: another person` };
  }
  return (userUuid) => {
    if (userUuid === undefined || question.account === undefined) return account;
    if (userUuid === question.account) return true;
    findings.anotherAccount();
    return account;
  };
}

function readMembership(
  findings: Findings,
  whose: Attribution,
  name: string,
  answer: PersonsMembership | No | Trouble,
): void {
  if (isTrouble(answer)) findings.troubleOf('workspaces', name, answer);
  else if ('reason' in answer) findings.noMember(name, answer.reason);
  else {
    const isTheirs = whose(answer.userUuid, 'bitbucket permission');
    if (isTheirs === true) findings.member(name, answer.workspace, answer.permission);
    else findings.troubleOf('workspaces', name, isTheirs);
  }
}

function readRepository(
  findings: Findings,
  whose: Attribution,
  name: string,
  answer: RepositoryAnswer | No | Trouble,
): void {
  if (isTrouble(answer)) findings.troubleOf('repositories', name, answer);
  else if ('reason' in answer) findings.noRepository(name, answer.reason);
  else {
    const isTheirs = whose(answer.userUuid, 'bitbucket repositories');
    if (isTheirs === true) findings.repository(name, answer);
    else findings.troubleOf('repositories', name, isTheirs);
  }
}
