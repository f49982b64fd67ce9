/** The code, runtime, dependencies and secrets of an Action, as a caller sends them. */
import { CODE_BYTES, SECRETS } from '../action-runtime/limits.ts';
import type { ActionContent } from '../store.ts';
import { invalidBody } from './http.ts';
import { assertBody, type Body } from './validate.ts';

const MOST_DEPENDENCIES = 10;

/**
 * The draft that a create or an update leaves: what is not sent stays, and a list that is sent
 * replaces the one before. A secret without a value keeps the one it has.
 */
export function readContent(body: Body, before: ActionContent, nowIso: string): ActionContent {
  const { code = before.code, runtime = before.runtime } = body;
  const { dependencies = before.dependencies, secrets } = body;
  if (typeof code !== 'string') throw invalidBody('Expected type string', 'code');
  if (Buffer.byteLength(code) > CODE_BYTES) throw invalidBody('String is too long', 'code');
  if (typeof runtime !== 'string') throw invalidBody('Expected type string', 'runtime');
  if (!Array.isArray(dependencies) || dependencies.length > MOST_DEPENDENCIES) {
    throw invalidBody('Array is too long', 'dependencies');
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
    throw invalidBody('Array is too long', 'secrets');
  }
  return secrets.map((secret: unknown) => {
    const { name, value: sent } = assertBody(secret, ['name', 'value', 'updated_at']);
    if (typeof name !== 'string' || name === '' || name.length > SECRETS.nameLength) {
      throw invalidBody('String does not match', 'secrets.name');
    }
    const known = before.secrets.find((candidate) => candidate.name === name);
    if (sent === undefined && known !== undefined) return known;
    if (typeof sent !== 'string' || sent === '' || sent.length > SECRETS.valueLength) {
      throw invalidBody('String does not match', 'secrets.value');
    }
    return { name, value: sent, updated_at: nowIso };
  });
}

/**
 * Whether a deploy would change nothing. A secret that was sent again counts as changed: nobody can
 * see that its value is the same.
 */
export function isSameContent(draft: ActionContent, deployed: ActionContent | undefined): boolean {
  const { code, runtime, dependencies, secrets } = deployed ?? {};
  return JSON.stringify(pick(draft)) === JSON.stringify({ code, runtime, dependencies, secrets });
}

function pick({ code, runtime, dependencies, secrets }: ActionContent): ActionContent {
  return { code, runtime, dependencies, secrets };
}
