/** A server of an application under test, on loopback, on a port that the system chooses. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedApplication {
  /** `http://localhost:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

export async function serve(handler: RequestListener): Promise<ServedApplication> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
