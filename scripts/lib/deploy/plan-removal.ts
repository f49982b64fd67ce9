/** What of tenant.yaml is in the tenant and would be taken out. Values in, values out. */
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { nameOfClient, type TenantState } from '../tenant/tenant-state.ts';
import type { TenantClient } from '../tenant/tenant-types.ts';
import { enumerate } from './door.ts';
import type { OpenDoor } from './find-doors.ts';
import { findGrant } from './merge.ts';

interface Named {
  readonly name: string;
  readonly id: string;
}

export interface Removal {
  readonly leaveEnabled: boolean;
  readonly switchOff: readonly OpenDoor[];
  /** The ids of bound Actions of ours. */
  readonly unbind: readonly string[];
  readonly actions: readonly Named[];
  readonly grants: readonly Named[];
  readonly applications: readonly Named[];
  /** The Bitbucket connections that stay on, with nothing of ours before them. */
  readonly leftOpen: readonly string[];
}

/** Nobody recorded that Auth0 looks at the connection when a refresh token is exchanged. */
const REFRESH_TOKENS =
  'Refresh tokens that applications hold may go on working, and nothing checks their users any more: revoke those that matter.';

export interface RemovalInput {
  /** Filled in. */
  readonly assets: TenantAssets;
  readonly state: TenantState;
  /** Every Bitbucket connection of the tenant that is on for somebody. */
  readonly doors: readonly OpenDoor[];
  readonly leaveEnabled: boolean;
  /** Those that a deploy made for `npm run login`. */
  readonly loginApplications: readonly TenantClient[];
  /** The deployer's own client id: it does not remove itself. */
  readonly deployerId: string | undefined;
}

/**
 * @throws {UserError} where it would open a connection that it does not switch off, or remove the
 *   deployer.
 */
export function planRemoval(input: RemovalInput): Removal {
  const { assets, state, doors, leaveEnabled } = input;
  const isOurs = ({ connectionId }: OpenDoor) =>
    state.connections.some(({ connection }) => connection.id === connectionId);
  const bound = state.bindings.map(({ action }) => action.id);
  const unbind = state.actions.filter(({ id }) => bound.includes(id)).map(({ id }) => id);
  const applications = applicationsOf(input);
  const isRemoved = (id: string) => applications.some((application) => application.id === id);
  const others = doors.filter((door) => !isOurs(door));
  if (unbind.length > 0 && !leaveEnabled) {
    assertNoOtherDoor(
      others.filter((door) => door.isForThirdParties || !door.clientIds.every(isRemoved)),
    );
    assertNoThirdParties(doors);
  }
  // One that is on for what is removed alone: a tenant can switch it on when that is made.
  const toClose = unbind.length > 0 ? doors : doors.filter(isOurs);
  return {
    leaveEnabled,
    switchOff: leaveEnabled ? [] : toClose.filter(({ clientIds }) => clientIds.length > 0),
    unbind,
    actions: state.actions.map(({ id, name }) => ({ id, name })),
    grants: assets.clientGrants.flatMap((asset) => {
      const grant = findGrant(asset, state);
      return grant === undefined ? [] : [{ id: grant.id, name: asset.audience }];
    }),
    applications,
    leftOpen: leaveEnabled ? doors.map(({ connectionName: name }) => name) : [],
  };
}

export function isNothing({ switchOff, actions, grants, applications }: Removal): boolean {
  return [switchOff, actions, grants, applications].every((list) => list.length === 0);
}

/** What will be done, and what that means. */
export function renderRemoval(removal: Removal, state: TenantState): string {
  const { switchOff, unbind, actions, grants, applications, leftOpen } = removal;
  return [
    ...switchOff.map(({ connectionName: name, clientIds }) => {
      const names = clientIds.map((id) => nameOfClient(state, id));
      return `- switch the connection ${name} off for ${enumerate(names)}`;
    }),
    ...(unbind.length > 0
      ? ['- unbind the Actions from the login flow; those of others stay']
      : []),
    ...actions.map(({ name }) => `- remove the Action ${name}`),
    ...grants.map(({ name }) => `- remove the grant for ${name}`),
    ...applications.map(({ name }) => `- remove the application ${name}`),
    ...(leftOpen.length > 0
      ? [
          `! ${leftOpen.join(', ')} stays on, and everybody with a Bitbucket account gets in unchecked.`,
        ]
      : []),
    ...(unbind.length > 0 ? [`! ${REFRESH_TOKENS}`] : []),
    'The connection and its users stay.',
  ].join('\n');
}

/**
 * How to undo the switching off: by client id, which nobody else has. What is removed has another
 * one when a deploy makes it again.
 */
export function renderSwitchOn(
  { switchOff, applications }: Removal,
  state: TenantState,
): string | undefined {
  if (switchOff.length === 0) return undefined;
  const isRemoved = (id: string) => applications.some((application) => application.id === id);
  const others = switchOff.flatMap(({ connectionName, clientIds }) =>
    clientIds
      .filter((id) => !isRemoved(id))
      .map((id) => `  ${id}  (${nameOfClient(state, id)}, on ${connectionName})`),
  );
  if (others.length === 0) {
    return 'To switch on again: npm run deploy. It was on for nobody but what is removed, which that makes again.';
  }
  return [
    'To switch on again: npm run deploy, with AUTH0_ENABLED_CLIENTS naming whom it was on for, a line each:',
    ...others,
  ].join('\n');
}

function applicationsOf(input: RemovalInput): readonly Named[] {
  const { state, loginApplications, deployerId } = input;
  const byId = new Map(
    [...state.applications, ...loginApplications].map((client) => [client.client_id, client]),
  );
  return [...byId.values()].map(({ client_id: id, name }) => {
    if (id !== deployerId) return { id, name };
    throw new UserError(
      `tenant.yaml declares the application that this runs as, ${name}; nothing was changed. Take it out of clients.`,
    );
  });
}

/** The Actions look at every Bitbucket connection of the tenant. */
function assertNoOtherDoor(others: readonly OpenDoor[]): void {
  if (others.length === 0) return;
  const names = others.map(({ connectionName: name }) => name).join(', ');
  throw new UserError(
    `The tenant has another Bitbucket connection that is on and is not in tenant.yaml: ${names}. Without the Actions everybody would get in through it; nothing was changed. Switch it off first, or say --leave-enabled.`,
  );
}

/** Switched off for each of its applications, it would still be on for those of others. */
function assertNoThirdParties(doors: readonly OpenDoor[]): void {
  const names = doors
    .filter(({ isForThirdParties }) => isForThirdParties)
    .map(({ connectionName: name }) => name)
    .join(', ');
  if (names === '') return;
  throw new UserError(
    `${names} is promoted to domain level: it stays on for every third-party application, and without the Actions everybody would get in through it; nothing was changed. Take the promotion back first (the connection's settings in the Auth0 dashboard), or say --leave-enabled.`,
  );
}
