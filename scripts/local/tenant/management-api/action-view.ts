/**
 * An Action and its versions as they are shown, field by field as recorded: a secret's value never
 * is, and what there is none of yet is left out.
 */
import {
  type ActionContent,
  deployedVersionOf,
  type StoredAction,
  type StoredVersion,
} from '../store.ts';

/** Auth0 builds a draft after every change; only what is built can be deployed. */
export function isBuilt(action: StoredAction, now: Date): boolean {
  return (action.builtAtMs ?? 0) <= now.getTime();
}

/** The draft, and what is deployed beside it. */
export function showAction(action: StoredAction, now: Date): object {
  return show(action, isBuilt(action, now) ? 'built' : 'building');
}

/** As a create or an update answers: the build has not begun. */
export function showSaved(action: StoredAction): object {
  return show(action, 'pending');
}

function show(action: StoredAction, status: string): object {
  return {
    ...showHead(action),
    ...showContent(action.draft),
    status,
    ...showDeployed(action),
    all_changes_deployed: isAllDeployed(action),
  };
}

/** In a binding: without the draft, and never said to be deployed as it is. */
export function showBoundAction(action: StoredAction): object {
  return { ...showHead(action), ...showDeployed(action), all_changes_deployed: false };
}

/** As a deploy answers: the version is made, and not yet said to be deployed. */
export function showNewVersion(action: StoredAction, version: StoredVersion): object {
  const { built_at: _, ...fields } = showVersion(action, version);
  const owner = { ...showHead(action), all_changes_deployed: false };
  return { ...fields, deployed: false, action: owner };
}

export function showListedVersion(action: StoredAction, version: StoredVersion): object {
  const owner = { ...showHead(action), all_changes_deployed: isAllDeployed(action) };
  return { ...showVersion(action, version), action: owner };
}

function showHead(action: StoredAction): object {
  const { id, name, supported_triggers, created_at, updated_at } = action;
  return { id, name, supported_triggers, created_at, updated_at };
}

function showDeployed(action: StoredAction): object {
  const deployed = deployedVersionOf(action);
  if (deployed === undefined) return {};
  const { id, code, runtime, number, created_at } = deployed;
  const times = { build_time: created_at, created_at, updated_at: created_at };
  return {
    current_version: { id, code, runtime, status: 'BUILT', number, ...times },
    deployed_version: showVersion(action, deployed),
  };
}

function showVersion(action: StoredAction, version: StoredVersion) {
  const { id, number, supported_triggers, created_at } = version;
  return {
    ...showContent(version),
    id,
    deployed: id === action.deployedVersionId,
    number,
    built_at: created_at,
    status: 'built',
    created_at,
    updated_at: created_at,
    supported_triggers,
  };
}

function showContent({ code, runtime, dependencies, secrets }: ActionContent): object {
  const names = secrets.map(({ name, updated_at }) => ({ name, updated_at }));
  return { code, runtime, dependencies, secrets: names };
}

function isAllDeployed(action: StoredAction): boolean {
  return deployedVersionOf(action) !== undefined && !action.hasChanges;
}
