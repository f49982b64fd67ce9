/** The policy in the environment, read as the Actions will read it. */
import { parseSettings, type Settings, SettingsError } from '#actions/lib/policy/settings.ts';
import type { Environment } from '../cli/environment.ts';
import { type Finding, ok, problem } from './finding.ts';
import { type Targets, targetsOf } from './targets.ts';

export interface PolicyReport {
  readonly finding: Finding;
  /** Absent where the policy cannot be read. */
  readonly targets?: Targets;
}

export function checkPolicy(env: Environment): PolicyReport {
  const settings = readSettings(env);
  if (typeof settings === 'string') {
    return { finding: problem('Policy', settings, 'With it, every login would be refused.') };
  }
  return { finding: ok('Policy', 'it can be read'), targets: targetsOf(settings) };
}

/** What the Actions would refuse every login for; it names the setting, and never its value. */
export function findMistake(settings: Environment): string | undefined {
  const read = readSettings(settings);
  return typeof read === 'string' ? read : undefined;
}

/** The mistake, where there is one. */
function readSettings(settings: Environment): Settings | string {
  try {
    return parseSettings({
      ...settings,
      // What the deploy puts in.
      MANAGEMENT_DOMAIN: 'example.auth0.com',
      ...{ MANAGEMENT_CLIENT_ID: 'x', MANAGEMENT_CLIENT_SECRET: 'x' },
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
}
