/**
 * What Auth0 makes of the options of a connection. `scope` of a social connection is its own: made
 * of the strategy and of the booleans, whatever was sent. Values in, values out.
 */

type Options = Readonly<Record<string, unknown>>;

/** GitHub's scopes, by the option that asks for each, in the order in which they come back. */
const GITHUB_SCOPES: readonly (readonly [option: string, scope: string])[] = [
  ['email', 'user:email'],
  ['read_user', 'read:user'],
  ['follow', 'user:follow'],
  ['public_repo', 'public_repo'],
  ['repo', 'repo'],
  ['repo_deployment', 'repo_deployment'],
  ['repo_status', 'repo:status'],
  ['delete_repo', 'delete_repo'],
  ['notifications', 'notifications'],
  ['gist', 'gist'],
  ['read_repo_hook', 'read:repo_hook'],
  ['write_repo_hook', 'write:repo_hook'],
  ['admin_repo_hook', 'admin:repo_hook'],
  ['read_org', 'read:org'],
  ['admin_org', 'admin:org'],
  ['read_public_key', 'read:public_key'],
  ['write_public_key', 'write:public_key'],
  ['admin_public_key', 'admin:public_key'],
  ['write_org', 'write:org'],
];

/**
 * The scopes that Auth0 sets. That Bitbucket's are made as WordPress's are is UNVERIFIED: nobody
 * published a recording of a Bitbucket connection, and its type has `profile` and `scope` as
 * WordPress's has. What matters is that they need not be those that were sent.
 */
const SCOPES: Readonly<Record<string, (options: Options) => readonly string[]>> = {
  github: (options) =>
    GITHUB_SCOPES.filter(([option]) => options[option] === true).map(([, scope]) => scope),
  line: ({ email }) => ['openid', ...(email === true ? ['email'] : []), 'profile'],
  wordpress: () => ['profile'],
  bitbucket: ({ profile }) => (profile === false ? [] : ['profile']),
};

/** Of a database, where they are not sent with its creation. */
const DATABASE_DEFAULTS: Options = {
  mfa: { active: true, return_enroll_settings: true },
  passwordPolicy: 'good',
  passkey_options: {
    challenge_ui: 'both',
    progressive_enrollment_enabled: true,
    local_enrollment_enabled: true,
  },
  strategy_version: 2,
  authentication_methods: {
    password: { enabled: true, api_behavior: 'required' },
    passkey: { enabled: false },
  },
  brute_force_protection: true,
};

/** All the options of a connection that is created with `sent`. */
export function createOptions(strategy: string, sent: Options): Record<string, unknown> {
  const defaults = strategy === 'auth0' ? structuredClone(DATABASE_DEFAULTS) : {};
  return normaliseOptions(strategy, { ...defaults, ...sent });
}

/** All the options of a connection that is updated with `sent`: nothing of those before stays. */
export function normaliseOptions(strategy: string, sent: Options): Record<string, unknown> {
  const scopesOf = SCOPES[strategy];
  if (scopesOf === undefined) return { ...sent };
  return { profile: true, ...sent, scope: scopesOf(sent) };
}

/** As a later read shows them: a `null` that was sent is gone. */
export function withoutNulls(options: Options): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
