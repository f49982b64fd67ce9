/**
 * New versions of deployed Actions, put straight into the tenant's store: of other code after a
 * rebuild, of other secrets after a change of the policy. Their workers are started at once, so that
 * a login waits for none; one that is under way ends with the versions that it began with.
 */
import { parseSettings, SettingsError } from '#actions/lib/policy/settings.ts';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import { ACTIONS } from '#scripts/local/tenant/action-runtime/limits.ts';
import {
  createUuid,
  deployedVersionOf,
  listDeployedActions,
  type StoredAction,
  type StoredVersion,
} from '#scripts/local/tenant/store.ts';
import type { LocalTenant } from '#scripts/local/tenant/tenant.ts';
import type { BuildState } from '../page/ports.ts';
import { POLICY_NAMES } from '../world/world-schema.ts';

type Settings = Readonly<Record<string, string>>;

export interface Versions {
  current(): BuildState['versions'];
  /** @returns the names of those whose code it changes; nothing is done where it changes none. */
  swapCode(codes: ReadonlyMap<string, string>): Promise<readonly string[]>;
  readPolicy(): Settings;
  /**
   * What is not in `settings` is not set any more.
   * @throws {UserError} for what the Actions would not take.
   */
  writePolicy(settings: Settings): Promise<void>;
  /** Starts the workers of what is deployed. */
  warmUp(): Promise<void>;
}

/** @param names of the Actions that are this package's. */
export function createVersions(
  { store, runtime }: Pick<LocalTenant, 'store' | 'runtime'>,
  names: readonly string[],
  now: () => number,
): Versions {
  const origins = new Map<string, 'rebuild' | 'policy'>();
  let last: Promise<unknown> = Promise.resolve();

  /** One swap at a time: each begins with what the one before it made. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };

  const listOurs = () =>
    names.flatMap((name) => {
      const action = [...store.actions.values()].find((candidate) => candidate.name === name);
      const version = action && deployedVersionOf(action);
      return action === undefined || version === undefined ? [] : [{ action, version }];
    });

  /** All of them in one step, which no login sees half of. */
  const swap = async (
    next: readonly { readonly action: StoredAction; readonly version: StoredVersion }[],
    by: 'rebuild' | 'policy',
  ) => {
    for (const { action, version } of next) {
      const { code, runtime: node, dependencies, secrets } = version;
      action.draft = { code, runtime: node, dependencies, secrets };
      action.versions = [...action.versions, version].slice(-ACTIONS.keptVersions);
      action.deployedVersionId = version.id;
      action.hasChanges = false;
      action.updated_at = version.created_at;
      origins.set(version.id, by);
    }
    const deployed = listDeployedActions(store);
    const warming = runtime.warm(deployed);
    await runtime.retain(new Set(deployed.map(({ versionId }) => versionId)));
    await warming;
  };

  const createVersion = (before: StoredVersion, change: Partial<StoredVersion>) => ({
    ...before,
    ...change,
    id: createUuid(),
    number: before.number + 1,
    created_at: new Date(now()).toISOString(),
  });

  return {
    current: () =>
      listOurs().map(({ action, version }) => ({
        action: action.name,
        number: version.number,
        at: version.created_at,
        by: origins.get(version.id) ?? 'deploy',
      })),
    swapCode: (codes) =>
      inTurn(async () => {
        const next = listOurs().flatMap(({ action, version }) => {
          const code = codes.get(action.name) ?? version.code;
          const isSame = code === version.code;
          return isSame ? [] : [{ action, version: createVersion(version, { code }) }];
        });
        if (next.length > 0) await swap(next, 'rebuild');
        return next.map(({ action }) => action.name);
      }),
    readPolicy: () => policyOf(listOurs()[0]?.version.secrets ?? []),
    writePolicy: (settings) =>
      inTurn(async () => {
        const at = new Date(now()).toISOString();
        const wanted = Object.entries(settings)
          .filter(([name, value]) => POLICY_NAMES.includes(name) && value.trim() !== '')
          .map(([name, value]) => ({ name, value, updated_at: at }));
        const next = listOurs().map(({ action, version }) => {
          const others = version.secrets.filter(({ name }) => !POLICY_NAMES.includes(name));
          const secrets = [...others, ...wanted];
          assertReadable(secrets);
          return { action, version: createVersion(version, { secrets }) };
        });
        await swap(next, 'policy');
      }),
    warmUp: () => runtime.warm(listDeployedActions(store)),
  };
}

function policyOf(secrets: StoredVersion['secrets']): Settings {
  return Object.fromEntries(
    secrets
      .filter(({ name }) => POLICY_NAMES.includes(name))
      .map(({ name, value }) => [name, value]),
  );
}

function assertReadable(secrets: StoredVersion['secrets']): void {
  try {
    parseSettings(Object.fromEntries(secrets.map(({ name, value }) => [name, value])));
  } catch (error) {
    if (error instanceof SettingsError) throw new UserError(error.message);
    throw error;
  }
}
