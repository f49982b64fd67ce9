/**
 * One HTTPS request that trusts `ca` alone and keeps what arrived, also of an answer that broke
 * off. Follows no redirect, keeps no connection, and sends no header but those it is given.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface HttpsRequest {
  /** PEM. */
  readonly ca: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A form is sent as one; a text as it is. */
  readonly body?: URLSearchParams | string;
  /** Called when the header of the answer is there, and of the body perhaps nothing yet. */
  readonly onHeader?: () => void;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The connection lasted as long as the body that was announced. */
  readonly isComplete: boolean;
}

/** Rejects when the connection ends before there is a header. */
export function sendHttps(url: string, options: HttpsRequest): Promise<HttpsAnswer> {
  const { ca, method = 'GET', body = '', onHeader } = options;
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const bytes = Buffer.from(body.toString());
  const headers = {
    ...(body instanceof URLSearchParams ? type : {}),
    ...(bytes.length > 0 ? { 'Content-Length': String(bytes.length) } : {}),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      const finish = () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
          isComplete: answer.complete,
        });
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', finish);
      answer.on('error', finish);
      onHeader?.();
    });
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}
