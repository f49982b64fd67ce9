/** What is known, in words: beside a rule, and as a list. Values in, values out. */
import type { Facts, Permission, RepositoryPermission } from '#actions/lib/knowledge/facts.ts';
import {
  accountOf,
  membersOf,
  permissionOf,
  repositoryOf,
  workspaceOf,
} from '#actions/lib/knowledge/query.ts';
import type { Rule } from '#actions/lib/policy/rules.ts';

export interface Found {
  readonly text: string;
  /** When the look that found it began, in milliseconds since the epoch. */
  readonly at?: number;
}

export interface Fact extends Found {
  readonly about: string;
  readonly at: number;
}

const NOT_KNOWN: Found = { text: 'not known' };

/** What is known about the thing that a rule asks about. */
export function findFor(facts: Facts, rule: Rule): Found {
  switch (rule.kind) {
    case 'person': {
      const account = accountOf(facts);
      return account === undefined ? NOT_KNOWN : { text: `is ${account.uuid}`, at: account.at };
    }
    case 'workspace': {
      const known = workspaceOf(facts, rule.workspace);
      if (known === undefined) return NOT_KNOWN;
      if (known.is === 'no') return { text: `not in it (${known.reason})`, at: known.at };
      const permission = permissionOf(facts, known.value);
      if (permission === undefined) return { text: 'in it, permission not known', at: known.at };
      return { text: describePermission(permission.permission), at: permission.at };
    }
    case 'repository': {
      const known = repositoryOf(facts, rule.repository);
      if (known === undefined) return NOT_KNOWN;
      return known.is === 'no'
        ? { text: `no access (${known.reason})`, at: known.at }
        : { text: describeAccess(known.value.permission), at: known.at };
    }
  }
}

/** Everything that is kept of a person. */
export function listFacts(facts: Facts): readonly Fact[] {
  const { account, anotherAccountAt, address, reachable } = facts;
  const list: Fact[] = [];
  if (account !== undefined) {
    const text = `${account.uuid}${account.isActive ? '' : ', not active'}`;
    list.push({ about: 'Account', text, at: account.at });
  }
  if (anotherAccountAt !== undefined) {
    list.push({
      about: 'Another account behind this identity',
      text: 'seen',
      at: anotherAccountAt,
    });
  }
  if (address !== undefined) {
    const primary = address.primary === undefined ? '' : ', the primary one';
    const text = address.isConfirmed ? `confirmed${primary}` : 'not confirmed';
    list.push({ about: 'Address', text, at: address.at });
  }
  for (const { slug, uuid, at } of membersOf(facts)) {
    const permission = permissionOf(facts, { slug, uuid });
    list.push({ about: `Workspace ${slug}`, text: 'in it', at });
    if (permission !== undefined) {
      const text = describePermission(permission.permission);
      list.push({ about: `Permission in ${slug}`, text, at: permission.at });
    }
  }
  for (const name of facts.workspaces.keys()) {
    const known = workspaceOf(facts, name);
    if (known?.is !== 'no') continue;
    list.push({ about: `Workspace ${name}`, text: `not in it (${known.reason})`, at: known.at });
  }
  for (const name of facts.repositories.keys()) {
    const known = repositoryOf(facts, name);
    if (known === undefined) continue;
    const text =
      known.is === 'no' ? `no access (${known.reason})` : describeAccess(known.value.permission);
    list.push({ about: `Repository ${name}`, text, at: known.at });
  }
  if (reachable !== undefined) {
    const names = reachable.workspaces.map(({ slug }) => slug).join(', ');
    const text = `${names || 'none'}${reachable.hasMore ? ', and more' : ''}`;
    list.push({ about: 'Workspaces that can be reached', text, at: reachable.at });
  }
  return list;
}

function describePermission(permission: Permission): string {
  return permission === 'create-project' ? 'may create projects' : permission;
}

function describeAccess(permission: RepositoryPermission): string {
  return `may ${permission === 'admin' ? 'administer' : permission}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** As `3 h 5 min`; what is less than a second is `just now`. */
export function describeAge(ms: number): string {
  if (ms < 0) return `${describeSpan(-ms)} ahead of the clock`;
  return ms < 1_000 ? 'just now' : `${describeSpan(ms)} ago`;
}

export function describeSpan(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
