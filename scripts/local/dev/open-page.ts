/** The system's browser, where there is one and somebody who looks at it. */
import open from 'open';

type Env = Readonly<Record<string, string | undefined>>;

/** Nobody is there to see a browser: in CI, over SSH, without a display, and where a program reads. */
export function canOpenBrowser(
  env: Env = process.env,
  { isTTY = process.stdout.isTTY === true, platform = process.platform as string } = {},
): boolean {
  if (!isTTY || env.CI || env.SSH_CONNECTION || env.SSH_TTY) return false;
  if (platform !== 'linux') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/** @returns whether a browser was started; what it shows is not known. */
export async function openBrowser(url: string): Promise<boolean> {
  try {
    const browser = await open(url);
    return await new Promise((resolve) => {
      browser.once('error', () => resolve(false));
      browser.once('spawn', () => resolve(true));
    });
  } catch {
    return false;
  }
}
