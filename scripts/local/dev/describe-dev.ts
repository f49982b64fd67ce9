/** What `npm run dev` says when it is up. Values in, text out. */
import { styleText } from 'node:util';
import type { DevAddresses } from './addresses.ts';
import type { DevTenant } from './start-dev.ts';

export function describeDev({ addresses, certificateForBrowsers, ...dev }: DevTenant): string {
  const { issuer, page, bitbucket, certificate, applications, people } = addresses;
  const rows: readonly (readonly [string, string])[] = [
    ['page', page],
    ['issuer', issuer],
    ['Bitbucket', bitbucket],
    ...applications.map((one): readonly [string, string] => [
      one.client_id,
      describeApplication(one),
    ]),
    ['people', people.map(({ name }) => name).join(', ')],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    ...rows.map(([name, text]) => `    ${styleText('bold', name.padEnd(width))}  ${text}`),
    '',
    ...describeClock(dev.clockAheadMs()),
    ...describeTrust(certificate, certificateForBrowsers),
    '',
    'A change in actions/ is active at the next login. Ctrl-C ends it; sessions go on at the next start.',
  ].join('\n');
}

function describeApplication({
  client_secret: secret,
  callbacks,
}: DevAddresses['applications'][number]): string {
  const callback = callbacks.at(-1) ?? 'no callback';
  return secret === undefined ? callback : `${callback}, secret ${secret}`;
}

function describeClock(aheadMs: number): readonly string[] {
  if (aheadMs === 0) return [];
  const hours = (aheadMs / 3_600_000).toFixed(1);
  return [`The clock is ${hours} h ahead, as it was left. The page moves it back.`, ''];
}

/** How a person trusts it, on the system that this is. */
export function describeTrust(
  certificate: string,
  forBrowsers: string | undefined,
  platform: string = process.platform,
): readonly string[] {
  const lines = [
    'Trust its certificate, once:',
    `    Node      NODE_EXTRA_CA_CERTS=${certificate}`,
  ];
  if (forBrowsers === undefined) return lines;
  return [...lines, `    browsers  ${trustCommand(forBrowsers, platform)}`];
}

function trustCommand(path: string, platform: string): string {
  switch (platform) {
    case 'darwin':
      return `security add-trusted-cert -p ssl -k ~/Library/Keychains/login.keychain-db ${path}`;
    case 'win32':
      return `certutil -user -addstore Root ${path}`;
    default:
      return `certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n auth0-bitbucket-login -i ${path}`;
  }
}
