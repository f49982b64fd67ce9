/**
 * The application that `npm run login` signs in through: an option of tenant.yaml, off while
 * LOGIN_APPLICATION is not set. Values in, values out: no I/O.
 */
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';

const SETTING = 'LOGIN_APPLICATION';
/** In its `client_metadata`, as tenant.yaml has it: what does not have it was made by somebody else. */
const MARK = { name: 'made_by', value: 'auth0-bitbucket-login' };
/** What Auth0 takes no name with. */
const FORBIDDEN = /[<>]/;
/** It stands in plans, and on a line of AUTH0_ENABLED_CLIENTS. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** The name of the application, where the option is on. */
export function readLoginApplication(env: Environment): string | undefined {
  return env[SETTING] || undefined;
}

/** Whether metadata is that of an application that a deploy made for `npm run login`. */
export function isMarked(metadata: unknown): boolean {
  const { [MARK.name]: value } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  return value === MARK.value;
}

/**
 * Before anything is asked.
 * @param filled tenant.yaml, filled in.
 * @throws {UserError} for a name that Auth0 would refuse, or that would not be the only one.
 */
export function assertNamed({ clients }: TenantAssets, env: Environment): void {
  const name = readLoginApplication(env);
  if (name === undefined) return;
  const same = clients.filter((client) => client.name === name);
  const fault =
    name.trim() !== name
      ? 'begins or ends with white space'
      : FORBIDDEN.test(name)
        ? 'holds < or >, which Auth0 does not take'
        : INVISIBLE.test(name)
          ? 'holds a line break or another character that cannot be seen'
          : same.length > 1
            ? 'is the name of another application of tenant.yaml: give it one of its own'
            : same.length === 0
              ? 'is set, and tenant.yaml declares no application ##LOGIN_APPLICATION##: unset it, or put it back'
              : undefined;
  if (fault === undefined) return;
  throw new UserError(`${SETTING} ${fault}; nothing was changed.`);
}

/**
 * A deploy makes a public application of it, whatever it was.
 * @throws {UserError} where one of the name is there, and somebody else made it; and where the name is
 *   a client id, by which another one is known.
 */
export function assertOurs(
  { applications, clients }: Pick<TenantState, 'applications' | 'clients'>,
  env: Environment,
): void {
  const name = readLoginApplication(env);
  const other = clients.find(({ client_id: id }) => id === name);
  if (other !== undefined) {
    throw new UserError(
      `LOGIN_APPLICATION is the client id of “${other.name}”, and has to be a name that nobody has; nothing was changed. To sign in through one of your own: npm run login -- --application NAME.`,
    );
  }
  const found = applications.find((application) => application.name === name);
  if (found === undefined || isMarked(found.client_metadata)) return;
  throw new UserError(
    `The tenant has an application “${name}” that this package did not make; nothing was changed. Give LOGIN_APPLICATION a name that nobody has. To sign in through one of your own: npm run login -- --application NAME.`,
  );
}
