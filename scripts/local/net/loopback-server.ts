/** An HTTPS server on loopback, on a port that the system chooses. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly port: number;
  /** `https://localhost:<port>` */
  readonly origin: string;
  /** Ends every connection at once and frees the port. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 with `tls` (PEM). The handler is called for every request. */
export async function listenOnLoopback(
  tls: { readonly key: string; readonly cert: string },
  handler: RequestListener,
): Promise<LoopbackServer> {
  const server = createServer({ key: tls.key, cert: tls.cert }, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `https://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
