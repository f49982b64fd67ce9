/**
 * The network of a worker: every connection goes to a local server or nowhere. It is redirected
 * where a socket connects, below TLS, so the code that calls, its host names and its check of the
 * certificate stay as they are.
 */
import net from 'node:net';
import tls from 'node:tls';
import { splitCertificates } from '#scripts/local/net/pem.ts';

interface Destination {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string;
}

/**
 * @param network where `host:port` really is, as a port on loopback.
 * @param certificate PEM, one or more; the only authorities that are trusted from now on.
 */
export function redirectNetwork(network: ReadonlyMap<string, number>, certificate: string): void {
  tls.setDefaultCACertificates([...splitCertificates(certificate)]);
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
    const { destination, callback } = readArguments(args);
    const name = `${destination.host ?? 'localhost'}:${destination.port ?? ''}`;
    // With a path it is a Unix socket, whatever host stands beside it.
    const port = destination.path ? undefined : network.get(name);
    if (port === undefined) {
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${destination.host}`), {
        code: 'ENOTFOUND',
        syscall: 'getaddrinfo',
        hostname: destination.host,
      });
      process.nextTick(() => this.destroy(error));
      return this;
    }
    const options = { ...destination, host: '127.0.0.1', port };
    return Reflect.apply(connect, this, callback === undefined ? [options] : [options, callback]);
  } as typeof connect;
}

/** `connect(options, cb)`, `connect([options, cb])` as Node's own modules call it, `connect(port, host, cb)`. */
function readArguments(args: readonly unknown[]): {
  readonly destination: Destination;
  readonly callback: unknown;
} {
  const [first, second] = args;
  if (Array.isArray(first)) return readArguments(first);
  const callback = args.find((arg) => typeof arg === 'function');
  if (typeof first === 'object' && first !== null) return { destination: first, callback };
  const host = typeof second === 'string' ? second : 'localhost';
  return { destination: { port: first as number | string, host }, callback };
}
