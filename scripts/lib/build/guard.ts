/**
 * What a bundle must be before it may be deployed. Runs the bundle's module code, as Auth0 will;
 * touches no file and no network.
 */
import { isBuiltin } from 'node:module';
import { compileFunction } from 'node:vm';

/** Auth0 takes 100 kB of code an Action. */
export const MAX_BUNDLE_BYTES = 100_000;
const EXPORT_NAME = 'onExecutePostLogin';

/** A bundle that must not be deployed. `message` lists every reason, a line each. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** @throws {BundleError} naming the Action and everything that is wrong with its bundle. */
export function assertDeployable(name: string, code: string): void {
  const faults = [
    ...findSizeFaults(code),
    ...findPlaceholders(code),
    ...findRequires(code),
    ...findExportFaults(code),
  ];
  if (faults.length === 0) return;
  throw new BundleError(
    [`${name} cannot be deployed:`, ...faults.map((fault) => `  - ${fault}`)].join('\n'),
  );
}

function findSizeFaults(code: string): readonly string[] {
  const bytes = Buffer.byteLength(code);
  return bytes <= MAX_BUNDLE_BYTES
    ? []
    : [`it has ${bytes} bytes; Auth0 takes ${MAX_BUNDLE_BYTES}. Import less.`];
}

/**
 * auth0-deploy-cli replaces ##NAME## and @@NAME@@ inside code, for every NAME in its environment.
 */
function findPlaceholders(code: string): readonly string[] {
  const found = code.match(/(##|@@)[^\s#@]{1,128}\1/g) ?? [];
  return [...new Set(found)].map(
    (text) => `it contains ${text}, which the deploy would replace. Write it in two parts.`,
  );
}

/** Every literal `require` and `import()`, whether or not the module code gets to it. */
function findRequires(code: string): readonly string[] {
  const found = code.matchAll(/\b(?:require|import)\s*\(\s*(["'`])([^"'`]+)\1/g);
  const names = new Set([...found].map((match) => match[2] ?? ''));
  return [...names].filter((name) => !isNodeModule(name)).map(refuseModule);
}

function findExportFaults(code: string): readonly string[] {
  const module = { exports: {} as unknown };
  const required: string[] = [];
  const requireBuiltin = (name: string): unknown => {
    if (!isNodeModule(name)) {
      required.push(name);
      throw new Error(`Cannot find module '${name}'`);
    }
    return process.getBuiltinModule(name);
  };
  try {
    const load = compileFunction(code, ['module', 'exports', 'require']);
    load(module, module.exports, requireBuiltin);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [...required.map(refuseModule), `its module code fails: ${reason}`];
  }
  const exported = module.exports as Record<string, unknown>;
  const names = Object.keys(exported ?? {});
  if (names.length !== 1 || typeof exported[EXPORT_NAME] !== 'function') {
    return [`it exports ${names.join(', ') || 'nothing'}; Auth0 calls ${EXPORT_NAME} alone.`];
  }
  return [];
}

function isNodeModule(name: string): boolean {
  return name.startsWith('node:') && isBuiltin(name);
}

function refuseModule(name: string): string {
  return `it requires ${name}; only node: built-ins are there. Bundle it.`;
}
