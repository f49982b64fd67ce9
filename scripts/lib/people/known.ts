/** What is known of a person, in words: the facts with their ages, and how good they are. */
import type { Facts } from '#actions/lib/knowledge/facts.ts';
import {
  accountOf,
  type Known,
  membersOf,
  permissionOf,
  reachableOf,
  repositoryOf,
  workspaceOf,
} from '#actions/lib/knowledge/query.ts';
import { LOOK_KEY, VERSION } from '#actions/lib/knowledge/stored.ts';
import { itemsOf } from '#actions/lib/knowledge/worth-keeping.ts';
import type { Rule } from '#actions/lib/policy/rules.ts';
import { readField } from '#actions/lib/read.ts';
import { writeAge } from './times.ts';

export interface ToldFact {
  readonly about: string;
  readonly answer: string;
  /** When the look that found it began, in milliseconds since the epoch. */
  readonly at: number;
}

/** Everything, what matters to the account first. */
export function tellFacts(facts: Facts): readonly ToldFact[] {
  const { account, anotherAccountAt, address, reachable } = facts;
  return [
    ...(account === undefined
      ? []
      : [
          {
            about: `account ${account.uuid}`,
            answer: account.isActive ? 'active' : 'not active',
            at: account.at,
          },
        ]),
    ...(anotherAccountAt === undefined
      ? []
      : [{ about: 'another account', answer: 'seen behind this identity', at: anotherAccountAt }]),
    ...(address === undefined
      ? []
      : [
          {
            about: 'address',
            answer: address.isConfirmed ? 'confirmed' : 'not among the confirmed addresses',
            at: address.at,
          },
        ]),
    ...itemsOf(facts, []).flatMap(tellItem),
    ...(reachable === undefined || reachable.workspaces.length > 0
      ? []
      : [{ about: 'workspaces', answer: 'can reach none', at: reachable.at }]),
  ];
}

function tellItem(item: ReturnType<typeof itemsOf>[number]): readonly ToldFact[] {
  const { kind, name, at, workspace, permission, repository, reason = '' } = item;
  switch (kind) {
    case 'workspace': {
      const about = `workspace ${workspace?.slug ?? name}`;
      return [
        { about, answer: 'member', at },
        ...(permission === undefined
          ? []
          : [{ about: `${about}, permission`, answer: permission.permission, at: permission.at }]),
      ];
    }
    case 'no':
      return [{ about: `workspace ${name}`, answer: `no member (${reason})`, at }];
    case 'repository':
      return [
        {
          about: `repository ${repository?.fullName ?? name}`,
          answer: repository?.permission ?? '',
          at,
        },
      ];
    case 'no_repository':
      return [{ about: `repository ${name}`, answer: `no access (${reason})`, at }];
    case 'reachable':
      return [{ about: `workspace ${workspace?.slug ?? name}`, answer: 'can be reached', at }];
  }
}

/** What is known that a rule asks about: “member by the look 3 h ago, not owner”. */
export function tellRule(facts: Facts, rule: Rule | 'any', nowMs: number): string {
  const ago = (at: number) => `by the look ${writeAge(nowMs - at)} ago`;
  if (rule === 'any') {
    const known = reachableOf(facts);
    const [newest] = known;
    if (newest !== undefined) return `in ${newest.slug} ${ago(newest.at)}`;
    return facts.reachable === undefined ? UNKNOWN : `in no workspace ${ago(facts.reachable.at)}`;
  }
  switch (rule.kind) {
    case 'person': {
      const { account } = facts;
      if (account === undefined) return UNKNOWN;
      return `${account.uuid === rule.uuid ? 'this account' : 'another account'} ${ago(account.at)}`;
    }
    case 'workspace': {
      const known = workspaceOf(facts, rule.workspace);
      if (known?.is !== 'yes') return tellNo(known, 'no member', ago);
      if (rule.permission === 'member') return `member ${ago(known.at)}`;
      const permission = permissionOf(facts, known.value);
      if (permission === undefined) {
        return `member ${ago(known.at)}, with which permission is not known`;
      }
      return compare(permission.permission, rule.permission, ago(permission.at), PERMISSIONS_ORDER);
    }
    case 'repository': {
      const known = repositoryOf(facts, rule.repository);
      if (known?.is !== 'yes') return tellNo(known, 'no access', ago);
      return compare(known.value.permission, rule.permission, ago(known.at), [
        'read',
        'write',
        'admin',
      ]);
    }
  }
}

const UNKNOWN = 'never looked up, or not kept';
const PERMISSIONS_ORDER = ['member', 'collaborator', 'create-project', 'owner'];

function compare(has: string, needs: string, ago: string, order: readonly string[]): string {
  return order.indexOf(has) >= order.indexOf(needs)
    ? `${has} ${ago}`
    : `${has} ${ago}, not ${needs}`;
}

function tellNo<T>(known: Known<T>, words: string, ago: (at: number) => string): string {
  if (known?.is !== 'no') return UNKNOWN;
  return `${words} (${known.reason}) ${ago(known.at)}`;
}

/** `acme:owner`, by slug; without a permission where only the membership is known. */
export function tellWorkspaces(facts: Facts): readonly string[] {
  return membersOf(facts)
    .map((workspace) => {
      const permission = permissionOf(facts, workspace)?.permission;
      return permission === undefined ? workspace.slug : `${workspace.slug}:${permission}`;
    })
    .sort();
}

/** When the newest look of which something is known began. */
export function lastLookOf(facts: Facts): number | undefined {
  const { account, anotherAccountAt, address, reachable, workspaces, repositories } = facts;
  const answers = [...workspaces.values(), ...repositories.values()];
  const times = [
    ...[account?.at, anotherAccountAt, address?.at, reachable?.at],
    ...answers.flatMap(({ yes, no }) => [yes?.at, no?.at]),
  ].filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Why nothing of what is kept is believed; `undefined` where it is. */
export function whyNotBelieved(
  appMetadata: unknown,
  facts: Facts,
  isOwners: boolean,
): string | undefined {
  const look = readField(appMetadata, LOOK_KEY);
  if (look === undefined || look === null) return 'never looked';
  const version = readField(look, 'v');
  if (version !== VERSION) return 'facts of another version';
  if (!isOwners) return 'facts of another linked account';
  const isEmpty = lastLookOf(facts) === undefined;
  // Beside a refusal there may be no fact at all.
  const isMeantToBe = Object.keys(look).every((key) => ['v', 'who', 'at', 'refusal'].includes(key));
  if (isEmpty) return isMeantToBe ? 'never looked' : 'facts that cannot be read';
  return accountOf(facts) === undefined ? 'not certain whose facts these are' : undefined;
}
