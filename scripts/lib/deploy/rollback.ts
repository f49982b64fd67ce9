/** Back to the version of each Action that was deployed before, through the Management API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli/report-error.ts';
import type { TenantAssets } from '../tenant/assets.ts';
import { findMachineName } from '../tenant/machine-client.ts';
import type { ManagementApi } from '../tenant/management-api.ts';
import {
  listActions,
  listClients,
  listVersions,
  readAction,
  readApplication,
} from '../tenant/read-tenant.ts';
import type { TenantAction, TenantApplication, TenantVersion } from '../tenant/tenant-types.ts';
import { findLineage, historyKeyOf, readHistory, writeHistory } from './rollback-history.ts';
import { clearSecretsMark } from './secrets-mark.ts';

export interface RollbackStep {
  readonly action: TenantAction;
  readonly from: TenantVersion;
  readonly to: TenantVersion;
  /** The number that Auth0 will give to what is put back. */
  readonly next: number;
}

export interface RollbackPlan {
  readonly steps: readonly RollbackStep[];
  /** The Actions that have nothing earlier, and stay as they are. */
  readonly staying: readonly string[];
  readonly machineClient: TenantApplication | undefined;
}

const READS = 5;
const PAUSE_MS = 1_000;

/** @throws {UserError} when an Action is not deployed, or none has a version to go back to. */
export async function planRollback(
  api: ManagementApi,
  assets: TenantAssets,
): Promise<RollbackPlan> {
  const [all, clients] = await Promise.all([listActions(api), listClients(api)]);
  const machineName = findMachineName(assets);
  const client = clients.find(({ name }) => name === machineName);
  const machineClient = client && (await readApplication(api, client.client_id));
  const planned = await Promise.all(
    assets.actions.map(({ name }) => {
      const listed = all.find((action) => action.name === name);
      return planStep(api, name, listed?.id, machineClient);
    }),
  );
  const steps = planned.filter((step) => typeof step !== 'string');
  const staying = planned.filter((step) => typeof step === 'string');
  if (steps.length > 0) return { steps, staying, machineClient };
  throw new UserError(
    `There is nothing earlier to go back to; nothing was changed. ${staying.join('; ')}.`,
  );
}

/** The step, or why there is none. */
async function planStep(
  api: ManagementApi,
  name: string,
  id: string | undefined,
  machineClient: TenantApplication | undefined,
): Promise<RollbackStep | string> {
  const action = id === undefined ? undefined : await readAction(api, id);
  const from = action?.deployed_version;
  if (action === undefined || from === undefined) {
    throw new UserError(`${name} is not deployed; nothing was changed.`);
  }
  const versions = await listVersions(api, action.id);
  const numbers = versions.map(({ number }) => number);
  const codeOf = (wanted: number) => versions.find(({ number }) => number === wanted)?.code;
  // A note of a version that was never made says nothing of the one that got its number later.
  const history = readHistory(machineClient, action).filter(
    ([version, was]) => codeOf(was) === undefined || codeOf(version) === codeOf(was),
  );
  const lineage = findLineage(numbers, from.number, history);
  const to = versions.find(({ number }) => number === lineage.at(-2));
  if (to === undefined) {
    const place = lineage.at(-1) ?? from.number;
    const run = place === from.number ? `version ${place}` : `what version ${place} was`;
    return `${name} runs ${run}, and has no version before ${place}`;
  }
  const next = Math.max(from.number, ...numbers) + 1;
  return { action, from, to, next };
}

/**
 * Deploys the earlier versions, which Auth0 makes new versions of, with the secrets they had.
 * @throws {UserError} when one is not deployed afterwards.
 */
export async function rollBack(
  api: ManagementApi,
  { steps, machineClient }: RollbackPlan,
): Promise<void> {
  if (machineClient !== undefined) {
    // The secrets may be others now: the next deploy must not take them for its own.
    await clearSecretsMark(api, machineClient);
    await writeHistories(api, machineClient, steps);
  }
  const done: string[] = [];
  for (const { action, to } of steps) {
    try {
      await api.ask(
        'POST /api/v2/actions/actions/{id}/versions/{id}/deploy',
        (sdk, options) => sdk.actions.versions.deploy(action.id, to.id, {}, options),
        { isRepeatable: false },
      );
    } catch (error) {
      if (!(error instanceof UserError) || done.length === 0) throw error;
      throw new UserError(
        `${error.message}\nRolled back before that: ${done.join(', ')}. Run it again only after npm run plan, or deploy.`,
      );
    }
    done.push(action.name);
  }
  for (const step of steps) await assertRolledBack(api, step);
}

/** Before the versions are there: interrupted after them, nobody would know what they are. */
async function writeHistories(
  api: ManagementApi,
  client: TenantApplication,
  steps: readonly RollbackStep[],
): Promise<void> {
  const client_metadata = Object.fromEntries(
    steps.map(({ action, to, next }) => [
      historyKeyOf(action),
      writeHistory([...readHistory(client, action), [next, to.number]]),
    ]),
  );
  await api.ask('PATCH /api/v2/clients/{id}', (sdk, options) =>
    sdk.clients.update(client.client_id, { client_metadata }, options),
  );
}

/** Another version with that content: the two may have one code, and differ in their secrets. */
async function assertRolledBack(
  api: ManagementApi,
  { action, from, to }: RollbackStep,
): Promise<void> {
  for (let read = 1; ; read += 1) {
    const { deployed_version: now } = await readAction(api, action.id);
    const isAnother = now !== undefined && now.id !== from.id;
    if (isAnother && now.code === to.code && now.runtime === to.runtime) return;
    if (read === READS) {
      throw new UserError(
        `${action.name}: version ${to.number} was to be deployed, and something else is. Look at the Action's version history in the Auth0 dashboard.`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

export function renderRollback({ steps, staying }: RollbackPlan): string {
  return [
    ...steps.map(
      ({ action, from, to }) =>
        `${action.name}: version ${from.number} → what version ${to.number} was${to.created_at === undefined ? '' : `, of ${to.created_at}`}`,
    ),
    ...staying.map((reason) => `${reason}: it stays as it is.`),
    'This puts back the code, the dependencies and the secrets of these Actions, and with the secrets the policy that they had. It does not touch the connection, the application and its grant, the order of the login flow, and what others have.',
  ].join('\n');
}
