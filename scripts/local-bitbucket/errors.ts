/** The error bodies of Bitbucket. Values in, replies out. */
import { json, type LocalReply } from '../local/reply.ts';

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

/** The body of an error of the token endpoint: RFC 6749, section 5.2. */
export function oauthError(status: number, error: string, description: string): LocalReply {
  return json(status, { error, error_description: description });
}
