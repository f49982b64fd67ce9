/** Reading a request from a socket and writing a reply to it, as it is or with a fault. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { distort, type Fault } from './faults.ts';
import type { LocalReply, LocalRequest } from './reply.ts';

const MAX_BODY_BYTES = 1_000_000;

/** Reads the whole request; its body, where there is one, as a form. */
export async function readRequest(message: IncomingMessage): Promise<LocalRequest> {
  return {
    method: message.method ?? 'GET',
    url: new URL(message.url ?? '/', 'https://localhost'),
    headers: message.headers,
    form: new URLSearchParams(await readBody(message)),
  };
}

/** @throws {RangeError} when it is larger than any request of ours. */
export async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('The request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function writeReply(response: ServerResponse, reply: LocalReply): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length });
  response.end(body);
}

/** `signal` ends every wait: the server is closing. */
export async function writeWithFault(
  response: ServerResponse,
  request: LocalRequest,
  reply: LocalReply,
  fault: Fault,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal });
    if (fault.drop === 'at_once') {
      response.destroy();
      return;
    }
    const { status, headers, body: text } = distort(fault, request, reply);
    if (fault.isChunked) {
      response.writeHead(status, headers);
      response.end(text);
      return;
    }
    if (fault.drop === undefined && fault.stallBodyMs === undefined) {
      writeReply(response, { status, headers, body: text });
      return;
    }
    const body = Buffer.from(text.padEnd(2));
    const half = Math.floor(body.length / 2);
    response.writeHead(status, { ...headers, 'Content-Length': body.length });
    response.write(body.subarray(0, half));
    if (fault.drop === 'in_body') {
      // A moment, so that what was written is on its way before the connection ends.
      await sleep(20, undefined, { signal });
      response.destroy();
      return;
    }
    await sleep(fault.stallBodyMs, undefined, { signal });
    response.end(body.subarray(half));
  } catch (error) {
    response.destroy();
    if (!signal.aborted) throw error;
  }
}
