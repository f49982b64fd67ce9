/** Tenants to deploy to, and the question that every test of an interruption asks. */
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { deployedVersionOf } from '#scripts/local/tenant/store.ts';

export const OURS = ['bitbucket-email-verification', 'bitbucket-workspace-membership'];

/** A tenant that another team uses too, and a deploy to it that nothing is in the way of. */
export async function startTenant(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const world = createWorld();
  const sandbox = await startSandbox({
    world,
    consumerWorkspace: addWorkspace(world, 'acme'),
    applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
    pace: { actionBuildMs: 0 },
    ...options,
    policy: {
      CLAIM_NAMESPACE: 'https://example.com/bitbucket',
      ALLOWED_WORKSPACES: 'acme',
      ...options.policy,
    },
  });
  addAction(sandbox.tenant.store, 'marketing', { isBound: true });
  return sandbox;
}

export interface Door {
  /** For how many applications each Bitbucket connection is on, all together. */
  readonly enabled: number;
  /** Every Action of ours is bound, and what is bound of it is deployed. */
  readonly isGated: boolean;
}

/** As the tenant itself has it, not as it shows it. */
export function lookAtDoor({ tenant: { store } }: Sandbox): Door {
  const connections = [...store.connections.values()].filter(
    ({ strategy }) => strategy === 'bitbucket',
  );
  const bound = store.bindings.map(({ actionId }) => store.actions.get(actionId));
  return {
    enabled: connections.flatMap(({ id }) => [...(store.enabledClients.get(id) ?? [])]).length,
    isGated: OURS.every((name) => {
      const action = bound.find((candidate) => candidate?.name === name);
      return action !== undefined && deployedVersionOf(action) !== undefined;
    }),
  };
}

/** Nobody gets in whom nothing checks. */
export function isSafe(sandbox: Sandbox): boolean {
  const { enabled, isGated } = lookAtDoor(sandbox);
  return enabled === 0 || isGated;
}

/** The requests that changed something, or tried to; asking for a token does not. */
export function writesOf({ tenant }: Sandbox): readonly string[] {
  return tenant.calls
    .filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token')
    .map(({ method, path }) => `${method} ${path.replace('/api/v2/', '')}`);
}

/** What a plan says is left to do. */
export async function leftToDo(sandbox: Sandbox): Promise<readonly string[]> {
  const { changes } = await prepare(sandbox.environment);
  return changes.filter(({ change }) => change !== 'none').map(({ resource }) => resource);
}

/** Does `work` for each, so many at a time. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const runOne = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, runOne));
}
