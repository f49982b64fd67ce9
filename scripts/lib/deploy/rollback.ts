/** Back to the version of each Action that was deployed before, through the Management API. */

import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import {
  findAction,
  readMachineClient,
  type TenantAction,
  type TenantVersion,
} from '../tenant/tenant-state.ts';
import { clearSecretsMark } from './secrets-mark.ts';

export interface RollbackStep {
  readonly action: TenantAction;
  readonly from: TenantVersion;
  readonly to: TenantVersion;
}

/** @throws {UserError} when an Action is not there, or has no version to go back to. */
export async function planRollback(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<readonly RollbackStep[]> {
  return Promise.all(
    assets.actions.map(async ({ name }) => {
      const action = await findAction(api, name);
      const from = action?.deployed_version;
      if (action === undefined || from === undefined) {
        throw new UserError(`${name} is not deployed; nothing was changed.`);
      }
      const path = `actions/actions/${action.id}/versions`;
      const versions = await api.list<TenantVersion>(path, 'versions');
      const [to] = versions
        .filter((version) => version.number < from.number)
        .sort((one, other) => other.number - one.number);
      if (to === undefined) {
        throw new UserError(`${name} has no version before ${from.number}; nothing was changed.`);
      }
      return { action, from, to };
    }),
  );
}

/**
 * Deploys the earlier versions, which Auth0 makes new versions of, with the secrets they had.
 * @throws {UserError} when one is not deployed afterwards.
 */
export async function rollBack(
  api: ManagementApi,
  assets: TenantAssets,
  steps: readonly RollbackStep[],
): Promise<void> {
  // The secrets may be others now: the next deploy must not take them for its own.
  const client = await readMachineClient(api, assets);
  if (client !== undefined) await clearSecretsMark(api, client);
  for (const { action, to } of steps) {
    await api.post(`actions/actions/${action.id}/versions/${to.id}/deploy`, {});
  }
  for (const { action, to } of steps) {
    const now = (await findAction(api, action.name))?.deployed_version;
    if (now?.code !== to.code || now?.runtime !== to.runtime) {
      throw new UserError(
        `${action.name}: version ${to.number} was to be deployed, and something else is. Look at the Action's version history in the Auth0 dashboard.`,
      );
    }
  }
}

export function renderRollback(steps: readonly RollbackStep[]): string {
  return steps
    .map(
      ({ action, from, to }) =>
        `${action.name}: version ${from.number} → what version ${to.number} was${to.created_at === undefined ? '' : `, of ${to.created_at}`}`,
    )
    .join('\n');
}
