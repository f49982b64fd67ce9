/** What is wrong with a setting, by the parsers of the Actions; and what a list of rules means. */
import { ALLOWED_KEY, VERIFIED_KEY } from '#actions/lib/policy/policy.ts';
import { parseAllowed, parseRoles } from '#actions/lib/policy/rules.ts';
import { parseBoolean, parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import { explainRule, writeRule } from '#scripts/lib/deploy/explain-rule.ts';

export interface Checked {
  readonly mistake?: string;
  /** One line a rule. */
  readonly means: readonly string[];
}

/** Whatever else the parser asks for. */
const REST = {
  MANAGEMENT_DOMAIN: 'localhost',
  MANAGEMENT_CLIENT_ID: 'id',
  MANAGEMENT_CLIENT_SECRET: 'secret',
  CLAIM_NAMESPACE: 'https://example.com',
  ALLOWED_WORKSPACES: '*',
};

/** @param name of a secret, or of a key of an application's metadata. */
export function checkSetting(name: string, text: string): Checked {
  try {
    switch (name) {
      case ALLOWED_KEY:
        // On the page, nothing stands for none of its own.
        return text.trim() === '' ? { means: [] } : orThrow(name, parseAllowed(text), text);
      case VERIFIED_KEY:
        if (text.trim() !== '') parseBoolean(name, text.trim());
        return { means: [] };
      default:
        parseSettings({ ...REST, [name]: text });
        return { means: explainSetting(name, text) };
    }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { mistake: error.message.replace(`${name}: `, ''), means: [] };
  }
}

function orThrow(name: string, { ok, ...rest }: ReturnType<typeof parseAllowed>, text: string) {
  if (!ok && 'mistake' in rest) throw new SettingsError(`${name}: ${rest.mistake}`);
  return { means: explainSetting('ALLOWED_WORKSPACES', text) };
}

function explainSetting(name: string, text: string): readonly string[] {
  if (name === 'ROLES') {
    const roles = parseRoles(text);
    return roles.ok ? roles.value.map(({ role, rule }) => `${role}: ${explainRule(rule)}`) : [];
  }
  if (name !== 'ALLOWED_WORKSPACES') return [];
  const allowed = parseAllowed(text);
  if (!allowed.ok) return [];
  if (allowed.value === 'any') return ['*: anybody in any workspace'];
  return allowed.value.map((rule) => `${writeRule(rule)}: ${explainRule(rule)}`);
}
