/** The two shipped files, from `dist/`, loaded where globals and network are the histories' own. */
import { readFileSync } from 'node:fs';
import { bundlePathOf } from '#scripts/lib/build/actions.ts';
import { loadHandler } from '#scripts/local/stage/load-handler.ts';
import { https, installGlobals } from './fake/globals.ts';
import type { Handlers } from './flow.ts';

const load = (name: string) =>
  loadHandler(readFileSync(bundlePathOf(name), 'utf8'), { 'node:https': https.module });

/** `unload` puts the real globals back. */
export function loadHandlers(): Handlers & { readonly unload: () => void } {
  const unload = installGlobals();
  return {
    email: load('bitbucket-email-verification'),
    workspaces: load('bitbucket-workspace-membership'),
    unload,
  };
}
