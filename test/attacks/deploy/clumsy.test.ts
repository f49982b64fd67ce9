/** What a hurried engineer does to tenant.yaml and to the CI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assertUnchanged } from '#scripts/lib/deploy/unchanged.ts';
import { checkGate } from '#scripts/lib/doctor/gate.ts';
import { ROOT } from '#scripts/lib/root.ts';
import type { TenantState } from '#scripts/lib/tenant/tenant-state.ts';

describe('the doctor, where tenant.yaml has no Action of ours', () => {
  const nothing = { ours: [], actions: [], bindings: [] };

  test.each([[1], [undefined]])('and the connection is on for %j, sees a problem', (openFor) => {
    expect(checkGate(nothing, openFor)).toMatchObject([{ level: 'problem' }]);
  });

  test('and the connection is on for nobody, sees none', () => {
    expect(checkGate(nothing, 0)).toEqual([]);
  });
});

test('by hand nobody deploys to an environment whose approval does not exist', () => {
  const text = readFileSync(join(ROOT, '.github/workflows/deploy.yml'), 'utf8');
  const { jobs } = parse(text) as { jobs: Record<string, { if: string }> };
  expect(jobs['by-hand']?.if).toContain(
    `contains(fromJSON(vars.TENANTS || '["production"]'), inputs.tenant)`,
  );
});

test('a list of applications in another order is no change of the tenant', () => {
  const state = (...enabledClients: string[]): TenantState => ({
    ...{ clients: [], applications: [], machineClient: undefined, grants: [], allActions: [] },
    ...{ actions: [], bindings: [] },
    connections: [
      {
        connection: {
          id: 'con_1',
          name: 'b',
          strategy: 'bitbucket',
          enabled_clients: enabledClients,
        },
        enabledClients,
      },
    ],
  });
  expect(() => assertUnchanged(state('one', 'two'), state('two', 'one'))).not.toThrow();
  expect(() => assertUnchanged(state('one'), state('two'))).toThrow('changed after the plan');
});
