/**
 * Callbacks that no login could end at. One of them would have oidc-provider refuse the whole
 * application, at its first login. Source of what it takes:
 * https://github.com/panva/node-oidc-provider/blob/main/lib/helpers/client_schema.js (redirectUris)
 */

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SCRIPTS = ['javascript:', 'vbscript:', 'data:', 'blob:', 'file:', 'about:'];

/** @returns what is wrong with `callback`, as the end of a sentence that begins with it. */
export function findCallbackMistake(callback: string, isNative: boolean): string | undefined {
  const url = URL.parse(callback);
  if (url === null) return 'is no URL';
  if (url.href.includes('#')) return 'has a fragment, which a callback cannot have';
  const { protocol, hostname } = url;
  const isWeb = ['http:', 'https:'].includes(protocol);
  if (!isNative) return isWeb ? undefined : 'begins with neither http: nor https:';
  if (SCRIPTS.includes(protocol)) return `cannot begin with ${protocol}`;
  const isLoopback = LOOPBACK.includes(hostname);
  if (protocol === 'http:' && !isLoopback) return 'is http, and not of this machine';
  if (protocol === 'https:' && isLoopback) return 'is https, and of this machine';
  return undefined;
}
