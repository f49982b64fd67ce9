/**
 * auth0-deploy-cli compiles the schema of every resource type that it knows, twice, at each import:
 * 20 s and 2 GB, nearly all of it for `prompts`. Without the types that are not imported it takes
 * 2 s and 160 MB, and those that are imported are still validated. No option of it does this: the
 * schema is a module of its package, which has no `exports`, so that it can be reached.
 */
import { createRequire } from 'node:module';

const SCHEMA = 'auth0-deploy-cli/lib/tools/auth0/schema';

/**
 * Leaves out of the schema all but `types`, for this process.
 * @returns whether it could: where not, an import is slow and right.
 */
export function keepTypes(types: readonly string[], load: (id: string) => unknown): boolean {
  const properties = readProperties(load);
  if (properties === undefined || types.some((type) => !(type in properties))) return false;
  for (const type of Object.keys(properties)) if (!types.includes(type)) delete properties[type];
  return true;
}

/** Loads as auth0-deploy-cli itself does, so that it is the same copy. */
export const loadAsItself: (id: string) => unknown = createRequire(import.meta.url);

function readProperties(load: (id: string) => unknown): Record<string, unknown> | undefined {
  try {
    const { default: schema } = load(SCHEMA) as { default: { properties: unknown } };
    const { properties } = schema;
    return typeof properties === 'object' && properties !== null
      ? (properties as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
