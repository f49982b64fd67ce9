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
}

export interface Faults {
  /**
   * From now on, requests whose endpoint is `pattern` (`*` for all; at the tenant a method may stand
   * before it) fail so; only the next `times` where that is given.
   */
  set(pattern: string, fault: Fault, times?: number): void;
  clear(): void;
  /** The fault of this request, which counts as used. */
  take(pattern: string): Fault | undefined;
}

export function createFaults(): Faults {
  const entries = new Map<string, { readonly fault: Fault; remaining: number }>();
  return {
    set: (pattern, fault, times = Number.POSITIVE_INFINITY) => {
      entries.set(pattern, { fault, remaining: times });
    },
    clear: () => entries.clear(),
    take: (pattern) => {
      const entry = entries.get(pattern) ?? entries.get('*');
      if (entry === undefined || entry.remaining <= 0) return undefined;
      entry.remaining -= 1;
      return entry.fault;
    },
  };
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
