/** An HTTPS server on loopback, on a port that is given or that the system chooses. */
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { UserError } from '#scripts/lib/cli/report-error.ts';
import type { ServerCertificate } from './certificate.ts';

export interface LoopbackServer {
  readonly port: number;
  /** `https://localhost:<port>` */
  readonly origin: string;
  /** Ends every connection at once and frees the port. */
  close(): Promise<void>;
}

/** A browser takes `localhost` for either. */
const IPV4 = '127.0.0.1';
const IPV6 = '::1';
/** Of a machine without IPv6. */
const NO_SUCH_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/**
 * Listens on 127.0.0.1, and on ::1 too where the port is given: whoever asks for `localhost` gets
 * this server, and nobody else's. The handler is called for every request.
 * @param port 0 is one that the system chooses.
 * @throws {UserError} where the port is in use, or is not ours to take.
 */
export async function listenOnLoopback(
  certificate: ServerCertificate,
  handler: RequestListener,
  port = 0,
): Promise<LoopbackServer> {
  const create = () => createTlsServer(certificate, handler);
  const first = await listen(create(), port, IPV4);
  const servers = [first];
  const close = async () => {
    await Promise.all(servers.map(closeServer));
  };
  if (port !== 0) {
    const second = await listen(create(), port, IPV6).catch(async (error: unknown) => {
      if (NO_SUCH_ADDRESS.includes(codeOf(error))) return undefined;
      await close();
      throw error;
    });
    if (second !== undefined) servers.push(second);
  }
  const { port: taken } = first.address() as AddressInfo;
  return { port: taken, origin: `https://localhost:${taken}`, close };
}

function createTlsServer(certificate: ServerCertificate, handler: RequestListener): Server {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, handler);
  for (const { hosts, key, cert } of certificate.others ?? []) {
    for (const host of hosts) server.addContext(host, { key, cert });
  }
  return server;
}

function listen(server: Server, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(describeError(error, port));
    server.once('error', onError);
    server.listen({ port, host }, () => {
      server.off('error', onError);
      resolve(server);
    });
  });
}

function describeError(error: Error, port: number): Error {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UserError(`Port ${port} is in use: end what listens there, or choose another.`);
    case 'EACCES':
      return new UserError(`Port ${port} may not be taken by this user: choose one above 1023.`);
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
