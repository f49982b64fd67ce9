/**
 * Where the browser comes back to: this machine, on one of a few ports. Auth0 compares a callback to
 * the letter, its port too
 * (https://support.auth0.com/center/s/article/Callback-URL-Mismatch-Error-Is-Not-in-the-List-of-Allowed-Callback-URLs),
 * so it cannot be any that is free. tenant.yaml declares the same. Values only.
 */

export const CALLBACK_HOST = '127.0.0.1';
export const CALLBACK_PATH = '/callback';
const PORTS = [24_817, 24_818, 24_819];

export interface Callback {
  readonly port: number;
  readonly url: string;
}

export const CALLBACKS: readonly Callback[] = PORTS.map((port) => ({
  port,
  url: `http://${CALLBACK_HOST}:${port}${CALLBACK_PATH}`,
}));
