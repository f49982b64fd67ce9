/** How a person gets to the sign-in: by the browser of this system, or by an address to open. */
import { toHarmless } from '../cli/harmless.ts';
import type { Invitation } from './run-login.ts';

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
