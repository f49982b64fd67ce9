/** What is kept is written whole, so a login may not write it more often than somebody relies on it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { connectBitbucket } from '#scripts/local/stage/connect-bitbucket.ts';
import { type Sandbox, startSandbox } from '#scripts/local/stage/sandbox.ts';
import { createMemory, type TenantMemory } from '#scripts/local/tenant/memory.ts';
import { signInTo } from '#test/support/sign-in-to.ts';

const CALLBACK = 'com.example.app:/in';
let memory: TenantMemory;
let sandbox: Sandbox;
let writes = 0;
/** By the kinds of what was there at the last write that was waited for. */
let kept: readonly string[] = [];

beforeAll(async () => {
  const changed = async () => {
    writes += 1;
    kept = [...memory.payloads.keys()];
  };
  memory = { ...(await createMemory()), changed };
  const world = createWorld();
  sandbox = await startSandbox({
    world,
    consumerWorkspace: addWorkspace(world, 'acme'),
    applications: [{ clientId: 'app', name: 'App', callbacks: [CALLBACK], isNative: true }],
    policy: {},
    pace: { memory },
  });
  connectBitbucket(sandbox, 'app');
});
afterAll(() => sandbox.close());

test('a login writes what was given, and that alone', async () => {
  const { uuid } = addUser(sandbox.bitbucket.world, 'olivia', [{ email: 'o@example.com' }]);
  const browser = createBrowser({ userUuid: uuid });
  const scope = 'openid offline_access';
  const { origin } = sandbox.tenant;
  const tokens = await signInTo(origin, browser, CALLBACK, { client_id: 'app', scope });
  expect(writes).toBeLessThanOrEqual(6);
  // What the application and the browser were given is among it.
  expect(kept).toContain(`RefreshToken ${tokens.refresh_token}`);
  expect(kept).toContain(`AccessToken ${tokens.access_token}`);
  expect(kept.filter((key) => key.startsWith('Session '))).toHaveLength(1);
  expect(kept.filter((key) => key.startsWith('Grant '))).toHaveLength(1);
});
