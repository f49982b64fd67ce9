/**
 * The connections of an instance: over HTTP/1.1 and TLS, verified as always, through no proxy. One
 * that has answered is kept for the next call, for some seconds, as Node's fetch does. Some can be
 * opened before there is anything to send: nothing is sent on them until a call takes one, and
 * nobody is told where that fails.
 */
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

const IDLE_MS = 4_000;
const HTTPS_PORT = 443;

type OnConnection = (error: Error | null, stream: Duplex) => void;

class Connections extends Agent {
  readonly #early = new Map<TLSSocket, string>();
  /** Since when a socket is connected and idle; `undefined` for an early one that is not connected. */
  readonly #idleSince = new WeakMap<Duplex, number | undefined>();
  /** Of the latest early socket, by host: the next handshake is shorter. */
  readonly #sessions = new Map<string, Buffer>();

  constructor() {
    super({
      keepAlive: true,
      timeout: IDLE_MS,
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
  }

  /**
   * Opens connections to port 443 of `host`, so that there are `count` with those that are idle.
   * The result closes what no call has taken.
   */
  open(host: string, count: number): () => void {
    const missing = count - this.#idleTo(host, HTTPS_PORT).length;
    const opened: TLSSocket[] = [];
    try {
      for (let index = 0; index < missing; index += 1) opened.push(this.#openOne(host));
    } catch {
      // The calls will tell.
    }
    return () => {
      for (const socket of opened) if (this.#early.delete(socket)) socket.destroy();
    };
  }

  hasIdle({ hostname, port }: URL): boolean {
    return this.#idleTo(hostname, Number(port || HTTPS_PORT)).length > 0;
  }

  #idleTo(host: string, port: number): readonly Duplex[] {
    const idle = this.freeSockets[this.getName({ ...this.options, host, port })] ?? [];
    return idle.filter(isUsable);
  }

  #openOne(host: string): TLSSocket {
    const session = this.#sessions.get(host);
    const socket = super.createConnection({
      ...this.options,
      host,
      port: HTTPS_PORT,
      servername: host,
      ...(session === undefined ? {} : { session }),
    }) as TLSSocket;
    this.#early.set(socket, host);
    this.#idleSince.set(socket, undefined);
    socket.once('secureConnect', () => this.#idleSince.set(socket, performance.now()));
    socket.on('session', (given) => this.#sessions.set(host, given));
    socket.once('error', () => this.#sessions.delete(host));
    socket.on('error', () => {});
    socket.once('close', () => this.#early.delete(socket));
    return socket;
  }

  override createConnection(
    options: RequestOptions,
    onConnection?: OnConnection,
  ): Duplex | null | undefined {
    return this.#takeEarly(options) ?? super.createConnection(options, onConnection);
  }

  #takeEarly({ host, port }: RequestOptions): TLSSocket | undefined {
    if (Number(port) !== HTTPS_PORT) return undefined;
    for (const [socket, openedTo] of this.#early) {
      if (openedTo !== host) continue;
      this.#early.delete(socket);
      if (isUsable(socket)) return socket;
      socket.destroy();
    }
    return undefined;
  }

  /** Called when a socket becomes idle; says whether it is kept, which its type does not. */
  override keepSocketAlive(socket: Duplex): void {
    this.#idleSince.set(socket, performance.now());
    // biome-ignore lint/correctness/noVoidTypeReturn: Node's own answer is passed on.
    return super.keepSocketAlive(socket);
  }

  /**
   * How long a socket was idle before the call that has it; infinite where it was opened early and
   * never got connected, so that nobody has seen the call; 0 where it was made for the call.
   */
  idleMsOf(socket: Duplex, takenAt: number): number {
    if (!this.#idleSince.has(socket)) return 0;
    const since = this.#idleSince.get(socket);
    return since === undefined ? Number.POSITIVE_INFINITY : takenAt - since;
  }
}

/** Not ended by the other side, which has said nothing unasked either. */
function isUsable(socket: Duplex): boolean {
  return (
    !socket.destroyed && socket.writable && !socket.readableEnded && socket.readableLength === 0
  );
}

export const connections = new Connections();
