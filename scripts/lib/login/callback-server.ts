/**
 * The server that the browser comes back to: on loopback, for its own path and its own state, once.
 * What it answers with says nothing of what it was told.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { UserError } from '../cli/report-error.ts';
import type { Callback } from './callbacks.ts';

export interface CallbackServer {
  readonly callback: Callback;
  /**
   * The address that the browser came back to, with this `state`. Answers with another one are told
   * and not taken.
   * @param timeoutMs until it is given up.
   * @throws {UserError} when it is.
   */
  waitFor(state: string, timeoutMs: number): Promise<URL>;
  close(): Promise<void>;
}

/**
 * Listens on the first of `callbacks` whose port is free.
 * @param tell is told of what came and was not taken.
 * @throws {UserError} where none is.
 */
export async function openCallbackServer(
  callbacks: readonly Callback[],
  tell: (text: string) => void,
): Promise<CallbackServer> {
  for (const callback of callbacks) {
    const server = await listen(callback, tell);
    if (server !== undefined) return server;
  }
  const ports = callbacks.map(({ port }) => port).join(', ');
  throw new UserError(
    `No port for the answer is free on this machine (${ports}): is another npm run login waiting, or the application itself up? End what listens there.`,
  );
}

/** `undefined` where something else listens there. */
async function listen(
  callback: Callback,
  tell: (text: string) => void,
): Promise<CallbackServer | undefined> {
  let waiting: { readonly state: string; take(url: URL): void } | undefined;
  let isOver = false;
  const listeners = await listenAt(callback, (request, response) => {
    const url = URL.parse(request.url ?? '', callback.url);
    // A page whose name was made to lead here has its own name in the header.
    const isMeant = request.headers.host === callback.host && url?.pathname === callback.path;
    if (!isMeant) return answer(response, 404, 'Not found');
    if (request.method !== 'GET') return answer(response, 405, 'Not allowed');
    if (isOver) return answer(response, 410, 'The sign-in has ended already');
    if (waiting === undefined || url.searchParams.get('state') !== waiting.state) {
      tell('An answer came that is not of this sign-in (another state); it was not taken');
      return answer(response, 400, 'This is not the sign-in that is under way');
    }
    isOver = true;
    answer(response, 200, 'The answer is in the terminal', 'You can close this window.');
    waiting.take(url);
  });
  if (listeners === undefined) return undefined;
  return {
    callback,
    waitFor: (state, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(createTimeout(timeoutMs)), timeoutMs);
        const take = (url: URL) => {
          clearTimeout(timer);
          resolve(url);
        };
        waiting = { state, take };
      }),
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

interface Listener {
  close(): Promise<void>;
}

/** At every address of `callback` that this machine has; `undefined` where one is not free. */
async function listenAt(
  { addresses, port }: Callback,
  onRequest: RequestListener,
): Promise<readonly Listener[] | undefined> {
  const listeners: Listener[] = [];
  for (const address of addresses) {
    const server = createServer(onRequest);
    const listener = createListener(server);
    const failure = await new Promise<string | undefined>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== undefined && EXPECTED.has(error.code)) resolve(error.code);
        else reject(error);
      });
      server.listen(port, address, () => resolve(undefined));
    });
    if (failure === undefined) listeners.push(listener);
    else if (TAKEN.has(failure)) {
      await Promise.all(listeners.map(({ close }) => close()));
      return undefined;
    }
  }
  return listeners.length === 0 ? undefined : listeners;
}

const TAKEN = new Set(['EADDRINUSE', 'EACCES']);
/** A machine without IPv6 has no `::1`. */
const EXPECTED = new Set([...TAKEN, 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Browsers open connections before they have anything to ask, and hold them: those end with the
 * server. What is being answered is answered first.
 */
function createListener(server: Server): Listener {
  const unasked = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unasked.add(socket);
    socket.once('close', () => unasked.delete(socket));
  });
  server.on('request', ({ socket }) => unasked.delete(socket));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of unasked) socket.destroy();
      }),
  };
}

function createTimeout(ms: number): UserError {
  const minutes = Math.round(ms / 60_000);
  return new UserError(
    `No answer came in ${minutes} minutes: the sign-in was not finished, or its window closed. Run it again.`,
  );
}

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  // Its address holds the code: it goes nowhere else, and stays nowhere.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

function answer(response: ServerResponse, status: number, title: string, line = ''): void {
  response.writeHead(status, HEADERS).end(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 28rem; padding: 0 1rem }
h1 { font-size: 1.4rem }
</style></head><body><main><h1>${title}</h1><p>${line}</p></main></body></html>
`);
}
