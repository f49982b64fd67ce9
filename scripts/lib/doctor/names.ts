/** The names in the environment, and values that nobody filled in. Values in, values out. */
import { findNearMisses } from '../cli/near-misses.ts';
import { findPlaceholders } from '../cli/placeholders.ts';
import type { Environment } from '../cli/variables.ts';
import { type Finding, problem } from './finding.ts';

const CHECK = 'Environment';

export function checkNames(env: Environment): readonly Finding[] {
  return [
    ...findNearMisses(env).map(({ name, meant }) =>
      problem(
        CHECK,
        `${name} is not a name of ours, and nothing reads it`,
        `Is ${meant} meant? Rename or remove it: plan and deploy refuse it.`,
      ),
    ),
    ...findPlaceholders(env).map((name) =>
      problem(
        CHECK,
        `${name} is a placeholder that nobody filled in`,
        'Set it: the variable behind it is missing.',
      ),
    ),
  ];
}
