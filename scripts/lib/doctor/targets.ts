/** What the rules name, as people wrote it: to be looked up. Values in, values out. */
import type { Environment } from '../cli/variables.ts';

export interface Targets {
  /** Slugs or `{uuid}`s in lower case, each once, in their order; those of repositories too. */
  readonly workspaces: readonly string[];
  /** `<workspace>/<repository>`. */
  readonly repositories: readonly string[];
  /** `*`: anybody who is in any workspace. */
  readonly isForAnyWorkspace: boolean;
}

/** Of `ALLOWED_WORKSPACES` and `ROLES`, which can be read. */
export function readTargets(env: Environment): Targets {
  const allowed = split(env.ALLOWED_WORKSPACES);
  const rules = [
    ...allowed,
    ...split(env.ROLES).map((entry) => entry.slice(entry.indexOf('=') + 1).trim()),
  ];
  const names = rules
    .filter((rule) => rule !== '*' && !rule.startsWith('@'))
    .map((rule) => rule.toLowerCase().split(':')[0] ?? '');
  return {
    workspaces: [...new Set(names.map((name) => name.split('/')[0] ?? ''))],
    repositories: [...new Set(names.filter((name) => name.includes('/')))],
    isForAnyWorkspace: allowed.includes('*'),
  };
}

function split(text = ''): readonly string[] {
  return text
    .split(/[,\r\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
