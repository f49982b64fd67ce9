/**
 * The list of allowed workspaces: `ALLOWED_WORKSPACES`, or an application's
 * `bitbucket_allowed_workspaces`. Text in, rules or a mistake out: no I/O, no `api`.
 */
import { PERMISSIONS, type Permission } from '../knowledge/facts.ts';
import { parseSlug, parseUuid } from '../read.ts';

/** One is enough to be let in. */
export interface Rule {
  /** A slug or a `{uuid}`, lower case. */
  readonly workspace: string;
  /** The least permission that will do. */
  readonly permission: Permission;
}

/** More would not fit the time of a login. A secret of 4,096 characters holds about as many. */
export const MAX_WORKSPACES = 100;

export type ParsedRules =
  | { readonly ok: true; readonly rules: readonly Rule[] }
  | { readonly ok: false; readonly mistake: string };

/**
 * Parses `<workspace>` or `<workspace>:<permission>`, separated by commas or line breaks. `*` alone
 * means that any workspace will do, and gives no rules. A rule that could never match is a mistake,
 * named by its place in the list (from 1) and never by its text.
 */
export function parseRules(text: string): ParsedRules {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, mistake: 'empty; * means any workspace' };
  if (trimmed === '*') return { ok: true, rules: [] };
  const rules: Rule[] = [];
  for (const [index, part] of trimmed.split(/\s*(?:,|[\r\n])\s*/).entries()) {
    const rule = parseRule(part);
    if (typeof rule === 'string') return { ok: false, mistake: `rule ${index + 1} ${rule}` };
    rules.push(rule);
  }
  if (workspacesOf(rules).length > MAX_WORKSPACES) {
    return { ok: false, mistake: `more than ${MAX_WORKSPACES} workspaces` };
  }
  return { ok: true, rules };
}

/** The workspaces that the rules name, each once, in their order. */
export function workspacesOf(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.map((rule) => rule.workspace))];
}

function parseRule(part: string): Rule | string {
  const [name = '', permissionName = 'member', ...rest] = part.split(':');
  if (part === '*') return 'is *, which stands alone or not at all';
  if (name === '') return 'is empty';
  if (/\s/.test(part)) return 'has a space in it; rules are separated by commas or line breaks';
  if (rest.length > 0) return 'has more than one colon';
  if (parseUuid(`{${name}}`) !== undefined) return 'is a uuid without its braces';
  const workspace = name.startsWith('{') ? parseUuid(name) : parseSlug(name);
  if (workspace === undefined) return 'is neither a slug nor a {uuid}';
  const permission = PERMISSIONS.find((known) => known === permissionName);
  return permission === undefined ? 'has an unknown permission' : { workspace, permission };
}
