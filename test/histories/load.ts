/** The two shipped files, from `dist/`. */
import { readFileSync } from 'node:fs';
import { bundlePathOf } from '#scripts/lib/build/actions.ts';
import { loadHandler } from '#scripts/local/stage/load-handler.ts';
import type { Handlers } from './flow.ts';

const load = (name: string) => loadHandler(readFileSync(bundlePathOf(name), 'utf8'));

export const loadHandlers = (): Handlers => ({
  email: load('bitbucket-email-verification'),
  workspaces: load('bitbucket-workspace-membership'),
});
