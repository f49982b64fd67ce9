/**
 * The secrets of an Action, checked on each run. Text in, settings or a mistake out: no I/O, no
 * clock, no `api`. A mistake names the secret, never its value.
 */
import { readField } from '../read.ts';
import { type Allowed, type Parsed, parseAllowed, parseRoles, type RoleRule } from './rules.ts';

export interface Settings {
  /** `host` or `host:port`. */
  readonly managementDomain: string;
  readonly managementClientId: string;
  readonly managementClientSecret: string;
  /** Without a trailing slash. */
  readonly claimNamespace: string;
  readonly allowed: Allowed;
  readonly roles: readonly RoleRule[];
  /** How the claim `groups` names workspaces. */
  readonly groupNames: 'slug' | 'uuid';
  readonly requireVerifiedEmail: boolean;
  readonly recheckAfterMinutes: number;
  readonly emailRecheckAfterDays: number;
  readonly onOutage: 'deny' | 'last_known';
  readonly lastKnownMaxAgeHours: number;
  /** The Bitbucket consumer, where a look by client credentials is wanted. */
  readonly consumer?: { readonly key: string; readonly secret: string };
}

/** A mistake in the configuration. `message` is safe to log: the secret's name and what is wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const DOMAIN = /^(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;

/**
 * Parses `event.secrets`.
 * @throws {SettingsError} for the first mistake.
 */
export function parseSettings(secrets: unknown): Settings {
  const text = (name: string): string => {
    const value = readField(secrets, name);
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string') throw new SettingsError(`${name}: not a string`);
    return value.trim();
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === '') throw new SettingsError(`${name}: missing`);
    return value;
  };
  const wholeNumber = (name: string, fallback: number, aYear: number): number => {
    const value = text(name);
    if (value === '') return fallback;
    if (!/^\d+$/.test(value)) throw new SettingsError(`${name}: not a whole number`);
    if (Number(value) > aYear) throw new SettingsError(`${name}: more than a year (${aYear})`);
    return Number(value);
  };
  const oneOf = <T extends string>(name: string, known: readonly [T, T]): T => {
    const value = text(name) || known[0];
    const found = known.find((one) => one === value);
    if (found === undefined) throw new SettingsError(`${name}: neither ${known.join(' nor ')}`);
    return found;
  };

  const managementDomain = parseDomain(required('MANAGEMENT_DOMAIN'));
  const consumer = parseConsumer(text('BITBUCKET_KEY'), text('BITBUCKET_SECRET'));
  return {
    managementDomain,
    managementClientId: required('MANAGEMENT_CLIENT_ID'),
    managementClientSecret: required('MANAGEMENT_CLIENT_SECRET'),
    claimNamespace: parseNamespace(required('CLAIM_NAMESPACE')),
    allowed: orThrow('ALLOWED_WORKSPACES', parseAllowed(required('ALLOWED_WORKSPACES'))),
    roles: orThrow('ROLES', parseRoles(text('ROLES'))),
    groupNames: oneOf('GROUP_NAMES', ['slug', 'uuid']),
    requireVerifiedEmail: parseBoolean(
      'REQUIRE_VERIFIED_EMAIL',
      text('REQUIRE_VERIFIED_EMAIL') || 'true',
    ),
    recheckAfterMinutes: wholeNumber('RECHECK_AFTER_MINUTES', 60, 525_600),
    emailRecheckAfterDays: wholeNumber('EMAIL_RECHECK_AFTER_DAYS', 30, 365),
    onOutage: oneOf('ON_OUTAGE', ['deny', 'last_known']),
    lastKnownMaxAgeHours: wholeNumber('LAST_KNOWN_MAX_AGE_HOURS', 24, 8_760),
    ...(consumer === undefined ? {} : { consumer }),
  };
}

/** @throws {SettingsError} naming `setting` and the rule's place in the list. */
export function orThrow<T>(setting: string, parsed: Parsed<T>): T {
  if (!parsed.ok) throw new SettingsError(`${setting}: ${parsed.mistake}`);
  return parsed.value;
}

/** @throws {SettingsError} naming `setting`. */
export function parseBoolean(setting: string, text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new SettingsError(`${setting}: neither true nor false`);
}

/** As a URL writes it: in lower case, without the port that is meant anyway. */
function parseDomain(text: string): string {
  const url = `https://${text}`;
  if (!DOMAIN.test(text) || !URL.canParse(url)) {
    throw new SettingsError('MANAGEMENT_DOMAIN: not a bare host name');
  }
  return new URL(url).host;
}

function parseConsumer(key: string, secret: string): Settings['consumer'] {
  if (key === '' && secret === '') return undefined;
  if (key === '') throw new SettingsError('BITBUCKET_KEY: missing beside BITBUCKET_SECRET');
  if (secret === '') throw new SettingsError('BITBUCKET_SECRET: missing beside BITBUCKET_KEY');
  return { key, secret };
}

/** Auth0 drops a custom claim whose name is not an http(s) URL. */
function parseNamespace(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    throw new SettingsError('CLAIM_NAMESPACE: not an http(s) URL');
  }
  if (/[\s?#]/.test(text) || url.username !== '' || url.password !== '') {
    throw new SettingsError('CLAIM_NAMESPACE: has more than a host and a path');
  }
  if (/(^|\.)(auth0\.com|webtask\.io|webtask\.run)$/.test(url.hostname)) {
    throw new SettingsError('CLAIM_NAMESPACE: Auth0 drops claims under a domain of its own');
  }
  return text.replace(/\/+$/, '');
}
