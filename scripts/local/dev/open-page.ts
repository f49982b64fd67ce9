/** Whether the page of `npm run dev` is opened in the system's browser. */
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { findObstacle } from '#scripts/lib/cli/system-browser.ts';

/** Not where a program reads, and not where nobody is there to see a browser. */
export function canOpenBrowser(
  env: Environment = process.env,
  {
    isTTY = process.stdout.isTTY === true,
    platform = process.platform,
  }: { readonly isTTY?: boolean; readonly platform?: string } = {},
): boolean {
  return isTTY && findObstacle(env, platform) === undefined;
}
