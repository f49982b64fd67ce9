/**
 * A TLS server on loopback that sees connections: when each was made, what came on it byte by byte,
 * and whether it ended. What it answers is up to the test, down to the bytes.
 */
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { ServerCertificate } from '#scripts/local/net/certificate.ts';

export interface Connection {
  readonly socket: TLSSocket;
  /** All that came, a character a byte. */
  received: string;
  isClosed: boolean;
  /** The name that the client asked for, and the protocol that was agreed on. */
  readonly servername: string;
  readonly protocol: string;
}

/** Called for each request, once its header (and a body that is announced) is there. */
export type Responder = (connection: Connection, request: string, count: number) => void;

export interface WatchedServer {
  readonly port: number;
  /** Those that got as far as TLS, in their order. */
  readonly connections: readonly Connection[];
  /** Those that only began: TCP connections. */
  readonly begun: number;
  respond: Responder;
  /** Ends so many of the next connections before TLS. */
  refuseNext: number;
  /** Waits until the condition holds; it is tried whenever something happens here. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export const reply = (text: string, headers = '', status = '200 OK') =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

export async function startWatchedServer({ key, cert }: ServerCertificate): Promise<WatchedServer> {
  const happened = new EventEmitter();
  const connections: Connection[] = [];
  let count = 0;
  const server = createServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] });
  server.on('connection', (socket) => {
    watched.begun += 1;
    if (watched.refuseNext > 0) {
      watched.refuseNext -= 1;
      socket.destroy();
    }
    happened.emit('it');
  });
  server.on('tlsClientError', () => happened.emit('it'));
  server.on('secureConnection', (socket) => {
    const connection: Connection = {
      socket,
      received: '',
      isClosed: false,
      servername: String(socket.servername),
      protocol: String(socket.alpnProtocol),
    };
    connections.push(connection);
    let unread = '';
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      connection.received += text;
      unread += text;
      for (let end = endOfRequest(unread); end > 0; end = endOfRequest(unread)) {
        const request = unread.slice(0, end);
        unread = unread.slice(end);
        count += 1;
        watched.respond(connection, request, count);
      }
      happened.emit('it');
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      connection.isClosed = true;
      happened.emit('it');
    });
    happened.emit('it');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const watched: WatchedServer & { begun: number } = {
    port: (server.address() as AddressInfo).port,
    connections,
    begun: 0,
    refuseNext: 0,
    respond: ({ socket }) => socket.write(reply('{}')),
    until: async (condition) => {
      while (!condition()) await once(happened, 'it');
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { socket } of connections) socket.destroy();
      }),
  };
  return watched;
}

/** How long the first request in `text` is; 0 while it is not whole. */
function endOfRequest(text: string): number {
  const headerEnd = text.indexOf('\r\n\r\n') + 4;
  if (headerEnd < 4) return 0;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, headerEnd))?.[1] ?? 0);
  return text.length >= headerEnd + length ? headerEnd + length : 0;
}
