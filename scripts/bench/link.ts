/**
 * A link between a client and servers on loopback: each direction takes half of a round trip, and a
 * connection is made by one, as over a network. Counts connections and bytes.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Link {
  /** As `redirectNetwork` takes it: the ends of the link, in the place of the servers. */
  readonly network: readonly (readonly [destination: string, port: number])[];
  /** From now on. */
  roundTripMs: number;
  /** What went over it since this was called last; bytes include TLS. */
  takeTraffic(): Traffic;
  close(): Promise<void>;
}

export interface Traffic {
  /** By destination, `host:port`. */
  readonly connections: Readonly<Record<string, number>>;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export async function startLink(
  network: readonly (readonly [destination: string, port: number])[],
): Promise<Link> {
  const counted = { connections: {} as Record<string, number>, bytesSent: 0, bytesReceived: 0 };
  const sockets = new Set<Socket>();

  const carry = (destination: string, port: number, client: Socket) => {
    counted.connections[destination] = (counted.connections[destination] ?? 0) + 1;
    const { roundTripMs } = link;
    const server = connect(port, '127.0.0.1');
    // On loopback the client believes itself connected at once: what it sends waits for that.
    const opensAt = performance.now() + roundTripMs;
    pass(client, server, roundTripMs / 2, opensAt, (bytes) => {
      counted.bytesSent += bytes;
    });
    pass(server, client, roundTripMs / 2, opensAt, (bytes) => {
      counted.bytesReceived += bytes;
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => sockets.delete(socket));
    }
  };

  const servers: Server[] = [];
  const ends: [string, number][] = [];
  for (const [destination, port] of network) {
    const options = { allowHalfOpen: true };
    const server = createServer(options, (client) => carry(destination, port, client));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    servers.push(server);
    ends.push([destination, (server.address() as AddressInfo).port]);
  }
  const link: Link = {
    network: ends,
    roundTripMs: 0,
    takeTraffic: () => {
      const traffic = { ...counted };
      Object.assign(counted, { connections: {}, bytesSent: 0, bytesReceived: 0 });
      return traffic;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
  return link;
}

/** Passes on what comes from one side, in its order, each piece as late as the link makes it. */
function pass(
  from: Socket,
  to: Socket,
  delayMs: number,
  opensAt: number,
  count: (bytes: number) => void,
): void {
  let last = Promise.resolve();
  const later = (act: () => void) => {
    const at = Math.max(performance.now(), opensAt) + delayMs;
    last = last.then(async () => {
      const waitMs = at - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (!to.destroyed) act();
    });
  };
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    later(() => to.write(chunk));
  });
  from.on('end', () => later(() => to.end()));
  from.on('error', () => {});
  from.on('close', () => later(() => to.destroy()));
}
