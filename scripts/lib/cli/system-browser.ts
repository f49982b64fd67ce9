/** The browser of this system, for commands that show somebody a page. */
import open from 'open';
import type { Environment } from './environment.ts';

/** Why no browser can be opened here; `undefined` where one can be tried. */
export function findObstacle(
  env: Environment,
  platform: string = process.platform,
): 'ci' | 'ssh' | 'no_display' | undefined {
  if (env.CI) return 'ci';
  if (env.SSH_CONNECTION || env.SSH_CLIENT || env.SSH_TTY) return 'ssh';
  const hasDisplay = env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME;
  return platform === 'linux' && !hasDisplay ? 'no_display' : undefined;
}

/** @returns whether a browser was started; whether it shows anything is not known. */
export async function openBrowser(url: URL): Promise<boolean> {
  try {
    const child = await open(url.href);
    return await new Promise((resolve) => {
      child.once('error', () => resolve(false));
      child.once('exit', (code) => resolve(code === 0));
      // Still there after a moment, it has opened something.
      setTimeout(() => resolve(true), 1_000).unref();
    });
  } catch {
    return false;
  }
}
