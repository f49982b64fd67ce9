/**
 * Values that nobody filled in: what a template, a CI system or a shell leaves when the variable
 * behind it is missing. Values in, names out; a value is never repeated.
 */
import { type Environment, VARIABLES } from './variables.ts';

/** The whole value is a reference to something else. */
const REFERENCE = [
  /^\$[A-Z_][A-Z0-9_]*$/, // a shell's, and what Bitbucket Pipelines leaves
  /^\$\{[^{}]*\}$/,
  /^\$\{\{.*\}\}$/s, // GitHub
  /^\$\([^()]*\)$/, // Azure Pipelines
  /^\{\{.*\}\}$/s,
  /^%[A-Za-z_]\w*%$/, // Windows
  /^##\w+##$/, // auth0-deploy-cli
  /^@@\w+@@$/,
  /^__[A-Z][A-Z0-9_]*__$/,
  /^<[^<>]*>$/,
];

/** The same inside a longer value. Names and secrets may hold such signs: others cannot. */
const REFERENCE_INSIDE = /\$\{|\$\([A-Za-z]|\{\{|##\w+##|@@\w+@@|\$[A-Z_]{2}/;
const MAY_HOLD_ANYTHING = new Set(['AUTH0_ENABLED_CLIENTS', 'AUTH0_CLIENT_SIGNING_KEY_PATH']);

const TO_BE_FILLED_IN =
  /^(?:your[-_ ].*|x{3,}|\*{3,}|\.{3}|…|todo|tbd|change[-_ ]?me|replace[-_ ]?me|undefined|null|none|\[object object\])$/i;
/** A workspace or an application can be called `your-voice`, and a workspace `null`. */
const IS_A_NAME = new Set(['ALLOWED_WORKSPACES', 'ROLES', 'AUTH0_ENABLED_CLIENTS']);
const OF_A_LIST = /^(?:your[-_ ]?workspace(?:[-_ ]slug)?|\*{3,}|\.{3}|…|undefined)$/i;

/** The names of ours whose value stands for another one, in the order of `.env.example`. */
export function findPlaceholders(env: Environment): readonly string[] {
  return VARIABLES.filter((variable) => {
    const value = env[variable.name]?.trim() ?? '';
    if (value === '') return false;
    const sameName = new RegExp(`^\\$\\{?${variable.name}\\}?$`, 'i');
    if (sameName.test(value) || REFERENCE.some((pattern) => pattern.test(value))) return true;
    const filler = IS_A_NAME.has(variable.name) ? OF_A_LIST : TO_BE_FILLED_IN;
    if (filler.test(value)) return true;
    if (variable.isSecret || MAY_HOLD_ANYTHING.has(variable.name)) return false;
    return REFERENCE_INSIDE.test(value);
  }).map(({ name }) => name);
}
