/**
 * A local tenant with two applications, an API and the shipped Actions, for tests of what an
 * application sees: no deploy, and everything else as `npm run dev` has it.
 */
import { readFile } from 'node:fs/promises';
import {
  addUser,
  addWorkspace,
  type BitbucketUser,
  createWorld,
  setStanding,
} from '#scripts/local/bitbucket/world.ts';
import { type Browser, createBrowser } from '#scripts/local/stage/browser.ts';
import { connectBitbucket } from '#scripts/local/stage/connect-bitbucket.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { addAction } from '#scripts/local/stage/tenant-contents.ts';

export const API = 'https://api.example.com';
export const SPA = 'local-spa';
export const WEB = 'local-web';
export const WEB_SECRET = 'a-secret-of-the-web-application';

const DIST = new URL('../../dist/', import.meta.url);
const ACTIONS = ['bitbucket-email-verification', 'bitbucket-workspace-membership'];

export interface ApplicationTenant extends Sandbox {
  /** `https://localhost:<port>/` */
  readonly issuer: string;
  /** Member of acme, who gets in. */
  readonly max: BitbucketUser;
  /** Another one. */
  readonly mia: BitbucketUser;
  /** Owner of another workspace, who does not. */
  readonly nora: BitbucketUser;
}

/** Both applications live at `origins`: callbacks, logout URLs and web origins are there. */
export async function startApplicationTenant(
  ...origins: readonly string[]
): Promise<ApplicationTenant> {
  const world = createWorld();
  const acme = addWorkspace(world, 'acme', 'Acme');
  const elsewhere = addWorkspace(world, 'elsewhere', 'Elsewhere');
  const max = addUser(world, 'max', [{ email: 'max@example.com' }], 'Max');
  setStanding(world, max, acme, 'member');
  const mia = addUser(world, 'mia', [{ email: 'mia@example.com' }], 'Mia');
  setStanding(world, mia, acme, 'member');
  const nora = addUser(world, 'nora', [{ email: 'nora@example.com' }], 'Nora');
  setStanding(world, nora, elsewhere, 'owner');
  const addresses = {
    callbacks: origins.flatMap((origin) => [origin, `${origin}/`, `${origin}/callback`]),
    logoutUrls: origins.flatMap((origin) => [origin, `${origin}/`]),
    webOrigins: origins,
  };
  const sandbox = await startSandbox({
    world,
    consumerWorkspace: acme,
    applications: [
      { clientId: SPA, name: 'Local SPA', ...addresses },
      { clientId: WEB, name: 'Local web application', clientSecret: WEB_SECRET, ...addresses },
    ],
    apis: [{ identifier: API, scopes: ['read:reports', 'write:reports'] }],
    policy: { ALLOWED_WORKSPACES: 'acme' },
  });
  const { store, origin } = sandbox.tenant;
  const secrets = { ...connectBitbucket(sandbox, SPA), ALLOWED_WORKSPACES: 'acme' };
  for (const enabled of store.enabledClients.values()) enabled.add(WEB);
  for (const name of ACTIONS) {
    const code = await readFile(new URL(`${name}.cjs`, DIST), 'utf8');
    addAction(store, name, { isBound: true, code, secrets });
  }
  return { ...sandbox, issuer: `${origin}/`, max, mia, nora };
}

export function browserOf(person: BitbucketUser): Browser {
  return createBrowser({ userUuid: person.uuid });
}
