/** The policy of one login: the Action's settings, and the application's own wishes over them. */
import { readField } from '../read.ts';
import { type Allowed, parseAllowed, type Rule } from './rules.ts';
import { orThrow, parseBoolean, parseSettings, type Settings, SettingsError } from './settings.ts';

export interface Policy {
  readonly settings: Settings;
  readonly allowed: Allowed;
  readonly requireVerifiedEmail: boolean;
}

export const ALLOWED_KEY = 'bitbucket_allowed_workspaces';
export const VERIFIED_KEY = 'bitbucket_require_verified_email';

/**
 * Reads `event.secrets` and `event.client.metadata`. An application's policy that cannot be read
 * is a mistake: it never falls back to the tenant's, which may be looser.
 * @throws {SettingsError} for the first mistake.
 */
export function readPolicy(secrets: unknown, clientMetadata: unknown): Policy {
  const settings = parseSettings(secrets);
  const [nearMiss] = findNearMisses(clientMetadata);
  if (nearMiss !== undefined) {
    throw new SettingsError(`client metadata: a key that is nearly ${nearMiss.meant}`);
  }
  const allowed = readMetadata(clientMetadata, ALLOWED_KEY);
  const verified = readMetadata(clientMetadata, VERIFIED_KEY);
  return {
    settings,
    allowed: allowed === undefined ? settings.allowed : orThrow(ALLOWED_KEY, parseAllowed(allowed)),
    requireVerifiedEmail:
      verified === undefined
        ? settings.requireVerifiedEmail
        : parseBoolean(VERIFIED_KEY, verified.trim()),
  };
}

/** Every rule that is asked about: those that let in first, then those of roles. */
export function rulesOf({ allowed, settings }: Policy): readonly Rule[] {
  const letIn = allowed === 'any' ? [] : allowed;
  return [...letIn, ...settings.roles.map(({ rule }) => rule)];
}

/** Keys that are ours but for case, `-` for `_`, or white space: somebody believes that they act. */
export function findNearMisses(
  clientMetadata: unknown,
): readonly { readonly key: string; readonly meant: string }[] {
  if (typeof clientMetadata !== 'object' || clientMetadata === null) return [];
  return Object.keys(clientMetadata).flatMap((key) => {
    const meant = [ALLOWED_KEY, VERIFIED_KEY].find(
      (ours) => ours !== key && plainFormsOf(key).includes(ours),
    );
    return meant === undefined ? [] : [{ key, meant }];
  });
}

/** White space may stand anywhere, or in place of a `_`. */
function plainFormsOf(key: string): readonly string[] {
  const plain = key.trim().toLowerCase().replaceAll('-', '_');
  return [plain.replace(/\s+/g, ''), plain.replace(/\s+/g, '_')];
}

function readMetadata(metadata: unknown, key: string): string | undefined {
  const value = readField(metadata, key);
  if (value === undefined || typeof value === 'string') return value;
  throw new SettingsError(`client metadata ${key}: not a string`);
}
