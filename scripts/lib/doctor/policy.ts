/** The policy in the environment, read as the Actions will read it. */
import type { Rule } from '#actions/lib/policy/rules.ts';
import { parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import type { Environment } from '../cli/environment.ts';
import { type Finding, ok, problem } from './finding.ts';

export interface PolicyReport {
  readonly finding: Finding;
  /** Of `ALLOWED_WORKSPACES`; empty where the policy cannot be read. */
  readonly rules: readonly Rule[];
  readonly isReadable: boolean;
}

export function checkPolicy(env: Environment): PolicyReport {
  try {
    const { allowed } = parseSettings({
      ...env,
      MANAGEMENT_DOMAIN: env.AUTH0_DOMAIN || 'to-be-set',
      // The deploy makes these two.
      MANAGEMENT_CLIENT_ID: 'x',
      MANAGEMENT_CLIENT_SECRET: 'x',
    });
    const rules = allowed === 'any' ? [] : allowed;
    return { finding: ok('Policy', 'it can be read'), rules, isReadable: true };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const finding = problem('Policy', error.message, 'With it, every login would be refused.');
    return { finding, rules: [], isReadable: false };
  }
}
