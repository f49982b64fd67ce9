/** In which ways a call can fail, by the name under which it is told, and which calls there are. */
import type { Fault } from '../net/faults.ts';

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  reply: { status: code, headers, body: '{"type":"error","error":{"message":"no"}}' },
});
const body = (text: string): Fault => ({ reply: { status: 200, body: text } });

const LACKS =
  '{"type":"error","error":{"message":"no","detail":{"granted":["email"],"required":["account"]}}}';
const PAGE = '<!doctype html><title>Sorry</title>';
const TWO_MEGABYTES = `"${'x'.repeat(2_000_000)}"`;
const WRONG_TYPES =
  '{"access_token":1,"user_id":2,"identities":{},"type":3,"uuid":[],"values":{},"permission":4}';

/** Of any call. */
export const NAMED_FAULTS = {
  'connection dropped': { drop: 'at_once' },
  'reset in the body': { drop: 'in_body' },
  'slow header': { delayMs: 20_000 },
  'slow body': { stallBodyMs: 20_000 },
  '301 to another host': status(301, { Location: 'https://bitbucket.org/caught' }),
  '307 to another path': status(307, { Location: '/caught' }),
  '204': status(204),
  '400': status(400),
  '401': status(401),
  '403': status(403),
  '403, a scope is missing': { reply: { status: 403, body: LACKS } },
  '403 in HTML': { reply: { status: 403, body: PAGE } },
  '404': status(404),
  '404 in HTML': { reply: { status: 404, body: PAGE } },
  '410': status(410),
  '429': status(429),
  '429, Retry-After 1': status(429, { 'Retry-After': '1' }),
  '429, Retry-After 60': status(429, { 'Retry-After': '60' }),
  '500': status(500),
  '502': status(502),
  '503': status(503),
  '504': status(504),
  'empty body': body(''),
  HTML: body(PAGE),
  'truncated JSON': { reply: (_, reply) => ({ ...reply, body: reply.body.slice(0, -2) }) },
  'wrong types': body(WRONG_TYPES),
  'JSON null': body('null'),
  '2 MB': body(TWO_MEGABYTES),
  '2 MB in chunks': { ...body(TWO_MEGABYTES), isChunked: true },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof NAMED_FAULTS;

/** A call that the Actions make, by the name that their log has for it. */
export interface NamedCall {
  readonly call: string;
  readonly server: 'tenant' | 'bitbucket';
  /** As the faults of that server take it. */
  readonly endpoint: string;
}

export const NAMED_CALLS = {
  'Management token': { server: 'tenant', endpoint: '/oauth/token' },
  'Management user': { server: 'tenant', endpoint: '/api/v2/users/{id}' },
  user: { server: 'bitbucket', endpoint: '/2.0/user' },
  'e-mails': { server: 'bitbucket', endpoint: '/2.0/user/emails' },
  permission: {
    server: 'bitbucket',
    endpoint: '/2.0/user/workspaces/{workspace}/permission',
  },
  workspaces: { server: 'bitbucket', endpoint: '/2.0/user/workspaces' },
  repositories: {
    server: 'bitbucket',
    endpoint: '/2.0/user/workspaces/{workspace}/permissions/repositories',
  },
  'consumer token': { server: 'bitbucket', endpoint: '/site/oauth2/access_token' },
  member: { server: 'bitbucket', endpoint: '/2.0/workspaces/{workspace}/members/{member}' },
} as const satisfies Readonly<Record<string, Omit<NamedCall, 'call'>>>;

export type CallName = keyof typeof NAMED_CALLS;
