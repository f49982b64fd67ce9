/**
 * The way out of the house. Node's fetch, and with it Auth0's SDK and auth0-deploy-cli, asks no
 * proxy unless `NODE_USE_ENV_PROXY` is 1 when the process begins (Node 22.21 and later). A process
 * that is running already is given the same by undici, the library that Node's fetch is.
 */
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';
import type { Environment } from '../cli/environment.ts';

/** What leads a process of Node to the network: proxies, authorities, and how Node itself is set. */
export const NETWORK_VARIABLES: readonly string[] = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'],
  ...['NODE_USE_ENV_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'NODE_OPTIONS'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

/** Whether `env` names a proxy for the tenant's https. */
export function namesProxy(env: Environment): boolean {
  return Boolean(env.HTTPS_PROXY || env.https_proxy);
}

let isSet = false;

/** From now on this process asks through the proxy that `env` names, as its children will. */
export function useProxyOf(env: Environment): void {
  const isNodesWork = env.NODE_USE_ENV_PROXY === '1' || process.execArgv.includes('--use-env-proxy');
  if (isSet || isNodesWork || !namesProxy(env)) return;
  setGlobalDispatcher(new EnvHttpProxyAgent());
  isSet = true;
}
