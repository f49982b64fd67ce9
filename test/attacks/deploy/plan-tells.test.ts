/** What a plan says, where tenant.yaml is not as it was shipped: neither too much nor too little. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { hasChanges } from '#scripts/lib/deploy/plan.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { renderPlan, renderPlanAsJson } from '#scripts/lib/deploy/show-plan.ts';
import { readTenantFile } from '#scripts/lib/deploy/tenant-file.ts';
import type { TenantAssets } from '#scripts/lib/tenant/assets.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';
import { startTenant } from '#test/support/deploy-scenes.ts';
import { importHere } from '#test/support/import-here.ts';

let sandbox: Sandbox;
let file: TenantAssets;
beforeAll(async () => {
  sandbox = await startTenant();
  file = await readTenantFile();
});
afterAll(() => sandbox?.close());

test('of a file without the Action that knows workspaces says that nothing checks them', async () => {
  const isKept = (name: string) => name === 'bitbucket-email-verification';
  const prepared = await prepare(sandbox.environment, {
    ...file,
    actions: file.actions.filter(({ name }) => isKept(name)),
    triggers: {
      'post-login': file.triggers['post-login'].filter((one) => isKept(one.action_name)),
    },
  });
  const text = renderPlan(prepared);
  expect(text).toContain('whoever is in the workspace acme');
  expect(text).toContain(
    'tenant.yaml has no Action of dist/bitbucket-workspace-membership.cjs: what that one checks of the policy above, nothing checks.',
  );
  const whole = await prepare(sandbox.environment, file);
  expect(whole.warnings.join()).not.toContain('nothing checks');
});

describe('a secret that tenant.yaml puts into an application or another connection', () => {
  const value = 'p"4-of-a-database';
  const withSecret = (): TenantAssets => ({
    ...file,
    clients: file.clients.map((one) => ({
      ...{ ...one, client_metadata: { billing: '##BILLING_TOKEN##' } },
    })),
    connections: [
      ...file.connections,
      {
        name: 'legacy',
        strategy: 'auth0',
        options: { configuration: { DATABASE: 'postgres://x:##DB_PASSWORD##@db' } },
      },
    ],
  });

  test('is shown by no plan', async () => {
    const env = { ...sandbox.environment, BILLING_TOKEN: value, DB_PASSWORD: value };
    const prepared = await prepare(env, withSecret());
    for (const text of [renderPlan(prepared), renderPlanAsJson(prepared)]) {
      expect(text).not.toContain('4-of-a-database');
      expect(text).toContain('(hidden)');
    }
  });
});

test.fails('of a file with credentials of its own for the Actions ends without changes', {
  timeout: 30_000,
}, async () => {
  // There is no application to leave the mark of the secrets with: they are written each time.
  const literal = { MANAGEMENT_CLIENT_ID: 'own-client', MANAGEMENT_CLIENT_SECRET: 'own-secret' };
  const own: TenantAssets = {
    ...file,
    clients: [],
    clientGrants: [],
    actions: file.actions.map((action) => ({
      ...action,
      secrets: action.secrets.map(({ name, value }) => ({
        name,
        value: literal[name as keyof typeof literal] ?? value,
      })),
    })),
  };
  await deployToTenant(await prepare(sandbox.environment, own), importHere);
  const { changes } = await prepare(sandbox.environment, own);
  expect(hasChanges(changes)).toBe(false);
});
