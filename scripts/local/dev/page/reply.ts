/** What the page answers, as values, and the headers that keep other sites out. */
import type { ServerResponse } from 'node:http';
import type { Html } from './html.ts';

export interface PageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function page(content: Html, status = 200): PageReply {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: content.text };
}

export function data(content: unknown, status = 200): PageReply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(content, null, 2)}\n`,
  };
}

export function file(type: string, body: string, name?: string): PageReply {
  const headers = { 'Content-Type': `${type}; charset=utf-8` };
  if (name === undefined) return { status: 200, headers, body };
  const disposition = `attachment; filename="${name}"`;
  return { status: 200, headers: { ...headers, 'Content-Disposition': disposition }, body };
}

/** After a form: the browser asks for `location` with GET. */
export function seeOther(location: string): PageReply {
  return { status: 303, headers: { Location: location }, body: '' };
}

/** @param formTargets origins, beside its own, that a form's redirects may lead to. */
export function send(
  response: ServerResponse,
  { status, headers, body }: PageReply,
  formTargets: readonly string[],
  cookie?: string,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    'Content-Length': bytes.length,
    'Content-Security-Policy': [
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:",
      // Chromium applies it to the redirects after a form too: the sign-in goes to Bitbucket.
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'; frame-ancestors 'none'",
    ].join('; '),
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // With `no-referrer` a browser would not say where its own forms come from.
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  });
  response.end(bytes);
}
