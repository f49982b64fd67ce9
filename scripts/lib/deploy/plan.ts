/**
 * What a deploy would change: what tenant.yaml declares beside what the tenant has, field by field.
 * The same comparison, after the deploy, is the proof that it arrived. Values in, values out.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ActionAsset, TenantAssets } from '../tenant/assets.ts';
import type { TenantState } from '../tenant/tenant-state.ts';

export interface FieldChange {
  readonly field: string;
  /** For people: short, and `(hidden)` for a secret. */
  readonly from: string;
  readonly to: string;
}

export interface ResourceChange {
  readonly resource: string;
  readonly change: 'create' | 'update' | 'none';
  readonly fields: readonly FieldChange[];
}

export interface PlanInput {
  /** Filled in, and merged with what the tenant has. */
  readonly assets: TenantAssets;
  readonly state: TenantState;
  /** The code of each Action, by its name. */
  readonly code: ReadonlyMap<string, string>;
  /** The secrets in the tenant are known to be those of `assets`. */
  readonly hasSameSecrets: boolean;
}

const HIDDEN = '(hidden)';
const ABSENT = '(none)';

export function planChanges(input: PlanInput): readonly ResourceChange[] {
  return [
    compareConnection(input),
    compareClient(input),
    ...compareGrants(input),
    ...input.assets.actions.map((action) => compareAction(input, action)),
    compareBindings(input),
  ];
}

export function hasChanges(changes: readonly ResourceChange[]): boolean {
  return changes.some(({ change }) => change !== 'none');
}

function compareConnection({ assets, state, hasSameSecrets }: PlanInput): ResourceChange {
  const [asset] = assets.connections;
  const resource = `Connection ${asset?.name ?? ''}`;
  if (asset === undefined || state.connection === undefined) return created(resource);
  const options = state.connection.options ?? {};
  const fields = Object.entries(asset.options).flatMap(([name, value]): FieldChange[] => {
    const field = `options.${name}`;
    if (name === 'client_secret') {
      const isSame = options[name] === undefined ? hasSameSecrets : options[name] === value;
      return isSame ? [] : [{ field, from: HIDDEN, to: HIDDEN }];
    }
    return compare(field, options[name], value);
  });
  const added = (asset.enabled_clients ?? []).filter((id) => !state.enabledClients.includes(id));
  const nameOf = (id: string) =>
    state.clients.find((client) => client.client_id === id)?.name ?? id;
  const enabled = added.map((id) => ({ field: 'enabled for', from: ABSENT, to: nameOf(id) }));
  return updated(resource, [...fields, ...enabled]);
}

function compareClient({ assets, state }: PlanInput): ResourceChange {
  const [asset] = assets.clients;
  const resource = `Application ${asset?.name ?? ''}`;
  const { machineClient } = state;
  if (asset === undefined || machineClient === undefined) return created(resource);
  const fields = Object.entries(asset).flatMap(([name, value]) =>
    compare(name, pickDeclared(machineClient[name], value), value),
  );
  return updated(resource, fields);
}

function compareGrants({ assets, state }: PlanInput): readonly ResourceChange[] {
  return assets.clientGrants.map((asset) => {
    const resource = `Grant for ${asset.audience}`;
    const grant = state.grants.find(({ audience }) => audience === asset.audience);
    if (grant === undefined) return created(resource);
    return updated(resource, compare('scope', [...grant.scope].sort(), [...asset.scope].sort()));
  });
}

function compareAction(
  { state, code, hasSameSecrets }: PlanInput,
  asset: ActionAsset,
): ResourceChange {
  const resource = `Action ${asset.name}`;
  const action = state.actions.find(({ name }) => name === asset.name);
  if (action === undefined) return created(resource);
  const deployed = action.deployed_version;
  if (deployed === undefined) {
    return updated(resource, [{ field: 'deployed', from: 'never', to: 'now' }]);
  }
  const wanted = asset.secrets.map(({ name }) => name).sort();
  const names = (deployed.secrets ?? []).map(({ name }) => name).sort();
  const fields = [
    ...(deployed.code === code.get(asset.name)
      ? []
      : [
          {
            field: 'code',
            from: describeCode(deployed.code),
            to: describeCode(code.get(asset.name)),
          },
        ]),
    ...compare('runtime', deployed.runtime, asset.runtime),
    ...compare('secrets', names, wanted),
    ...(hasSameSecrets ? [] : [{ field: 'secret values', from: HIDDEN, to: HIDDEN }]),
    ...(action.all_changes_deployed === false
      ? [{ field: 'draft', from: 'saved in the dashboard, not deployed', to: 'overwritten' }]
      : []),
  ];
  return updated(resource, fields);
}

function compareBindings({ assets, state }: PlanInput): ResourceChange {
  const bound = state.bindings.map(({ action }) => action.name);
  const wanted = assets.triggers['post-login'].map((binding) => binding.action_name);
  return updated('Login flow', compare('order', bound, wanted));
}

function created(resource: string): ResourceChange {
  return { resource, change: 'create', fields: [] };
}

function updated(resource: string, fields: readonly FieldChange[]): ResourceChange {
  return { resource, change: fields.length === 0 ? 'none' : 'update', fields };
}

function compare(field: string, from: unknown, to: unknown): FieldChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  return [{ field, from: describe(from), to: describe(to) }];
}

/** Of an object only what is declared is ours to compare. */
function pickDeclared(actual: unknown, declared: unknown): unknown {
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared)) return actual;
  if (typeof actual !== 'object' || actual === null) return actual;
  return Object.fromEntries(
    Object.keys(declared).map((key) => [key, (actual as Record<string, unknown>)[key]]),
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return ABSENT;
  if (Array.isArray(value)) return value.length === 0 ? ABSENT : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeCode(code: string | undefined): string {
  if (code === undefined) return ABSENT;
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 8);
  return `${hash}, ${(Buffer.byteLength(code) / 1_000).toFixed(1)} kB`;
}
