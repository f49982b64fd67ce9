/** The names that the scripts read from the environment, in the order of `.env.example`. No I/O. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable {
  readonly name: string;
  /** Its value is shown to nobody. */
  readonly isSecret: boolean;
}

const open = (name: string): Variable => ({ name, isSecret: false });
const secret = (name: string): Variable => ({ name, isSecret: true });

/** The tenant, and the application that deploys to it: named as auth0-deploy-cli names them. */
const DEPLOYER = [
  open('AUTH0_DOMAIN'),
  open('AUTH0_CLIENT_ID'),
  secret('AUTH0_CLIENT_SECRET'),
  open('AUTH0_CLIENT_SIGNING_KEY_PATH'),
  open('AUTH0_CLIENT_SIGNING_ALGORITHM'),
  secret('AUTH0_ACCESS_TOKEN'),
];

const CONSUMER = [open('BITBUCKET_KEY'), secret('BITBUCKET_SECRET')];

/** Settings of the Actions, by the names of their secrets. */
const POLICY = [
  open('CLAIM_NAMESPACE'),
  open('ALLOWED_WORKSPACES'),
  open('ROLES'),
  open('GROUP_NAMES'),
  open('REQUIRE_VERIFIED_EMAIL'),
  open('RECHECK_AFTER_MINUTES'),
  open('EMAIL_RECHECK_AFTER_DAYS'),
  open('ON_OUTAGE'),
  open('LAST_KNOWN_MAX_AGE_HOURS'),
];

export const VARIABLES: readonly Variable[] = [
  ...DEPLOYER,
  ...CONSUMER,
  ...POLICY,
  open('AUTH0_ENABLED_CLIENTS'),
  open('LOGIN_APPLICATION'),
];
