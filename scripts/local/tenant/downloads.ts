/**
 * Files that a job ends in. A real tenant has them at another host, under a signed address that is
 * good for 60 seconds; here they are at the tenant's own, and the API's token is no use there either.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createClientId, type TenantStore } from './store.ts';

export const DOWNLOAD_PATH = '/exports/';

const LINK_LIFE_MS = 60_000;
/** The name of the tenant is the name of the file. */
const TENANT_NAME = 'local';

/** @returns the address, which whoever has it can read the file at for 60 seconds. */
export function createDownload(
  store: TenantStore,
  origin: string,
  content: string,
  extension: string,
  nowMs: number,
): string {
  const key = createClientId();
  const expiresAtMs = nowMs + LINK_LIFE_MS;
  store.downloads.set(key, { content, expiresAtMs });
  const url = new URL(`${DOWNLOAD_PATH}${key}/${TENANT_NAME}.${extension}.gz`, origin);
  url.searchParams.set('Expires', String(Math.floor(expiresAtMs / 1_000)));
  return url.href;
}

/**
 * UNVERIFIED: what the other host is and how it refuses. Its links look like those of Amazon S3,
 * which answers 403 to one that has expired and 400 to one that comes with an Authorization header.
 */
export function serveDownload(
  store: TenantStore,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  nowMs: number,
): void {
  const download = store.downloads.get(path.slice(DOWNLOAD_PATH.length).split('/')[0] ?? '');
  if (request.headers.authorization !== undefined) {
    refuse(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
  } else if (download === undefined || nowMs >= download.expiresAtMs) {
    refuse(response, 403, 'AccessDenied', 'Request has expired');
  } else {
    const bytes = gzipSync(download.content);
    response.writeHead(200, { 'Content-Type': 'application/gzip', 'Content-Length': bytes.length });
    response.end(bytes);
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
