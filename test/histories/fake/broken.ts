/** How a failure looks on the wire. */
import type { Kind } from './failures.ts';
import { BETA, STRANGER } from './world.ts';

export interface Wire {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html' };
const HTML = '<!doctype html><title>Error</title><p>person@example.com may not.</p>';

const toWire = (status: number, body: unknown): Wire => ({
  status,
  text: JSON.stringify(body),
  headers: JSON_TYPE,
});
const errorOf = (message: string, detail?: unknown) => ({
  type: 'error',
  error: { message, ...(detail === undefined ? {} : { detail }) },
});

/** The broken answer; `undefined` where nothing comes back at all (`drop`, `silence`). */
export function breakAnswer(
  kind: Kind,
  asker: string,
  endpoint: string,
  whole: unknown,
  now: number,
): Wire | undefined {
  switch (kind) {
    case 'drop':
    case 'silence':
      return undefined;
    case '500':
      return { status: 500, text: HTML, headers: HTML_TYPE };
    case '503':
      return toWire(503, errorOf('Service unavailable.'));
    case '429':
      return asker === 'management'
        ? {
            ...toWire(429, {
              statusCode: 429,
              error: 'Too Many Requests',
              errorCode: 'too_many_requests',
            }),
            headers: { ...JSON_TYPE, 'x-ratelimit-reset': String(Math.ceil(now / 1_000) + 60) },
          }
        : toWire(429, errorOf('Rate limit for this resource has been exceeded'));
    case 'html403':
      return { status: 403, text: HTML, headers: HTML_TYPE };
    case 'html404':
      return { status: 404, text: HTML, headers: HTML_TYPE };
    case 'garbage':
      return { status: 200, text: '{"type":', headers: JSON_TYPE };
    case 'shape':
      return toWire(200, { type: 'surprise', values: 'person@example.com' });
    case 'huge':
      return toWire(200, { values: new Array(450_000).fill(0) });
    case 'deep':
      return { status: 200, text: '['.repeat(800_000), headers: JSON_TYPE };
    case 'another':
      return toWire(200, speakOfAnother(whole));
    case 'scope':
      return toWire(
        403,
        errorOf('Your credentials lack one or more required privilege scopes.', {
          granted: ['email'],
          required: ['account'],
        }),
      );
    case 'expired':
      return asker === 'management'
        ? toWire(401, { statusCode: 401, error: 'Unauthorized', message: 'Invalid token' })
        : toWire(401, errorOf('Access token expired.'));
    case 'denied':
      return endpoint === 'profile'
        ? toWire(404, { statusCode: 404, error: 'Not Found', errorCode: 'inexistent_user' })
        : toWire(endpoint === 'token' || endpoint === 'key' ? 401 : 403, errorOf('Denied.'));
  }
}

/** A yes about somebody and something else than was asked about. */
function speakOfAnother(whole: unknown): unknown {
  const user = { type: 'user', uuid: STRANGER };
  const workspace = { type: 'workspace', uuid: BETA, slug: 'another' };
  if (typeof whole === 'object' && whole !== null && 'values' in whole) {
    const repository = { type: 'repository', name: 'x', full_name: 'another/x', uuid: BETA };
    return { values: [{ type: 'repository_permission', permission: 'admin', user, repository }] };
  }
  return { type: 'workspace_membership', permission: 'owner', user, workspace };
}
