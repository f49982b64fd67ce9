/** Back to how it was when it started: for the page, and for the next test of another project. */
import type { Sandbox } from '../stage/sandbox.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Versions } from './builds/versions.ts';
import type { KeptState } from './kept/state-file.ts';

/** What a tenant had after the deploy. Of its Actions, which they were: their code may be rebuilt. */
export type Snapshot = Omit<TenantStore, 'users'>;

export function takeSnapshot({ users: _, ...store }: TenantStore): Snapshot {
  return structuredClone(store);
}

export interface ResetOptions {
  readonly sandbox: Sandbox;
  readonly state: KeptState;
  readonly versions: Versions;
  readonly snapshot: Snapshot;
  /** The policy of the world file. */
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: { aheadMs: number };
  /** Makes the world what its file says. */
  fill(): void;
}

/** Keys stay, and with them JWKS; every session, token and user is gone. */
export function createReset(options: ResetOptions): () => Promise<void> {
  const { sandbox, state, versions, snapshot, settings, clock, fill } = options;
  const { tenant, bitbucket } = sandbox;
  return async () => {
    fill();
    clock.aheadMs = 0;
    for (const { faults } of [tenant, bitbucket]) faults.clear();
    for (const kept of [...Object.values(state.tenant), ...Object.values(state.bitbucket)]) {
      if (kept instanceof Map) kept.clear();
    }
    restore(tenant.store, snapshot);
    tenant.runtime.clearCache();
    if (!isSame(versions.readPolicy(), settings)) await versions.writePolicy(settings);
    for (const server of [tenant, bitbucket]) server.clearCalls();
    tenant.history.clear();
    await state.save();
  };
}

function restore(store: TenantStore, snapshot: Snapshot): void {
  const { actions, bindings, settings, ...maps } = structuredClone(snapshot);
  for (const [name, kept] of Object.entries(maps)) {
    const map = store[name as keyof typeof maps] as Map<string, unknown>;
    map.clear();
    for (const [key, value] of kept) map.set(key, value);
  }
  Object.assign(store.settings, settings);
  // Versions that are newer than the deploy stay: they are what the source says now.
  for (const id of store.actions.keys()) if (!actions.has(id)) store.actions.delete(id);
  for (const [id, action] of actions) if (!store.actions.has(id)) store.actions.set(id, action);
  store.bindings = bindings;
}

function isSame(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const toText = (settings: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(settings).sort());
  return toText(one) === toText(other);
}
