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
  /** Where a browser may look for it: all of them have to be ours. */
  readonly addresses: readonly string[];
}

/** One to add to an application that has none; tenant.yaml's has it. */
export const SUGGESTED = 'http://127.0.0.1:24817/callback';

/** Browsers ask at the first address of a name that answers, and of this name that is mostly `::1`. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  '127.0.0.1': ['127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
};

/** Those of `urls` that a server on this machine's loopback answers to, in their order. */
export function findCallbacks(urls: readonly string[]): readonly Callback[] {
  return urls.flatMap((text) => {
    const url = URL.parse(text);
    const addresses = ADDRESSES[url?.hostname ?? ''];
    if (url === null || url.protocol !== 'http:' || addresses === undefined) return [];
    if (url.port === '' || url.search !== '' || url.hash !== '') return [];
    const { host, pathname: path } = url;
    return [{ url: text, host, port: Number(url.port), path, addresses }];
  });
}
