/**
 * The policy that would be deployed, read by the Actions' own reader: what they would refuse every
 * login for is refused here. Values in, values out: no I/O.
 */
import { type Rule, repositoriesOf } from '#actions/lib/policy/rules.ts';
import { parseSettings, type Settings, SettingsError } from '#actions/lib/policy/settings.ts';
import { UserError } from '../cli/report-error.ts';
import { VARIABLES } from '../cli/variables.ts';
import type { ActionAsset } from '../tenant/assets.ts';
import { explainRule, writeRule } from './explain-rule.ts';

export interface ExplainedRule {
  readonly rule: string;
  readonly meaning: string;
}

export interface Policy {
  /** One of them lets somebody in; `*` alone where `isForAnyWorkspace`. */
  readonly rules: readonly ExplainedRule[];
  readonly isForAnyWorkspace: boolean;
  readonly requireVerifiedEmail: boolean;
  readonly recheckAfterMinutes: number;
  readonly emailRecheckAfterDays: number;
  readonly onOutage: 'deny' | 'last_known';
  readonly lastKnownMaxAgeHours: number;
  readonly groupNames: 'slug' | 'uuid';
  readonly roles: readonly (ExplainedRule & { readonly role: string })[];
  /** For which the consumer needs a permission more. */
  readonly asksForRepositories: boolean;
}

/** What the deploy makes, and nobody knows before. */
const MADE_BY_THE_DEPLOY = ['MANAGEMENT_CLIENT_ID', 'MANAGEMENT_CLIENT_SECRET'];

/** The names that mean something to the Actions. */
const SETTINGS = [
  'MANAGEMENT_DOMAIN',
  ...MADE_BY_THE_DEPLOY,
  ...VARIABLES.map(({ name }) => name).filter((name) => !name.startsWith('AUTH0_')),
];

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
  assertKnown([...secrets.keys()]);
  return createPolicy(parse(secrets));
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

/** The Actions read past a name that they do not know, and go by the default. */
function assertKnown(names: readonly string[]): void {
  const unknown = names.filter((name) => !SETTINGS.includes(name));
  if (unknown.length === 0) return;
  throw new UserError(
    `tenant.yaml: ${unknown.join(', ')} is no secret of these Actions; nothing was changed. They know ${SETTINGS.join(', ')}.`,
  );
}

function createPolicy(settings: Settings): Policy {
  const { allowed, roles } = settings;
  return {
    rules: allowed === 'any' ? [ANYBODY] : allowed.map(explain),
    isForAnyWorkspace: allowed === 'any',
    requireVerifiedEmail: settings.requireVerifiedEmail,
    recheckAfterMinutes: settings.recheckAfterMinutes,
    emailRecheckAfterDays: settings.emailRecheckAfterDays,
    onOutage: settings.onOutage,
    lastKnownMaxAgeHours: settings.lastKnownMaxAgeHours,
    groupNames: settings.groupNames,
    roles: roles.map(({ role, rule }) => ({ role, ...explain(rule) })),
    asksForRepositories:
      repositoriesOf([...(allowed === 'any' ? [] : allowed), ...roles.map(({ rule }) => rule)])
        .length > 0,
  };
}

const ANYBODY: ExplainedRule = { rule: '*', meaning: 'anybody in any workspace' };

function explain(rule: Rule): ExplainedRule {
  return { rule: writeRule(rule), meaning: explainRule(rule) };
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
