/**
 * A look at Bitbucket with the token of the person's own sign-in: what was answered, and about whom.
 * Decides nothing.
 */
import { NO_ADDRESS, type No, type Workspace } from '../knowledge/facts.ts';
import type { Look } from '../knowledge/look.ts';
import { foldAscii } from '../read.ts';
import { isTrouble, type Trouble } from '../trouble.ts';
import { type Answers, type Ask, askAll, MAX_LISTED, type PersonsMembership } from './ask-all.ts';
import { createFindings, type Findings } from './findings.ts';
import type { Reachable, RepositoryAnswer } from './questions.ts';
import type { Bitbucket } from './requests.ts';

/** What a look is about. */
export interface Question {
  /** The address that Auth0 holds for the user, and its mark. */
  readonly address: { readonly text: string; readonly mark: string } | undefined;
  /** The account that is known from before, and where it is known to be. */
  readonly account: string | undefined;
  readonly known: readonly Workspace[];
  /** What matters most first. */
  readonly asks: readonly Ask[];
  /** Any workspace will do. */
  readonly any: boolean;
}

export async function lookAsPerson(
  bitbucket: Bitbucket,
  question: Question,
  at: number,
): Promise<Look> {
  const answers = await askAll(bitbucket, question.asks, question.any);
  const findings = createFindings(at, 'person');
  const { account, listed } = answers;
  if (isTrouble(account)) findings.trouble('account', account);
  else findings.account(account);
  const whose = createAttribution(findings, question, account);
  readEmails(findings, whose, question, answers.emails);
  if (listed !== undefined && !isTrouble(listed)) readOwners(findings, listed);
  if (question.any && listed !== undefined) readReachable(findings, whose, question, listed);
  for (const [name, answer] of answers.workspaces) readMembership(findings, whose, name, answer);
  for (const [name, answer] of answers.repositories) readRepository(findings, whose, name, answer);
  return findings.end();
}

/**
 * Whether an answer about `userUuid` is about the person: `true`, or why it says nothing. An answer
 * that names nobody is about whomever Bitbucket calls the person.
 */
type Attribution = (userUuid: string | undefined, endpoint: string) => true | Trouble;

/**
 * A membership says whose it is. Where Bitbucket did not say who the person is, that must be the
 * account that is known: another one is another account behind the same identity.
 */
function createAttribution(
  findings: Findings,
  question: Question,
  account: Answers['account'],
): Attribution {
  if (!isTrouble(account)) {
    if (question.account !== undefined && question.account !== account.uuid) {
      findings.anotherAccount();
    }
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

/** A no is one whoever it is about: it lets nobody in. */
function readEmails(
  findings: Findings,
  whose: Attribution,
  { address }: Question,
  emails: Answers['emails'],
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
  const isTheirs = whose(undefined, 'bitbucket emails');
  if (isConfirmed && isTheirs !== true) {
    findings.trouble('address', isTheirs);
    return;
  }
  const primary = confirmed.find((email) => email.isPrimary)?.address;
  const told = isTheirs === true ? primary : undefined;
  findings.address(address?.mark ?? NO_ADDRESS, isConfirmed, told);
}

/** An administrator is an owner, and nobody else is. A no is one whoever the list is about. */
function readOwners(findings: Findings, { workspaces }: Reachable): void {
  for (const { uuid, isAdministrator } of workspaces) if (!isAdministrator) findings.noOwner(uuid);
}

function readReachable(
  findings: Findings,
  whose: Attribution,
  { known }: Question,
  listed: Reachable | Trouble,
): void {
  if (isTrouble(listed)) {
    findings.trouble('reachable', listed);
    return;
  }
  const isTheirs = whose(undefined, 'bitbucket workspaces');
  if (isTheirs !== true) {
    findings.trouble('reachable', isTheirs);
    if (listed.hasMore) return;
    const uuids = new Set(listed.workspaces.map(({ uuid }) => uuid));
    for (const { uuid } of known) if (!uuids.has(uuid)) findings.noMember(uuid, 'not listed');
    return;
  }
  const unique = new Map(listed.workspaces.map((one) => [one.uuid, one]));
  const workspaces = [...unique.values()].slice(0, MAX_LISTED);
  findings.reachable(
    workspaces.map(({ uuid, slug }) => ({ uuid, slug })),
    listed.hasMore || unique.size > MAX_LISTED,
  );
  for (const one of workspaces) if (one.isAdministrator) findings.member(one.uuid, one, 'owner');
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
    if (isTheirs !== true) findings.troubleOf('workspaces', name, isTheirs);
    else if (answer.permission === 'unknown') findings.noMember(name, 'an unknown permission');
    else findings.member(name, answer.workspace, answer.permission);
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
    const { permission, ...repository } = answer;
    const isTheirs = whose(answer.userUuid, 'bitbucket repositories');
    if (isTheirs !== true) findings.troubleOf('repositories', name, isTheirs);
    else if (permission === 'unknown') findings.noRepository(name, 'an unknown permission');
    else findings.repository(name, { ...repository, permission });
  }
}
