/** Evidence in, claims out: no more of them than a token can carry. */
import type { Permission, Repository, Workspace } from '../lib/knowledge/facts.ts';
import type { ClaimsOf } from '../lib/login/claims.ts';
import { judgeRoles } from '../lib/policy/decide.ts';
import type { Evidence } from '../lib/policy/evidence.ts';
import { type Policy, rulesOf } from '../lib/policy/policy.ts';
import { repositoriesOf, workspacesOf } from '../lib/policy/rules.ts';

interface Membership extends Workspace {
  readonly permission?: Permission;
}

/**
 * Of 3 kB for all claims, what is left beside those of the other Action. An ID token over about
 * 3.5 kB already fails where it is handed over in a URL.
 */
const MAX_BYTES = 2_700;

/**
 * With a list, only workspaces of the list and of roles; otherwise as many as there is room for.
 * People choose the slugs of their own workspaces: without a list, groups are named by uuids.
 */
export const claimsOf: ClaimsOf = (evidence, policy) => {
  const account = evidence.account();
  const isAny = policy.allowed === 'any';
  const nameOf = ({ uuid, slug }: Workspace) =>
    isAny || policy.settings.groupNames === 'uuid' ? uuid : slug;
  const always = {
    uuid: account.is === 'yes' ? account.value.uuid : undefined,
    roles: policy.settings.roles.length === 0 ? undefined : judgeRoles(evidence, policy).roles,
  };
  const room = createRoom(policy.settings.claimNamespace, always);
  const fits = (one: Membership) => room.take([one, groupsOf(one, nameOf)]);
  const named = namedBy(evidence, policy);
  const told = named.filter(fits);
  const repositories = repositoriesIn(evidence, policy)?.filter((one) => room.take([one]));
  // Last, as people make workspaces of their own as they like.
  const others = othersThan(named, evidence, policy);
  const workspaces = [...told, ...others.filter(fits)];
  const isTruncated =
    workspaces.length < named.length + others.length || (isAny && evidence.hasMore());
  return {
    ...always,
    workspaces,
    groups: workspaces.flatMap((one) => groupsOf(one, nameOf)),
    workspaces_truncated: isTruncated ? true : undefined,
    repositories,
  };
};

/** Those that the rules name, each once, in their order. */
function namedBy(evidence: Evidence, policy: Policy): readonly Membership[] {
  const named = workspacesOf(rulesOf(policy)).flatMap((name) => {
    const workspace = evidence.workspace(name);
    return workspace.is === 'yes' ? [workspace.value] : [];
  });
  const unique = new Map(named.map((workspace) => [workspace.uuid, workspace]));
  return [...unique.values()].map((workspace) => withPermission(evidence, workspace));
}

/** Without a list: the others that the person can reach. */
function othersThan(
  named: readonly Membership[],
  evidence: Evidence,
  policy: Policy,
): readonly Membership[] {
  const any = policy.allowed === 'any' ? evidence.anyWorkspace() : undefined;
  if (any?.is !== 'yes') return [];
  return any.value
    .filter(({ uuid }) => named.every((one) => one.uuid !== uuid))
    .map((workspace) => withPermission(evidence, workspace));
}

function withPermission(evidence: Evidence, { uuid, slug }: Workspace): Membership {
  const permission = evidence.permission({ uuid, slug });
  return permission.is === 'yes' ? { uuid, slug, permission: permission.value } : { uuid, slug };
}

/** Those of the rules that the person has access to; `undefined` without such rules. */
function repositoriesIn(evidence: Evidence, policy: Policy): readonly object[] | undefined {
  const names = repositoriesOf(rulesOf(policy));
  if (names.length === 0) return undefined;
  const found = names.flatMap((name) => {
    const repository = evidence.repository(name);
    return repository.is === 'yes' ? [repository.value] : [];
  });
  const unique = new Map(found.map((repository) => [repository.uuid, repository]));
  return [...unique.values()].map(asClaim);
}

function asClaim({ uuid, fullName, permission }: Repository): object {
  return { uuid, full_name: fullName, permission };
}

/** The name, and `name:permission` where the permission is known. */
function groupsOf(membership: Membership, nameOf: (one: Workspace) => string): readonly string[] {
  const name = nameOf(membership);
  return membership.permission === undefined ? [name] : [name, `${name}:${membership.permission}`];
}

/** What still fits. Once something does not, nothing after it does: the order says what matters. */
function createRoom(
  namespace: string,
  always: object,
): { take(parts: readonly unknown[]): boolean } {
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  // Each name of a claim carries the namespace.
  let left = MAX_BYTES - bytesOf(always) - 6 * (namespace.length + 24);
  return {
    take: (parts) => {
      left -= parts.reduce((sum: number, part) => sum + bytesOf(part) + 1, 0);
      return left >= 0;
    },
  };
}
