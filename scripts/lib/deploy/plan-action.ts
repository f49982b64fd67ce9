/** An Action of tenant.yaml beside the tenant's. Values in, values out. */
import { createHash } from 'node:crypto';
import type { ActionAsset } from '../tenant/assets.ts';
import { ABSENT, compare, type FieldChange, HIDDEN, list } from './compare.ts';
import type { PlanInput, ResourceChange } from './plan.ts';

/** Auth0 has two names for the runtime that it had before node22. */
const isSameRuntime = (one: string | undefined, other: string) =>
  one?.replace('-actions', '') === other.replace('-actions', '');

export function compareAction(
  { state, code, hasSameSecrets }: PlanInput,
  asset: ActionAsset,
): ResourceChange {
  const resource = `Action ${asset.name}`;
  const action = state.actions.find(({ name }) => name === asset.name);
  const names = asset.secrets.map(({ name }) => name).sort();
  const wanted = code.get(asset.name);
  const dependencies = (asset.dependencies ?? []).map(writeDependency);
  const deployed = action?.deployed_version;
  if (deployed === undefined) {
    const fields = [
      ...list('code', describeCode(wanted)),
      ...list('runtime', asset.runtime),
      ...(dependencies.length === 0 ? [] : list('dependencies', dependencies)),
      ...compareNames([], names),
    ];
    const never = { field: 'deployed', from: 'never', to: 'now' };
    return action === undefined
      ? { kind: 'action', resource, change: 'create', fields }
      : { kind: 'action', resource, change: 'update', fields: [never, ...fields] };
  }
  const fields: readonly FieldChange[] = [
    ...compareCode(deployed.code, wanted),
    ...(isSameRuntime(deployed.runtime, asset.runtime)
      ? []
      : compare('runtime', deployed.runtime, asset.runtime)),
    ...compare('dependencies', (deployed.dependencies ?? []).map(writeDependency), dependencies),
    ...compareNames((deployed.secrets ?? []).map(({ name }) => name).sort(), names),
    ...(hasSameSecrets ? [] : [{ field: 'secret values', from: HIDDEN, to: HIDDEN }]),
    ...(action?.all_changes_deployed === false
      ? [{ field: 'draft', from: 'saved in the dashboard, not deployed', to: 'overwritten' }]
      : []),
  ];
  return { kind: 'action', resource, change: fields.length === 0 ? 'none' : 'update', fields };
}

function compareCode(from: string | undefined, to: string | undefined): readonly FieldChange[] {
  if (from === to) return [];
  return [{ field: 'code', from: describeCode(from), to: describeCode(to) }];
}

/** The names of secrets: `A` and `a` are two. */
function compareNames(from: readonly string[], to: readonly string[]): readonly FieldChange[] {
  if (from.join() === to.join()) return [];
  const show = (names: readonly string[]) => (names.length === 0 ? ABSENT : names.join(', '));
  return [{ field: 'secrets', from: show(from), to: show(to) }];
}

function writeDependency({ name, version }: {
  readonly name?: string;
  readonly version?: string;
}): string {
  return `${name ?? ''}@${version ?? ''}`;
}

function describeCode(code: string | undefined): string {
  if (code === undefined) return ABSENT;
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 8);
  return `${hash}, ${(Buffer.byteLength(code) / 1_000).toFixed(1)} kB`;
}
