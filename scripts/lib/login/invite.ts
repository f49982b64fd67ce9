/** How a person gets to the sign-in: by the browser of this system, or by an address to open. */
import open from 'open';
import type { Environment } from '../cli/environment.ts';
import { toHarmless } from '../cli/harmless.ts';
import type { Invitation } from './run-login.ts';

/** Why no browser can be opened here; `undefined` where one can be tried. */
export function findObstacle(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
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

/** What is said while the answer is waited for; the address too, whatever was opened. */
export function renderInvitation(
  { url, domain, application, server, timeoutMs }: Invitation,
  options: {
    readonly isOpened: boolean;
    /** Of this machine, to be reached from one that the browser is on; none where it is here. */
    readonly ports: readonly number[];
  },
): string {
  const { callback } = server;
  const forwards = options.ports.map((port) => `-L ${port}:localhost:${port}`);
  return [
    options.isOpened
      ? 'The browser opens. Sign in with Bitbucket there; if nothing opens, go to'
      : 'Open this address in a browser, and sign in with Bitbucket:',
    '',
    `  ${url.href}`,
    '',
    ...(forwards.length > 0
      ? [
          'The answer comes back to this machine. With the browser on another one, do this there first:',
          `  ssh ${forwards.join(' ')} THIS-MACHINE`,
          '',
        ]
      : []),
    `Waiting for ${Math.round(timeoutMs / 60_000)} minutes; Ctrl-C ends it. Where the browser stays at a page:`,
    `  of Auth0, “Callback URL mismatch”: add ${callback.url} to the Allowed Callback URLs of “${toHarmless(application.name)}”, or npm run deploy`,
    `  of Bitbucket, about client_id or redirect_uri: look at BITBUCKET_KEY; the consumer’s callback URL has to be https://${domain}/login/callback`,
    '  closed too early: open the address again',
  ].join('\n');
}
