/** The policy in the environment, read as the Actions will read it. */
import { parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import type { Environment } from '../cli/environment.ts';
import { type Finding, ok, problem } from './finding.ts';
import { readTargets, type Targets } from './targets.ts';

export interface PolicyReport {
  readonly finding: Finding;
  /** Absent where the policy cannot be read. */
  readonly targets?: Targets;
}

export function checkPolicy(env: Environment): PolicyReport {
  const mistake = findMistake(env);
  if (mistake === undefined) {
    return { finding: ok('Policy', 'it can be read'), targets: readTargets(env) };
  }
  return { finding: problem('Policy', mistake, 'With it, every login would be refused.') };
}

/** What the Actions would refuse every login for; it names the setting, and never its value. */
export function findMistake(settings: Environment): string | undefined {
  try {
    parseSettings({
      ...settings,
      // What the deploy puts in.
      MANAGEMENT_DOMAIN: 'example.auth0.com',
      ...{ MANAGEMENT_CLIENT_ID: 'x', MANAGEMENT_CLIENT_SECRET: 'x' },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
}
