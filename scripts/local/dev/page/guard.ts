/**
 * Who may talk to the page. It is control over a tenant, and other websites are open in the same
 * browser: they must neither change anything here nor read what is there. Values in, values out.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface GuardedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * - The host has to be this machine's: a name that was pointed here (DNS rebinding) is refused.
 * - What changes something has to come from the page itself. A browser says where a POST comes from
 *   (`Origin`, and `Sec-Fetch-Site` since 2023); who says neither is no browser, and is on this
 *   machine already.
 * - Another site may link here, and nothing else: it embeds, loads and reads nothing.
 * @param port of the tenant.
 * @returns why not, for whoever is refused.
 */
export function findIntruder(
  { method, headers }: GuardedRequest,
  port: number,
): string | undefined {
  const hosts = [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
  const host = headers.host ?? '';
  if (!hosts.includes(host)) return 'This page is at localhost alone.';
  const { origin } = headers;
  if (origin !== undefined && origin !== `https://${host}`) return 'Another site may not ask this.';
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return undefined;
  const isLink =
    ['GET', 'HEAD'].includes(method) &&
    (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate' &&
    (headers['sec-fetch-dest'] ?? 'document') === 'document';
  return isLink ? undefined : 'Another site may not ask this.';
}
