/** What a plan is: types, and the question whether there is anything to do. */
import type { TenantAssets } from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import type { FieldChange } from './compare.ts';

export interface ResourceChange {
  readonly kind: 'connection' | 'application' | 'grant' | 'action' | 'flow';
  readonly resource: string;
  readonly change: 'create' | 'update' | 'none';
  /** Of what is to be made, every field. */
  readonly fields: readonly FieldChange[];
}

/** The field of a connection that is written last, when the Actions stand before it. */
export const ENABLED_FOR = 'enabled for';

export interface PlanInput {
  /** Filled in, and merged with what the tenant has. */
  readonly assets: TenantAssets;
  readonly state: TenantState;
  /** The code of each Action, by its name. */
  readonly code: ReadonlyMap<string, string>;
  /** The secrets in the tenant are known to be those of `assets`. */
  readonly hasSameSecrets: boolean;
}

export function hasChanges(changes: readonly ResourceChange[]): boolean {
  return changes.some(({ change }) => change !== 'none');
}
