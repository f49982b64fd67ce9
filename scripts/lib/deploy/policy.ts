/**
 * The policy that would be deployed, read by the Actions' own reader: what they would refuse every
 * login for is refused here. Values in, values out: no I/O.
 */
import { parseSettings, type Settings, SettingsError } from '#actions/lib/policy/settings.ts';
import { UserError } from '../cli/report-error.ts';
import type { ActionAsset } from '../tenant/assets.ts';
import { explainRule } from './explain-rule.ts';

export interface ExplainedRule {
  readonly rule: string;
  readonly meaning: string;
}

export interface Policy {
  /** One of them lets somebody in; empty where `isForAnyWorkspace`. */
  readonly rules: readonly ExplainedRule[];
  readonly isForAnyWorkspace: boolean;
  readonly requireVerifiedEmail: boolean;
  readonly recheckAfterMinutes: number;
  readonly onOutage: 'deny' | 'last_known';
  readonly lastKnownMaxAgeHours: number;
  readonly roles: readonly (ExplainedRule & { readonly role: string })[];
}

/** What the deploy makes, and nobody knows before. */
const MADE_BY_THE_DEPLOY = ['MANAGEMENT_CLIENT_ID', 'MANAGEMENT_CLIENT_SECRET'];

/**
 * @param actions those of this package, filled in.
 * @returns `undefined` where there is none.
 * @throws {UserError} for the first mistake of the first of them, or where they differ.
 */
export function readPolicy(actions: readonly ActionAsset[]): Policy | undefined {
  const [first, ...others] = actions;
  if (first === undefined) return undefined;
  const secrets = secretsOf(first);
  for (const other of others) assertSame(first, other);
  return createPolicy(parse(secrets), secrets);
}

function parse(secrets: ReadonlyMap<string, string>): Settings {
  try {
    return parseSettings(Object.fromEntries(secrets));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new UserError(
      `The policy cannot be read: every login would be refused. Nothing was changed.\n  - ${error.message}`,
    );
  }
}

function createPolicy(settings: Settings, secrets: ReadonlyMap<string, string>): Policy {
  const workspaces = split(secrets.get('ALLOWED_WORKSPACES'));
  const isForAnyWorkspace = workspaces.join() === '*';
  return {
    rules: isForAnyWorkspace
      ? []
      : workspaces.map((rule) => ({ rule, meaning: explainRule(rule) })),
    isForAnyWorkspace,
    requireVerifiedEmail: settings.requireVerifiedEmail,
    recheckAfterMinutes: settings.recheckAfterMinutes,
    onOutage: settings.onOutage,
    lastKnownMaxAgeHours: settings.lastKnownMaxAgeHours,
    roles: split(secrets.get('ROLES')).map((entry) => {
      const [role = '', ...rest] = entry.split('=');
      const rule = rest.join('=').trim();
      return { role: role.trim(), rule, meaning: explainRule(rule) };
    }),
  };
}

/** As the reader separates rules; what it takes for a mistake never comes here. */
function split(text = ''): readonly string[] {
  return text
    .split(/[,\r\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function secretsOf({ secrets }: ActionAsset): ReadonlyMap<string, string> {
  return new Map(secrets.map(({ name, value }) => [name, value]));
}

/** Both look at the same facts and ask once: with other settings they would answer for two policies. */
function assertSame(one: ActionAsset, other: ActionAsset): void {
  const [mine, theirs] = [secretsOf(one), secretsOf(other)];
  const names = [...new Set([...mine.keys(), ...theirs.keys()])];
  const different = names
    .filter((name) => !MADE_BY_THE_DEPLOY.includes(name))
    .filter((name) => mine.get(name) !== theirs.get(name));
  if (different.length === 0) return;
  throw new UserError(
    `tenant.yaml: the secrets of ${one.name} and ${other.name} differ in ${different.join(', ')}; nothing was changed. Give both the same.`,
  );
}
