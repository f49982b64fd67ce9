/**
 * What a plan does not show: a secret that tenant.yaml puts where nobody expects one, in the metadata
 * of an application, say, or in the settings of another strategy. Values in, values out.
 */
import { type Environment, VARIABLES } from '../cli/variables.ts';
import { ABSENT, type FieldChange, HIDDEN } from './compare.ts';
import type { ResourceChange } from './plan.ts';

/** By the name of the variable; the field has any name. */
const IS_SECRET = /SECRET|PASS|TOKEN|KEY|PRIVATE|CREDENTIAL|CERT|_URI$|_URL$|DSN/;
const OPEN = VARIABLES.filter(({ isSecret }) => !isSecret).map(({ name }) => name);

/** @param names those that stand in tenant.yaml, anywhere but in the secrets of Actions. */
export function hideFilledIn(
  changes: readonly ResourceChange[],
  names: readonly string[],
  env: Environment,
): readonly ResourceChange[] {
  const secrets = names
    .filter((name) => IS_SECRET.test(name) && !OPEN.includes(name))
    .map((name) => env[name] ?? '')
    .filter((value) => value !== '')
    // As it stands in a text, and as it stands in an object.
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  const hide = (change: FieldChange): FieldChange => {
    if (!secrets.some((secret) => change.to.includes(secret))) return change;
    // What it was before was a secret too.
    return { ...change, from: change.from === ABSENT ? ABSENT : HIDDEN, to: HIDDEN };
  };
  return changes.map((change) => ({ ...change, fields: change.fields.map(hide) }));
}
