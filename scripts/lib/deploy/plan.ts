/**
 * What a deploy would change: what tenant.yaml declares beside what the tenant has, field by field,
 * every connection, application, grant, Action and binding in its own right. The same comparison,
 * after the deploy, is the proof that it arrived. Values in, values out.
 */
import type { ConnectionAsset, GrantAsset, TenantAssets } from '../tenant/assets.ts';
import { nameOfClient, type TenantState } from '../tenant/tenant-state.ts';
import { ABSENT, compare, compareOrder, type FieldChange, list } from './compare.ts';
import { findGrant } from './merge.ts';
import { compareAction } from './plan-action.ts';

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

export function planChanges(input: PlanInput): readonly ResourceChange[] {
  const { assets, state } = input;
  return [
    ...assets.connections.map((asset) => compareConnection(input, asset)),
    ...assets.clients.map((asset) => compareClient(state, asset)),
    ...assets.clientGrants.map((asset) => compareGrant(state, asset)),
    ...assets.actions.map((asset) => compareAction(input, asset)),
    compareBindings(input),
  ];
}

export function hasChanges(changes: readonly ResourceChange[]): boolean {
  return changes.some(({ change }) => change !== 'none');
}

function compareConnection(
  { state, hasSameSecrets }: PlanInput,
  asset: ConnectionAsset,
): ResourceChange {
  const resource = `Connection ${asset.name}`;
  const existing = state.connections.find(({ connection }) => connection.name === asset.name);
  const { name: _, options, enabled_clients: wanted = [], ...fields } = asset;
  const enabled = wanted
    .filter((id) => existing?.enabledClients.includes(id) !== true)
    .map((id) => ({ field: ENABLED_FOR, from: ABSENT, to: nameOfClient(state, id) }));
  if (existing === undefined) {
    return {
      ...{ kind: 'connection', resource, change: 'create' },
      fields: [
        ...Object.entries(fields).flatMap(([field, value]) => list(field, value)),
        ...Object.entries(options).flatMap(([field, value]) => list(`options.${field}`, value)),
        ...enabled,
      ],
    };
  }
  const { connection } = existing;
  const shown = connection.options ?? {};
  return updated('connection', resource, [
    ...Object.entries(fields).flatMap(([field, value]) => compare(field, connection[field], value)),
    ...Object.entries(options).flatMap(([field, value]) => {
      // A tenant that does not tell its secrets is believed as its Actions are.
      if (field === 'client_secret' && shown[field] === undefined && hasSameSecrets) return [];
      return compare(`options.${field}`, shown[field], value);
    }),
    ...enabled,
  ]);
}

function compareClient(state: TenantState, asset: TenantAssets['clients'][number]): ResourceChange {
  const resource = `Application ${asset.name}`;
  const application = state.applications.find(({ name }) => name === asset.name);
  const { name: _, ...fields } = asset;
  if (application === undefined) {
    const made = Object.entries(fields).flatMap(([field, value]) => list(field, value));
    return { kind: 'application', resource, change: 'create', fields: made };
  }
  return updated(
    'application',
    resource,
    Object.entries(fields).flatMap(([field, value]) => compare(field, application[field], value)),
  );
}

function compareGrant(state: TenantState, asset: GrantAsset): ResourceChange {
  const resource = `Grant of ${asset.client_id} for ${asset.audience}`;
  const grant = findGrant(asset, state);
  if (grant === undefined) {
    return { kind: 'grant', resource, change: 'create', fields: list('scope', asset.scope) };
  }
  if (grant.allow_all_scopes === true) {
    return updated('grant', resource, [{ field: 'scope', from: '(all)', to: asset.scope.join(', ') }]);
  }
  return updated('grant', resource, compare('scope', grant.scope, asset.scope));
}

function compareBindings({ assets, state }: PlanInput): ResourceChange {
  const bound = state.bindings.map(({ action }) => action.name);
  const wanted = assets.triggers['post-login'].map((binding) => binding.action_name);
  return updated('flow', 'Login flow', compareOrder('order', bound, wanted));
}

function updated(
  kind: ResourceChange['kind'],
  resource: string,
  fields: readonly FieldChange[],
): ResourceChange {
  return { kind, resource, change: fields.length === 0 ? 'none' : 'update', fields };
}

