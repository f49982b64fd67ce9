/** The error bodies of Bitbucket. Values in, replies out. */
import { json, type LocalReply } from '../net/reply.ts';

/** The body of an error of the REST API. */
export function apiError(
  status: number,
  message: string,
  detail?: unknown,
  headers: Readonly<Record<string, string>> = {},
): LocalReply {
  const error = { message, ...(detail === undefined ? {} : { detail }) };
  return json(status, { type: 'error', error }, headers);
}

/** Of an endpoint that was removed in April 2026. */
export function goneError(): LocalReply {
  const error = {
    message: 'CHANGE-2770 - Functionality has been deprecated',
    detail: 'https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770',
    data: {},
  };
  return json(410, { type: 'error', error });
}

export function methodError(allowed: readonly string[]): LocalReply {
  return apiError(405, 'Method not allowed', undefined, { Allow: allowed.join(', ') });
}

/** The body of an error of the token endpoint: RFC 6749, section 5.2. */
export function oauthError(status: number, error: string, description: string): LocalReply {
  return json(status, { error, error_description: description });
}
