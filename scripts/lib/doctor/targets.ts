/** What the rules name: to be looked up. Values in, values out. */
import { type Rule, repositoriesOf, workspacesOf } from '#actions/lib/policy/rules.ts';
import type { Settings } from '#actions/lib/policy/settings.ts';

export interface Targets {
  /** Slugs or `{uuid}`s in lower case, each once, in their order; those of repositories too. */
  readonly workspaces: readonly string[];
  /** `<workspace>/<repository>`. */
  readonly repositories: readonly string[];
  /** `{uuid}`s of Bitbucket accounts. */
  readonly people: readonly string[];
  /** `*`: anybody who is in any workspace. */
  readonly isForAnyWorkspace: boolean;
}

/** Of the rules that let in, and of those of roles. */
export function targetsOf({ allowed, roles }: Settings): Targets {
  const rules: readonly Rule[] = [
    ...(allowed === 'any' ? [] : allowed),
    ...roles.map(({ rule }) => rule),
  ];
  const repositories = repositoriesOf(rules);
  const ofRepositories = repositories.map((name) => name.split('/')[0] ?? '');
  const people = rules.flatMap((rule) => (rule.kind === 'person' ? [rule.uuid] : []));
  return {
    workspaces: [...new Set([...workspacesOf(rules), ...ofRepositories])],
    repositories,
    people: [...new Set(people)],
    isForAnyWorkspace: allowed === 'any',
  };
}
