/** Loads a shipped file outside the tenant: as CommonJS that reaches node: built-ins alone. */
import { compileFunction } from 'node:vm';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';

export type Handler = (event: PostLoginEvent, api: PostLoginApi) => Promise<void>;

/** @param instead modules in the place of built-ins, by name. */
export function loadHandler(code: string, instead: Readonly<Record<string, object>> = {}): Handler {
  const module = { exports: {} as { onExecutePostLogin: Handler } };
  const load = compileFunction(code, ['module', 'exports', 'require']);
  load(module, module.exports, (name: string) => instead[name] ?? process.getBuiltinModule(name));
  return module.exports.onExecutePostLogin;
}
