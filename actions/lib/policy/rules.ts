/**
 * The rules: `ALLOWED_WORKSPACES`, an application's `bitbucket_allowed_workspaces`, and `ROLES`.
 * Text in, rules or a mistake out: no I/O, no `api`. A mistake is named by its place in the list
 * (from 1) and by what was expected, never by its text.
 */
import {
  PERMISSIONS,
  type Permission,
  REPOSITORY_PERMISSIONS,
  type RepositoryPermission,
} from '../knowledge/facts.ts';
import { foldAscii, parseSlug, parseUuid } from '../read.ts';

export interface WorkspaceRule {
  readonly kind: 'workspace';
  /** A slug or a `{uuid}`, lower case. */
  readonly workspace: string;
  /** The least permission that will do. */
  readonly permission: Permission;
}

export interface RepositoryRule {
  readonly kind: 'repository';
  /** `workspace/repository`, lower case; both slugs or both `{uuid}`s. */
  readonly repository: string;
  readonly permission: RepositoryPermission;
}

export interface PersonRule {
  readonly kind: 'person';
  /** `{uuid}` of a Bitbucket account, lower case. */
  readonly uuid: string;
}

export type Rule = WorkspaceRule | RepositoryRule | PersonRule;

/** `any`: whoever is in any workspace. Otherwise one satisfied rule is enough. */
export type Allowed = 'any' | readonly Rule[];

export interface RoleRule {
  readonly role: string;
  readonly rule: Rule;
}

/** Of one list, each counted once. */
export const MAX_WORKSPACES = 100;
export const MAX_REPOSITORIES = 50;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistake: string };

/** Rules separated by commas or line breaks, or `*` alone. */
export function parseAllowed(text: string): Parsed<Allowed> {
  const trimmed = text.trim();
  if (trimmed === '') return mistake('empty; * means anybody in any workspace');
  if (trimmed === '*') return { ok: true, value: 'any' };
  const rules: Rule[] = [];
  for (const [index, part] of split(trimmed).entries()) {
    const rule = parseRule(part);
    if (typeof rule === 'string') return mistake(`rule ${index + 1} ${rule}`);
    rules.push(rule);
  }
  return withinLimits(rules, rules);
}

/** `<role>=<rule>`, separated likewise; the same role may stand more than once. Empty: no roles. */
export function parseRoles(text: string): Parsed<readonly RoleRule[]> {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: [] };
  const roles: RoleRule[] = [];
  for (const [index, part] of split(trimmed).entries()) {
    const parsed = parseRole(part);
    if (typeof parsed === 'string') return mistake(`role ${index + 1} ${parsed}`);
    roles.push(parsed);
  }
  return withinLimits(
    roles,
    roles.map(({ rule }) => rule),
  );
}

/** The workspaces that are asked about, each once, in their order. */
export function workspacesOf(rules: readonly Rule[]): readonly string[] {
  return unique(rules.flatMap((rule) => (rule.kind === 'workspace' ? [rule.workspace] : [])));
}

/** The repositories that are asked about, each once, in their order. */
export function repositoriesOf(rules: readonly Rule[]): readonly string[] {
  return unique(rules.flatMap((rule) => (rule.kind === 'repository' ? [rule.repository] : [])));
}

/** What is looked up, each once, in the rules' order. */
export function asksOf(
  rules: readonly Rule[],
): readonly { readonly kind: 'workspace' | 'repository'; readonly name: string }[] {
  const asks = new Map<string, { kind: 'workspace' | 'repository'; name: string }>();
  for (const rule of rules) {
    if (rule.kind === 'person') continue;
    const name = rule.kind === 'workspace' ? rule.workspace : rule.repository;
    asks.set(`${rule.kind} ${name}`, { kind: rule.kind, name });
  }
  return [...asks.values()];
}

function withinLimits<T>(value: T, rules: readonly Rule[]): Parsed<T> {
  if (workspacesOf(rules).length > MAX_WORKSPACES) {
    return mistake(`more than ${MAX_WORKSPACES} workspaces`);
  }
  if (repositoriesOf(rules).length > MAX_REPOSITORIES) {
    return mistake(`more than ${MAX_REPOSITORIES} repositories`);
  }
  return { ok: true, value };
}

function split(text: string): readonly string[] {
  return text.split(/\s*(?:,|[\r\n])\s*/);
}

function parseRole(part: string): RoleRule | string {
  const separator = part.indexOf('=');
  if (part === '') return 'is empty';
  if (separator === -1) return 'has no =; write role=rule';
  const role = part.slice(0, separator).trim();
  const rule = part.slice(separator + 1).trim();
  if (role === '') return 'has no name before the =';
  if (!/^[A-Za-z0-9_.:/-]{1,64}$/.test(role)) {
    return 'has a name that is not 1 to 64 letters, digits, _ . : / or -';
  }
  if (rule === '') return 'has no rule after the =';
  const parsed = parseRule(rule);
  return typeof parsed === 'string' ? `has a rule that ${parsed}` : { role, rule: parsed };
}

/** What is wrong, where it is a string. */
function parseRule(part: string): Rule | string {
  if (part === '') return 'is empty';
  if (part === '*') return 'is *, which stands alone or not at all';
  if (/^[a-z]+:\/\//i.test(part) || /^(www\.)?bitbucket\.org\//i.test(part)) {
    return 'is a URL; write only what follows bitbucket.org/, without a slash at the end';
  }
  if (/\s/.test(part)) return 'has a space in it; rules are separated by commas or line breaks';
  const [name = '', permission, ...rest] = part.split(':');
  if (rest.length > 0) return 'has more than one colon';
  if (name.startsWith('@')) return parsePerson(name, permission);
  return name.includes('/') ? parseRepository(name, permission) : parseWorkspace(name, permission);
}

function parsePerson(name: string, permission: string | undefined): PersonRule | string {
  const uuid = parseUuid(name.slice(1));
  if (uuid === undefined) return 'names a person by something else than @{uuid}';
  return permission === undefined
    ? { kind: 'person', uuid }
    : 'gives a person a permission; a person has none';
}

function parseWorkspace(name: string, permissionName = 'member'): WorkspaceRule | string {
  if (name === '') return 'names no workspace';
  if (parseUuid(`{${name}}`) !== undefined) return 'is a uuid without its braces';
  const workspace = parseName(name);
  if (workspace === undefined) return 'is neither a slug nor a {uuid}';
  const permission = PERMISSIONS.find((known) => known === permissionName);
  if (permission === undefined)
    return `has an unknown permission; known: ${PERMISSIONS.join(', ')}`;
  return { kind: 'workspace', workspace, permission };
}

function parseRepository(name: string, permissionName = 'read'): RepositoryRule | string {
  const [workspaceName = '', repositoryName = '', ...rest] = name.split('/');
  if (rest.length > 0) return 'has more than one slash; write workspace/repository';
  if (workspaceName === '') return 'names no workspace before the slash';
  if (repositoryName === '') return 'names no repository after the slash';
  if ([workspaceName, repositoryName].some((one) => parseUuid(`{${one}}`) !== undefined)) {
    return 'has a uuid without its braces';
  }
  const workspace = parseName(workspaceName);
  const repository = repositoryName.startsWith('{')
    ? parseUuid(repositoryName)
    : parseRepositorySlug(repositoryName);
  if (workspace === undefined || repository === undefined) {
    return 'is not workspace/repository in slugs or in {uuid}s';
  }
  if (workspace.startsWith('{') !== repository.startsWith('{')) {
    return 'names one by a slug and the other by a {uuid}; write both alike';
  }
  const permission = REPOSITORY_PERMISSIONS.find((known) => known === permissionName);
  if (permission === undefined) {
    return `has an unknown permission; known: ${REPOSITORY_PERMISSIONS.join(', ')}`;
  }
  return { kind: 'repository', repository: `${workspace}/${repository}`, permission };
}

function parseName(name: string): string | undefined {
  return name.startsWith('{') ? parseUuid(name) : parseSlug(name);
}

function parseRepositorySlug(name: string): string | undefined {
  const slug = foldAscii(name);
  return /^[a-z0-9_.-]{1,128}$/.test(slug) && !/^\.+$/.test(slug) ? slug : undefined;
}

function mistake(text: string): { readonly ok: false; readonly mistake: string } {
  return { ok: false, mistake: text };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
