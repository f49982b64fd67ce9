/** The page over a sandbox with the shipped Actions, put there without a deploy. */
import { readFile } from 'node:fs/promises';
import { bundlePathOf, listActionNames } from '#scripts/lib/build/actions.ts';
import { addRepository, grant } from '#scripts/local/bitbucket/repositories.ts';
import {
  addUser,
  addWorkspace,
  type BitbucketUser,
  createWorld,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { createPage } from '#scripts/local/dev/page/page.ts';
import type { BuildState, PagePorts } from '#scripts/local/dev/page/ports.ts';
import { connectBitbucket } from '#scripts/local/stage/connect-bitbucket.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';
import { deployedVersionOf } from '#scripts/local/tenant/store.ts';

export interface StartedPage {
  readonly sandbox: Sandbox;
  readonly origin: string;
  readonly people: Readonly<Record<'olivia' | 'nora' | 'uma' | 'mallory', BitbucketUser>>;
  /** What the page shows of builds. */
  build: BuildState;
  readonly resets: number;
  policy(): Readonly<Record<string, string>>;
  /** What is set up here; people and policy stay as they are. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** A name that would be a script, were it not escaped. */
export const HOSTILE_NAME = '<script>alert(1)</script>"\'&';
export const WEB_SECRET = 'the-secret-of-the-web-application';
export const APPLICATION_CALLBACK = 'http://localhost:3000/callback';

const POLICY = {
  CLAIM_NAMESPACE: 'https://example.com/bitbucket',
  ALLOWED_WORKSPACES: 'acme, acme/infra:write',
  ROLES: 'admin=acme:owner',
};

export async function startPage(): Promise<StartedPage> {
  const world = createWorld();
  const acme = addWorkspace(world, 'acme');
  const elsewhere = addWorkspace(world, 'elsewhere');
  const infra = addRepository(world, acme, 'infra');
  const add = (name: string, isConfirmed = true, displayName = name) =>
    addUser(
      world,
      name.toLowerCase(),
      [{ email: `${name.toLowerCase()}@example.com`, is_confirmed: isConfirmed }],
      displayName,
    );
  const people = {
    olivia: add('Olivia'),
    nora: add('Nora'),
    uma: add('Uma', false),
    mallory: add('mallory', true, HOSTILE_NAME),
  };
  setStanding(world, people.olivia, acme, 'owner');
  setStanding(world, people.olivia, elsewhere, 'member');
  setStanding(world, people.nora, elsewhere, 'owner');
  setStanding(world, people.uma, acme, 'member');
  setStanding(world, people.mallory, acme, 'member');
  grant(world, people.nora, infra, 'read');

  let aheadMs = 0;
  const sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: [
      { clientId: 'local-spa', name: 'Local SPA', callbacks: [APPLICATION_CALLBACK] },
      {
        clientId: 'local-web',
        name: 'Local web',
        callbacks: [APPLICATION_CALLBACK],
        clientSecret: WEB_SECRET,
      },
    ],
    apis: [{ identifier: 'https://api.example.com' }],
    policy: POLICY,
    pace: { now: () => Date.now() + aheadMs },
  });
  const { tenant } = sandbox;
  let settings: Readonly<Record<string, string>> = POLICY;
  const connected = connectBitbucket(sandbox, 'local-spa');
  for (const name of await listActionNames()) {
    const code = await readFile(bundlePathOf(name), 'utf8');
    addAction(tenant.store, name, { isBound: true, code, secrets: { ...connected, ...settings } });
  }
  const started = {
    sandbox,
    origin: tenant.origin,
    people,
    build: {
      versions: [...tenant.store.actions.values()].map(({ name }) => ({
        action: name,
        number: 1,
        at: new Date().toISOString(),
        by: 'deploy' as const,
      })),
    } satisfies BuildState as BuildState,
    resets: 0,
    policy: () => settings,
    reset: async () => {
      started.resets += 1;
      aheadMs = 0;
      tenant.store.users.clear();
      tenant.history.clear();
    },
    close: () => sandbox.close(),
  };
  const ports: PagePorts = {
    sandbox,
    world,
    policy: {
      read: () => settings,
      write: async (written) => {
        settings = written;
        const secrets = Object.entries({ ...connected, ...written }).map(([name, value]) => ({
          name,
          value,
          updated_at: '',
        }));
        for (const action of tenant.store.actions.values()) {
          const version = deployedVersionOf(action);
          if (version === undefined) continue;
          const next = { ...version, id: crypto.randomUUID(), secrets };
          action.versions.push(next);
          action.deployedVersionId = next.id;
        }
      },
    },
    clock: {
      aheadMs: () => aheadMs,
      moveBy: (ms) => {
        aheadMs += ms;
      },
    },
    builds: { current: () => started.build },
    reset: () => started.reset(),
    exportWorld: () => 'people: []\n',
  };
  tenant.servePage(createPage(ports));
  return started;
}
