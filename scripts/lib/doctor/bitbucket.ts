/** One question to Bitbucket's API, and what its headers say beside the answer. */
import axios from 'axios';
import { type Finding, warning } from './finding.ts';

const http = axios.create({ timeout: 15_000, maxRedirects: 0, validateStatus: () => true });

export interface BitbucketAnswer {
  /** Absent where there was no answer. */
  readonly status?: number;
  /** JSON, where it is; anything else is read as nothing. */
  readonly body: unknown;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @param path below `https://api.bitbucket.org`. */
export function askBitbucket(path: string, token: string): Promise<BitbucketAnswer> {
  return read(
    http.get(`https://api.bitbucket.org${path}`, { headers: { Authorization: `Bearer ${token}` } }),
  );
}

/** The token endpoint, as the consumer. */
export function askForToken(username: string, password: string): Promise<BitbucketAnswer> {
  return read(
    http.post(
      'https://bitbucket.org/site/oauth2/access_token',
      new URLSearchParams({ grant_type: 'client_credentials' }),
      { auth: { username, password } },
    ),
  );
}

async function read(
  call: Promise<{ readonly status: number; readonly data: unknown; readonly headers: object }>,
): Promise<BitbucketAnswer> {
  // The error of a broken network holds the request, and with it the credential: it ends here.
  const reply = await call.catch(() => undefined);
  if (reply === undefined) return { body: undefined, headers: {} };
  const headers = Object.entries(reply.headers).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return { status: reply.status, body: reply.data, headers: Object.fromEntries(headers) };
}

/**
 * What an answer's headers announce: that a route is going to be removed (`Deprecation`, RFC 9745;
 * `Sunset`, RFC 8594), and that it asks for scopes that the token lacks (`X-Accepted-OAuth-Scopes`
 * beside `X-OAuth-Scopes`). They are no part of Bitbucket's contract: their absence says nothing.
 * @param route as the documentation writes it.
 */
export function readNotices(
  route: string,
  { status, headers }: BitbucketAnswer,
): readonly Finding[] {
  const check = `Bitbucket ${route}`;
  const { deprecation, sunset } = headers;
  const accepted = readScopes(headers['x-accepted-oauth-scopes']);
  const granted = readScopes(headers['x-oauth-scopes']);
  const isLacking =
    accepted.length > 0 && granted.length > 0 && !accepted.some((name) => includes(granted, name));
  return [
    ...(status === 410
      ? [warning(check, 'it was removed (410)', 'Look for a newer version of this package.')]
      : []),
    ...(deprecation === undefined && sunset === undefined
      ? []
      : [
          warning(
            check,
            sunset === undefined
              ? `Bitbucket is going to remove it (deprecated: ${showDate(deprecation)})`
              : `Bitbucket is going to remove it on ${showDate(sunset)}`,
            'Look for a newer version of this package, before people can no longer sign in.',
          ),
        ]),
    ...(isLacking
      ? [
          warning(
            check,
            `it asks for the permission ${accepted.join(' or ')}, and the consumer has ${granted.join(', ')}`,
            'Give it to the consumer, in the workspace: Settings → OAuth consumers.',
          ),
        ]
      : []),
  ];
}

export function readScopes(text = ''): readonly string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

/** `account:write` includes reading the account, and so on. */
export function includes(granted: readonly string[], scope: string): boolean {
  return granted.some((name) => name === scope || name.startsWith(`${scope}:`));
}

/** `@1767225600` (RFC 9745), an HTTP date, or as it stands. */
function showDate(text = ''): string {
  const seconds = /^@(\d+)$/.exec(text)?.[1];
  const date = seconds === undefined ? new Date(text) : new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? text : date.toISOString().slice(0, 10);
}
