/** The policy of one login: the Action's settings, and the application's own wishes over them. */
import type { PostLoginEvent } from '../auth0/post-login.ts';
import { readField } from '../read.ts';
import type { Rule } from './rules.ts';
import {
  parseAllowedWorkspaces,
  parseBoolean,
  parseSettings,
  type Settings,
  SettingsError,
} from './settings.ts';

export interface Policy {
  readonly settings: Settings;
  /** Empty: a member of any workspace will do. */
  readonly allowedWorkspaces: readonly Rule[];
  readonly requireVerifiedEmail: boolean;
}

const WORKSPACES_KEY = 'bitbucket_allowed_workspaces';
const VERIFIED_KEY = 'bitbucket_require_verified_email';

/**
 * Reads `event.secrets` and `event.client.metadata`. An application's policy that cannot be read
 * is a mistake: it never falls back to the tenant's, which may be looser.
 * @throws {SettingsError} for the first mistake.
 */
export function readPolicy(event: PostLoginEvent): Policy {
  const settings = parseSettings(event.secrets);
  const metadata = event.client?.metadata;
  const workspaces = readMetadata(metadata, WORKSPACES_KEY);
  const verified = readMetadata(metadata, VERIFIED_KEY);
  return {
    settings,
    allowedWorkspaces:
      workspaces === undefined
        ? settings.allowedWorkspaces
        : parseAllowedWorkspaces(WORKSPACES_KEY, workspaces),
    requireVerifiedEmail:
      verified === undefined
        ? settings.requireVerifiedEmail
        : parseBoolean(VERIFIED_KEY, verified.trim()),
  };
}

function readMetadata(metadata: unknown, key: string): string | undefined {
  const value = readField(metadata, key);
  if (value === undefined || typeof value === 'string') return value;
  throw new SettingsError(`client metadata ${key}: not a string`);
}
