/** The code, runtime, dependencies and secrets of an Action, as a caller sends and sees them. */

import { CODE_BYTES, SECRETS } from '../action-runtime/limits.ts';
import type { ActionContent, StoredAction, StoredVersion } from '../store.ts';
import { deployedVersionOf } from '../store.ts';
import { invalidBody } from './http.ts';
import { assertBody, type Body } from './validate.ts';

/** The draft that a create or an update leaves. A secret without a value keeps the one it has. */
export function readContent(body: Body, before: ActionContent, nowIso: string): ActionContent {
  const { code = before.code, runtime = before.runtime } = body;
  const { dependencies = before.dependencies, secrets } = body;
  if (typeof code !== 'string') throw invalidBody('Expected type string on property code');
  if (Buffer.byteLength(code) > CODE_BYTES)
    throw invalidBody('String is too long on property code');
  if (typeof runtime !== 'string') throw invalidBody('Expected type string on property runtime');
  if (!Array.isArray(dependencies) || dependencies.length > 10) {
    throw invalidBody('Array is too long on property dependencies');
  }
  return {
    code,
    runtime,
    dependencies,
    secrets: secrets === undefined ? before.secrets : readSecrets(secrets, before, nowIso),
  };
}

function readSecrets(
  secrets: unknown,
  before: ActionContent,
  nowIso: string,
): ActionContent['secrets'] {
  if (!Array.isArray(secrets) || secrets.length > SECRETS.count) {
    throw invalidBody('Array is too long on property secrets');
  }
  return secrets.map((secret: unknown) => {
    const { name, value: sent } = assertBody(secret, ['name', 'value', 'updated_at']);
    if (typeof name !== 'string' || name === '' || name.length > SECRETS.nameLength) {
      throw invalidBody('String does not match on property secrets.name');
    }
    const known = before.secrets.find((candidate) => candidate.name === name);
    if (sent === undefined && known !== undefined) return known;
    if (typeof sent !== 'string' || sent === '' || sent.length > SECRETS.valueLength) {
      throw invalidBody('String does not match on property secrets.value');
    }
    return { name, value: sent, updated_at: nowIso };
  });
}

/** Auth0 builds a draft after every change; only what is built can be deployed. */
export function isBuilt(action: StoredAction, now: Date): boolean {
  return (action.builtAtMs ?? 0) <= now.getTime();
}

/** An Action as it is shown: a secret's value never is. */
export function showAction(action: StoredAction, now: Date): object {
  const deployed = deployedVersionOf(action);
  return {
    id: action.id,
    name: action.name,
    supported_triggers: action.supported_triggers,
    created_at: action.created_at,
    updated_at: action.updated_at,
    ...showContent(action.draft),
    status: isBuilt(action, now) ? 'built' : 'pending',
    all_changes_deployed: deployed !== undefined && !action.hasChanges,
    ...(deployed === undefined ? {} : { deployed_version: showVersion(action, deployed) }),
  };
}

export function showVersion(action: StoredAction, version: StoredVersion): object {
  return {
    id: version.id,
    action_id: action.id,
    number: version.number,
    ...showContent(version),
    status: 'built',
    deployed: version.id === action.deployedVersionId,
    built_at: version.created_at,
    created_at: version.created_at,
    updated_at: version.created_at,
  };
}

function showContent({ code, runtime, dependencies, secrets }: ActionContent): object {
  const names = secrets.map(({ name, updated_at }) => ({ name, updated_at }));
  return { code, runtime, dependencies, secrets: names };
}
