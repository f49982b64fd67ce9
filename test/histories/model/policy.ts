/** The rules of a login, read the simple way: all policies of the histories are well written. */
import type { World } from '../fake/world.ts';

export type Rule =
  | { readonly of: 'any' }
  | { readonly of: 'workspace'; readonly name: string; readonly least: string }
  | { readonly of: 'repository'; readonly name: string; readonly least: string }
  | { readonly of: 'account'; readonly uuid: string };

export interface Policy {
  /** A mistake in a setting: nobody gets in. */
  readonly isWrong: boolean;
  readonly rules: readonly Rule[];
  readonly roles: ReadonlyMap<string, readonly Rule[]>;
  readonly isEmailRequired: boolean;
}

export function policyOf(world: World, application: number): Policy {
  const { settings } = world;
  const metadata = world.applications[application] ?? {};
  const list = metadata.bitbucket_allowed_workspaces ?? settings.ALLOWED_WORKSPACES;
  const required = metadata.bitbucket_require_verified_email ?? settings.REQUIRE_VERIFIED_EMAIL;
  const roles = new Map<string, Rule[]>();
  for (const item of split(settings.ROLES)) {
    const [role = '', rule = ''] = item.split('=');
    roles.set(role, [...(roles.get(role) ?? []), parseRule(rule)]);
  }
  return {
    isWrong: [list, settings.ALLOWED_WORKSPACES].some((text) => / /.test(text)),
    rules: split(list).map(parseRule),
    roles,
    isEmailRequired: required === 'true',
  };
}

export const allRules = ({ rules, roles }: Policy): readonly Rule[] => [
  ...rules,
  ...[...roles.values()].flat(),
];

/** Of workspaces: those of repository rules are not the names of workspace rules. */
export const namesIn = (rules: readonly Rule[]): readonly string[] => [
  ...new Set(rules.flatMap((rule) => (rule.of === 'workspace' ? [rule.name] : []))),
];

const split = (text: string) => text.split(/[,\n]/).filter((item) => item !== '');

function parseRule(text: string): Rule {
  if (text === '*') return { of: 'any' };
  if (text.startsWith('@')) return { of: 'account', uuid: text.slice(1) };
  const [name = '', least] = text.split(':');
  return name.includes('/')
    ? { of: 'repository', name, least: least ?? 'read' }
    : { of: 'workspace', name, least: least ?? 'member' };
}

const WORKSPACE_ORDER = ['none', 'member', 'collaborator', 'create-project', 'owner'];
const REPOSITORY_ORDER = ['none', 'read', 'write', 'admin'];

export function isEnough(rule: Rule, permission: string): boolean {
  if (rule.of !== 'workspace' && rule.of !== 'repository') return false;
  const order = rule.of === 'workspace' ? WORKSPACE_ORDER : REPOSITORY_ORDER;
  return order.indexOf(permission) >= order.indexOf(rule.least);
}
