/**
 * What Auth0 would refuse in the middle of a deploy, found before it begins. Values in; a sentence
 * for each is thrown. The limits are Auth0's own.
 */
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import { BITBUCKET, isForThirdParties } from './door.ts';

const MOST_SECRETS = 30;
const LONGEST_NAME = 128;
const LONGEST_VALUE = 4_096;
const LARGEST_CODE_BYTES = 100_000;
const MOST_ACTIONS = 100;
const MOST_BINDINGS = 20;

/** @throws {UserError} naming every secret that is too long, or an Action with too many. */
export function assertSecretsFit({ actions }: TenantAssets): void {
  const faults = actions.flatMap(({ name: action, secrets }) => [
    ...(secrets.length > MOST_SECRETS
      ? [`${action} has ${secrets.length} secrets; Auth0 takes ${MOST_SECRETS}`]
      : []),
    ...secrets
      .filter(({ name }) => name.length > LONGEST_NAME)
      .map(
        ({ name }) =>
          `${action}: the name ${name.slice(0, 20)}… of a secret is longer than ${LONGEST_NAME} characters`,
      ),
    ...secrets
      .filter(({ value }) => value.length > LONGEST_VALUE)
      .map(
        ({ name, value }) =>
          `${action}: ${name} has ${value.length} characters; Auth0 takes ${LONGEST_VALUE}`,
      ),
  ]);
  throwIfAny(faults);
}

/** @throws {UserError} naming every Action whose code Auth0 would not take. */
export function assertCodeFits(code: ReadonlyMap<string, string>): void {
  throwIfAny(
    [...code]
      .filter(([, text]) => Buffer.byteLength(text) > LARGEST_CODE_BYTES)
      .map(([name]) => `${name} is larger than ${LARGEST_CODE_BYTES / 1_000} kB`),
  );
}

/** @throws {UserError} for the 101st Action, and for the 21st that is bound to the login flow. */
export function assertRoom(merged: TenantAssets, { allActions }: TenantState): void {
  const isThere = (name: string) => allActions.some((action) => action.name === name);
  const made = merged.actions.filter(({ name }) => !isThere(name)).length;
  const actions = allActions.length + made;
  const bound = merged.triggers['post-login'].length;
  throwIfAny([
    ...(made > 0 && actions > MOST_ACTIONS
      ? [
          `the tenant has ${allActions.length} Actions and would have ${actions}; Auth0 takes ${MOST_ACTIONS}. Delete one that nobody needs`,
        ]
      : []),
    ...(bound > MOST_BINDINGS
      ? [
          `${bound} Actions would be bound to the login flow; Auth0 takes ${MOST_BINDINGS}. Unbind one that nobody needs`,
        ]
      : []),
  ]);
}

/**
 * @throws {UserError} where a connection did not show its options, which writing replaces; and where
 * its name is another strategy's.
 */
export function assertConnectionsReadable(assets: TenantAssets, state: TenantState): void {
  throwIfAny(
    state.connections.flatMap(({ connection }) => {
      const asset = assets.connections.find(({ name }) => name === connection.name);
      if (asset !== undefined && asset.strategy !== connection.strategy) {
        return [
          `the tenant has a connection “${asset.name}” of the strategy ${connection.strategy}, not ${asset.strategy}: give the one in tenant.yaml another name`,
        ];
      }
      if (connection.options !== undefined) return [];
      return [
        `the connection “${connection.name}” did not show its options, and writing would replace what was not seen: the deployer needs the scopes read:connections_options and update:connections_options`,
      ];
    }),
  );
}

/** @throws {UserError} for a binding to an Action that is neither declared nor in the tenant. */
export function assertBindable(merged: TenantAssets, { allActions }: TenantState): void {
  const names = [...merged.actions, ...allActions].map(({ name }) => name);
  throwIfAny(
    merged.triggers['post-login']
      .filter(({ action_name: name }) => !names.includes(name))
      .map(
        ({ action_name: name }) =>
          `tenant.yaml binds ${name} to the login flow, and neither the file nor the tenant has such an Action`,
      ),
  );
}

/**
 * @param made the applications that are not in the tenant yet and that somebody can sign in to: Auth0
 *   may switch the connection on for them by itself (`flags.enable_client_connections`).
 * @throws {UserError} where a Bitbucket connection would be on for somebody, and nothing of ours before it.
 */
export function assertGated(
  merged: TenantAssets,
  ours: readonly string[],
  applications: ReadonlyMap<string, readonly string[]>,
  made: readonly string[],
): void {
  const isBound = merged.triggers['post-login'].some(({ action_name: name }) =>
    ours.includes(name),
  );
  if (isBound) return;
  const unbound = 'tenant.yaml binds no Action of this package to the login flow';
  const connections = merged.connections.filter(({ strategy }) => strategy === BITBUCKET);
  throwIfAny([
    ...connections
      .filter(
        (connection) =>
          (applications.get(connection.name) ?? []).length > 0 || isForThirdParties(connection),
      )
      .map(
        ({ name }) =>
          `the connection ${name} is to be enabled, and ${unbound}: everybody would get in`,
      ),
    ...(connections.length === 0 ? [] : made).map(
      (name) =>
        `the application ${name} is to be made, and ${unbound}: in a tenant that enables its connections for new applications everybody would get in`,
    ),
  ]);
}

function throwIfAny(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new UserError(
    [
      'This cannot be deployed; nothing was changed.',
      ...faults.map((fault) => `  - ${fault}`),
    ].join('\n'),
  );
}
