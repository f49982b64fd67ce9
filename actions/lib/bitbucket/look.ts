/**
 * A live look at Bitbucket: as the user, with the token of the sign-in; or as the consumer, when
 * that has expired. Asks and gathers; decides nothing.
 */

import type { Caller } from '../http/caller.ts';
import {
  createTrouble,
  type EmailFacts,
  type Facts,
  isNamedBy,
  isTrouble,
  type Membership,
  type Trouble,
  type WorkspaceFacts,
} from '../knowledge/facts.ts';
import { mapAtMost } from '../map-at-most.ts';
import { type Rule, workspacesOf } from '../policy/rules.ts';
import { foldAscii } from '../read.ts';
import { loginRequired, orTrouble, outage } from '../trouble-error.ts';
import {
  type Bitbucket,
  fetchConsumerToken,
  fetchEmails,
  fetchMember,
  fetchPermission,
  fetchUserUuid,
  fetchWorkspaces,
  type OwnedMembership,
} from './requests.ts';

/** Without a list of allowed workspaces, no more than these are told. */
export const MAX_LISTED = 100;
/** Requests about workspaces under way at once. */
const CONCURRENCY = 10;

/** What a look is about. */
export interface Question {
  /** The address that Auth0 holds for the user. */
  readonly address: string | undefined;
  readonly rules: readonly Rule[];
}

/** What is known of one workspace of the list; `undefined` is Bitbucket's no. */
type Answer = { readonly owned: OwnedMembership | undefined } | Trouble;

/** Asks everything at once: one round trip, while the list of workspaces is short. */
export async function lookAsUser(
  bitbucket: Bitbucket,
  question: Question,
): Promise<Facts | Trouble> {
  const workspaces = workspacesOf(question.rules);
  const [uuid, email, listed, answers] = await Promise.all([
    orTrouble(fetchUserUuid(bitbucket)),
    orTrouble(lookAtEmails(bitbucket, question.address)),
    workspaces.length === 0 ? lookAtAnyWorkspace(bitbucket) : undefined,
    mapAtMost(CONCURRENCY, workspaces, (workspace) =>
      orTrouble(fetchPermission(bitbucket, workspace).then((owned) => ({ owned }))),
    ),
  ]);
  // Only an outage leaves the other answers standing: a no among them is still a no.
  if (isTrouble(uuid) && uuid.kind !== 'outage') return uuid;
  return {
    uuid,
    email,
    workspaces: listed ?? gatherAnswers(workspaces, answers, uuid),
  };
}

/**
 * Asks as the consumer about the workspaces of the list. Somebody's addresses are not for the
 * consumer to read: `email` is what the last look with the person's own token found.
 * @throws {TroubleError} @throws {HttpError}
 */
export async function lookAsConsumer(
  caller: Caller,
  consumer: { readonly key: string; readonly secret: string },
  person: { readonly uuid: string; readonly email: EmailFacts | undefined },
  rules: readonly Rule[],
): Promise<Facts> {
  const workspaces = workspacesOf(rules);
  if (workspaces.length === 0) throw loginRequired('without a list the consumer cannot ask');
  const bitbucket = { caller, token: await fetchConsumerToken(caller, consumer) };
  const answers = await mapAtMost(CONCURRENCY, workspaces, async (workspace): Promise<Answer> => {
    const answer = await orTrouble(
      fetchMember(bitbucket, workspace, person.uuid).then((owned) => ({ owned })),
    );
    return isTrouble(answer) ? { kind: 'login_required', cause: answer.cause } : answer;
  });
  return {
    uuid: person.uuid,
    email: person.email ?? { kind: 'login_required', cause: 'the consumer cannot read addresses' },
    workspaces: withUnproven(gatherAnswers(workspaces, answers, person.uuid), rules),
  };
}

/** A member for certain; whether an owner, say, only the person's own token could tell. */
function withUnproven(facts: WorkspaceFacts, rules: readonly Rule[]): WorkspaceFacts {
  const unproven = rules
    .filter((rule) => rule.permission !== 'member')
    .map((rule) => rule.workspace)
    .filter((workspace) => facts.memberships.some((known) => isNamedBy(known, workspace)));
  if (unproven.length === 0) return facts;
  const trouble = facts.unanswered?.trouble ?? {
    kind: 'login_required',
    cause: 'the consumer can only prove member',
  };
  const workspaces = [...(facts.unanswered?.workspaces ?? []), ...unproven];
  return { ...facts, unanswered: { workspaces, trouble } };
}

async function lookAtEmails(
  bitbucket: Bitbucket,
  address: string | undefined,
): Promise<EmailFacts> {
  const { emails, someUnreadable } = await fetchEmails(bitbucket);
  const confirmed = emails.filter((email) => email.isConfirmed);
  const verified =
    address !== undefined &&
    confirmed.some((email) => foldAscii(email.address) === foldAscii(address));
  // What could not be read may have been the address that is missing: that is not a no.
  if (!verified && someUnreadable) throw outage('bitbucket emails: unreadable');
  const primary = confirmed.find((email) => email.isPrimary)?.address;
  return primary === undefined ? { verified } : { verified, primary };
}

async function lookAtAnyWorkspace(bitbucket: Bitbucket): Promise<WorkspaceFacts> {
  const listed = await orTrouble(fetchWorkspaces(bitbucket, MAX_LISTED));
  if (isTrouble(listed)) {
    return { memberships: [], truncated: false, unanswered: { workspaces: [], trouble: listed } };
  }
  const memberships = withoutRepeats(listed.memberships);
  return {
    memberships: memberships.slice(0, MAX_LISTED),
    truncated: listed.hasMore || memberships.length > MAX_LISTED,
  };
}

function gatherAnswers(
  workspaces: readonly string[],
  answers: readonly Answer[],
  userUuid: string | Trouble,
): WorkspaceFacts {
  const memberships: Membership[] = [];
  const unanswered: string[] = [];
  let trouble: Trouble | undefined;
  for (const [index, workspace] of workspaces.entries()) {
    const answer = answers[index] ?? { kind: 'outage', cause: 'not asked' };
    if (isTrouble(answer)) {
      trouble = graver(trouble, answer);
      unanswered.push(workspace);
    } else if (answer.owned !== undefined && isTrouble(userUuid)) {
      // A membership of nobody knows whom.
      trouble = graver(trouble, userUuid);
      unanswered.push(workspace);
    } else if (answer.owned !== undefined && answer.owned.userUuid !== userUuid) {
      trouble = graver(trouble, createTrouble('outage', 'bitbucket permission: another person'));
      unanswered.push(workspace);
    } else if (answer.owned !== undefined) {
      memberships.push(answer.owned.membership);
    }
  }
  return {
    memberships: withoutRepeats(memberships),
    truncated: false,
    ...(trouble === undefined ? {} : { unanswered: { workspaces: unanswered, trouble } }),
  };
}

/** An outage may pass by itself; what does not is the one to tell. */
function graver(one: Trouble | undefined, other: Trouble): Trouble {
  if (one === undefined) return other;
  const order = ['outage', 'login_required', 'misconfigured'];
  return order.indexOf(other.kind) > order.indexOf(one.kind) ? other : one;
}

/** A workspace may be named by its slug and by its uuid. */
function withoutRepeats(memberships: readonly Membership[]): readonly Membership[] {
  return [...new Map(memberships.map((membership) => [membership.uuid, membership])).values()];
}
