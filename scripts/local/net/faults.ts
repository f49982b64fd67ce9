/** Telling a local server to fail: which requests, how, and how often. */
import type { LocalReply, LocalRequest } from './reply.ts';

/** Everything is done that is named, in this order. */
export interface Fault {
  /** Wait before anything is sent. */
  readonly delayMs?: number;
  /** Destroy the connection: before any byte, or in the middle of the body. */
  readonly drop?: 'at_once' | 'in_body';
  /** Answer otherwise than the server would have. */
  readonly reply?: Partial<LocalReply> | ((request: LocalRequest, reply: LocalReply) => LocalReply);
  /** Send the header at once and half of the body, and the rest after so long. */
  readonly stallBodyMs?: number;
  /** Do not say beforehand how long the body is. */
  readonly isChunked?: boolean;
  /**
   * At the tenant: what was asked is done all the same, and only its answer fails. (The local
   * Bitbucket always does it.)
   */
  readonly isDone?: boolean;
}

/** Which of the requests that match fail: all of them, from now on, where nothing is said. */
export interface FaultWindow {
  /** So many are answered first as if nothing were the matter. */
  readonly after?: number;
  /** So many fail, and no more. */
  readonly times?: number;
  /** They fail for so long, counted from the first that does. */
  readonly forMs?: number;
}

export interface Faults {
  /**
   * From now on, requests that are called `pattern` fail so. `*` is every request; an endpoint is its
   * path without ids; at the tenant a method may stand before it, and `write` is every request that
   * changes something through the Management API.
   * @param window a number stands for so many `times`.
   */
  set(pattern: string, fault: Fault, window?: number | FaultWindow): void;
  clear(): void;
  /** The fault of a request that has these names, the most special first; it counts as used. */
  take(...names: readonly string[]): Fault | undefined;
}

interface Entry {
  readonly fault: Fault;
  after: number;
  times: number;
  readonly forMs: number;
  endsAtMs?: number;
}

export function createFaults(): Faults {
  const entries = new Map<string, Entry>();
  return {
    set: (pattern, fault, window = {}) => {
      const {
        after = 0,
        times,
        forMs,
      }: FaultWindow = typeof window === 'number' ? { times: window } : window;
      const unlimited = Number.POSITIVE_INFINITY;
      entries.set(pattern, { fault, after, times: times ?? unlimited, forMs: forMs ?? unlimited });
    },
    clear: () => entries.clear(),
    take: (...names) => {
      for (const name of [...names, '*']) {
        const entry = entries.get(name);
        if (entry !== undefined && isHit(entry)) return entry.fault;
      }
      return undefined;
    },
  };
}

function isHit(entry: Entry): boolean {
  if (entry.after > 0) {
    entry.after -= 1;
    return false;
  }
  const now = performance.now();
  entry.endsAtMs ??= now + entry.forMs;
  if (entry.times <= 0 || now >= entry.endsAtMs) return false;
  entry.times -= 1;
  return true;
}

/** The reply that the fault makes of the server's own. */
export function distort(fault: Fault, request: LocalRequest, reply: LocalReply): LocalReply {
  if (fault.reply === undefined) return reply;
  if (typeof fault.reply === 'function') return fault.reply(request, reply);
  return {
    status: fault.reply.status ?? reply.status,
    headers: { ...reply.headers, ...fault.reply.headers },
    body: fault.reply.body ?? reply.body,
  };
}
