/**
 * Where the browser comes back to: this machine, at a port that the application declares. Auth0
 * compares a callback to the letter, its port too
 * (https://support.auth0.com/center/s/article/Callback-URL-Mismatch-Error-Is-Not-in-the-List-of-Allowed-Callback-URLs),
 * so it cannot be any that is free. Values in, values out.
 */

export interface Callback {
  /** As it is declared. */
  readonly url: string;
  /** As a browser names it in the header. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** One to add to an application that has none; tenant.yaml's has it. */
export const SUGGESTED = 'http://127.0.0.1:24817/callback';

const HOSTS = ['127.0.0.1', 'localhost'];

/** Those of `urls` that a server on this machine's loopback answers to, in their order. */
export function findCallbacks(urls: readonly string[]): readonly Callback[] {
  return urls.flatMap((text) => {
    const url = URL.parse(text);
    if (url === null || url.protocol !== 'http:' || !HOSTS.includes(url.hostname)) return [];
    if (url.port === '' || url.search !== '' || url.hash !== '') return [];
    return [{ url: text, host: url.host, port: Number(url.port), path: url.pathname }];
  });
}
