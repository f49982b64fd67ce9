/**
 * What a shipped file takes of `node:https`, without a network: every request is answered by a
 * function, and a connection that is opened early connects to nothing. For where a socket would
 * measure this machine, or time is not the real one.
 */
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';

export interface Asked {
  readonly url: URL;
  readonly method: string;
  /** By names as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that it throws is one of the connection. */
export type AnswerTo = (asked: Asked) => Promise<Answered>;

export interface HttpsStandIn {
  /** In the place of the module. */
  readonly module: object;
  /** Connections that were opened early and not closed again. */
  readonly left: ReadonlySet<unknown>;
}

type RequestOptions = Pick<Asked, 'method' | 'headers' | 'signal'>;

export function createHttpsStandIn(answerTo: AnswerTo): HttpsStandIn {
  const left = new Set<unknown>();
  class Agent {
    readonly options = {};
    readonly freeSockets = {};
    getName(): string {
      return '';
    }
    createConnection(): EventEmitter {
      const socket = new EventEmitter();
      left.add(socket);
      return Object.assign(socket, { destroy: () => left.delete(socket) });
    }
  }
  const request = (url: string, { method, headers, signal }: RequestOptions) => {
    const sent = new EventEmitter();
    const abort = () => sent.emit('error', new Error('aborted'));
    const end = async (body?: string) => {
      signal.addEventListener('abort', abort, { once: true });
      try {
        const answer = await answerTo({ url: new URL(url), method, headers, body, signal });
        sent.emit('response', createResponse(answer));
      } catch (error) {
        sent.emit('error', error);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    };
    return Object.assign(sent, { socket: null, end: (body?: string) => void end(body) });
  };
  return { module: { Agent, request }, left };
}

function createResponse({ status, text, headers = {} }: Answered): Readable {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return Object.assign(Readable.from([Buffer.from(text)]), {
    statusCode: status,
    headers: Object.fromEntries(lowerCase),
  });
}
