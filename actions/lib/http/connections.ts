/**
 * The connections of an instance: over HTTP/1.1 and TLS, verified as always, through no proxy. One
 * that has answered is kept for the next call, for some seconds, as Node's fetch does. Some can be
 * opened before there is anything to send: nothing is sent on them until a call takes one, and
 * nobody is told where that fails.
 */
import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** How long a connection is kept that no call has. */
export const IDLE_MS = 4_000;
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
    const missing = count - this.#freeTo(new URL(`https://${host}`)).filter(isUsable).length;
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

  /** Whether a call to this origin may get one that another has left. */
  hasIdle(url: URL): boolean {
    return this.#freeTo(url).length > 0;
  }

  #freeTo({ hostname, port }: URL): readonly Duplex[] {
    const name = this.getName({
      ...this.options,
      host: hostname,
      port: Number(port || HTTPS_PORT),
    });
    return [...(this.freeSockets[name] ?? [])];
  }

  #earlyTo({ hostname, port }: URL): readonly TLSSocket[] {
    if (port !== '') return [];
    return [...this.#early].flatMap(([socket, host]) => (host === hostname ? [socket] : []));
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

  /**
   * Closes what calls have left to this origin that is of no use, or has been idle for `idleMs` or
   * longer. After an instance stood still, the timer that does so is later than the next call.
   */
  dropIdle(url: URL, idleMs: number): void {
    const now = performance.now();
    for (const socket of this.#freeTo(url)) {
      if (!isUsable(socket) || this.idleMsOf(socket, now) >= idleMs) drop(socket);
    }
  }

  /** Where one was gone: all that are there as long, those that were opened early among them. */
  dropAsOld(url: URL, idleMs: number): void {
    this.dropIdle(url, idleMs);
    const now = performance.now();
    for (const socket of this.#earlyTo(url)) {
      const since = this.#idleSince.get(socket);
      if (since === undefined || now - since < idleMs) continue;
      this.#early.delete(socket);
      socket.destroy();
    }
  }

  /** Called when a socket becomes idle; says whether it is kept, which its type does not. */
  override keepSocketAlive(socket: Duplex): void {
    this.#idleSince.set(socket, performance.now());
    socket.on('data', dropOnData);
    // biome-ignore lint/correctness/noVoidTypeReturn: Node's own answer is passed on.
    return super.keepSocketAlive(socket);
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', dropOnData);
    super.reuseSocket(socket, request);
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

/**
 * What comes on an idle connection answers nothing, and nobody knows any more where the next answer
 * begins (RFC 9112, section 9.2). Not every Node 22 looks after that itself.
 */
function dropOnData(this: Duplex): void {
  drop(this);
}

/** At once, for the next call too: Node's pool hands out what is destroyed and not yet closed. */
function drop(socket: Duplex): void {
  socket.destroy();
  socket.emit('agentRemove');
}

export const connections = new Connections();
