/**
 * What may be used of what is known, for one decision: the facts of this look and newer ones;
 * younger ones than the policy asks for; and in an outage, where the policy says so, older ones. Pure.
 */
import {
  type Account,
  type Address,
  type Dated,
  type Facts,
  NO_ADDRESS,
  type Permission,
  type Repository,
  type Workspace,
} from '../knowledge/facts.ts';
import type { Look } from '../knowledge/look.ts';
import {
  accountOf,
  type Known,
  permissionOf,
  reachableOf,
  repositoryOf,
  workspaceOf,
} from '../knowledge/query.ts';
import type { Trouble } from '../trouble.ts';

/** How old a fact may be. Zero: not at all. */
export interface Ages {
  readonly factMs: number;
  readonly addressMs: number;
  /** In place of what an outage left unanswered. */
  readonly outageMs: number;
}

export type Finding<T> =
  | { readonly is: 'yes'; readonly value: T }
  | { readonly is: 'no'; readonly reason: string }
  | { readonly is: 'unknown'; readonly trouble: Trouble };

export interface Evidence {
  account(): Finding<Account>;
  /** Whether the address with this mark is confirmed. */
  address(mark: string | undefined): Finding<Address>;
  /** The primary address, where it is confirmed and known; `mark` as above. */
  primaryAddress(mark: string | undefined): string | undefined;
  workspace(name: string): Finding<Workspace>;
  /** In a workspace that the person is in. */
  permission(workspace: Workspace): Finding<Permission>;
  repository(name: string): Finding<Repository>;
  /** Every workspace that the person is in or can reach. */
  anyWorkspace(): Finding<readonly Workspace[]>;
  /** Of those, whether some are left out. */
  hasMore(): boolean;
}

export interface Occasion {
  /** What is known, this look's findings among it. */
  readonly facts: Facts;
  /** The beginning and the troubles of this login's look, where there was one. */
  readonly look: Pick<Look, 'at' | 'troubles'> | undefined;
  readonly ages: Ages;
  readonly nowMs: number;
}

const NOT_ASKED: Trouble = { kind: 'outage', cause: 'not looked up' };

export function createEvidence({ facts, look, ages, nowMs }: Occasion): Evidence {
  const isOfNow = (at: number) => look !== undefined && at >= look.at;
  const mayUse = (at: number, maxAgeMs: number, trouble: Trouble): boolean => {
    if (isOfNow(at)) return true;
    const ageMs = nowMs - at;
    if (ageMs < maxAgeMs) return true;
    // Only what was asked can be out; and people could bring a refusal about on purpose.
    return trouble !== NOT_ASKED && trouble.kind === 'outage' && ageMs < ages.outageMs;
  };
  const account = accountOf(facts);
  // Without an account that is certain, it is not known whose older facts these are.
  const isCertain = account !== undefined;
  const troubleOf = (one: Trouble | undefined): Trouble => one ?? look?.troubles.rest ?? NOT_ASKED;
  const judge = <T>(known: Known<T>, maxAgeMs: number, of: Trouble | undefined): Finding<T> => {
    const trouble = troubleOf(of);
    if (known === undefined || !(isCertain || isOfNow(known.at))) return { is: 'unknown', trouble };
    if (!mayUse(known.at, maxAgeMs, trouble)) return { is: 'unknown', trouble };
    return known.is === 'yes'
      ? { is: 'yes', value: known.value }
      : { is: 'no', reason: known.reason };
  };
  const troubles = look?.troubles;

  const aboutAddress = (mark: string | undefined): Finding<Address> => {
    const { address } = facts;
    const isSame = address !== undefined && address.mark === (mark ?? NO_ADDRESS);
    return judge(isSame ? answerAbout(address) : undefined, ages.addressMs, troubles?.address);
  };

  const aboutAccount = (): Finding<Account> => {
    if (account === undefined) return judge<Account>(undefined, 0, troubles?.account);
    const { at, isActive } = account;
    const known: Known<Account> = isActive
      ? { is: 'yes', at, value: account }
      : { is: 'no', at, reason: 'the account is not active' };
    return judge(known, ages.factMs, troubles?.account);
  };

  return {
    account: aboutAccount,
    address: aboutAddress,
    primaryAddress: (mark) =>
      aboutAddress(mark).is === 'unknown' ? undefined : facts.address?.primary,
    workspace: (name) =>
      judge(workspaceOf(facts, name), ages.factMs, troubles?.workspaces.get(name)),
    permission: (workspace) => {
      const known = permissionOf(facts, workspace);
      return judge(
        known && { is: 'yes', at: known.at, value: known.permission },
        ages.factMs,
        troubles?.workspaces.get(workspace.slug) ??
          troubles?.workspaces.get(workspace.uuid) ??
          troubles?.permissions,
      );
    },
    repository: (name) =>
      judge(repositoryOf(facts, name), ages.factMs, troubles?.repositories.get(name)),
    anyWorkspace: () => {
      const { reachable } = facts;
      const trouble = troubleOf(troubles?.reachable);
      const usable = reachableOf(facts).filter(
        ({ at }) => (isCertain || isOfNow(at)) && mayUse(at, ages.factMs, trouble),
      );
      if (usable.length > 0) return { is: 'yes', value: usable };
      if (reachable !== undefined && isOfNow(reachable.at) && !reachable.hasMore) {
        return { is: 'no', reason: 'in no workspace' };
      }
      return { is: 'unknown', trouble };
    },
    hasMore: () => facts.reachable?.hasMore ?? false,
  };
}

function answerAbout(address: Dated<Address>): Known<Address> {
  return address.isConfirmed
    ? { is: 'yes', at: address.at, value: address }
    : { is: 'no', at: address.at, reason: 'not among the confirmed addresses' };
}
