/** Bitbucket, as the tenant's connection talks to it: the code for tokens, the tokens for a profile. */
import axios from 'axios';
import type { StoredConnection } from '../store.ts';

export interface UpstreamProfile {
  readonly uuid: string;
  readonly name: string;
  readonly nickname: string;
  /** Address of the account's image. */
  readonly picture: string | undefined;
  /** The primary address, and whether Bitbucket calls it confirmed. */
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** The page that the browser is sent to. */
export function createUpstreamUrl(
  bitbucketOrigin: string,
  connection: StoredConnection,
  state: string,
  redirectUri: string,
): string {
  const url = new URL('/site/oauth2/authorize', bitbucketOrigin);
  url.searchParams.set('client_id', String(connection.options.client_id));
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('state', state);
  return url.href;
}

const TIMEOUT_MS = 10_000;

/** @throws {Error} with a status and nothing else of the answer. */
export async function fetchUpstreamProfile(
  bitbucketOrigin: string,
  connection: StoredConnection,
  code: string,
  redirectUri: string,
): Promise<UpstreamProfile> {
  const http = axios.create({
    baseURL: bitbucketOrigin,
    maxRedirects: 0,
    timeout: TIMEOUT_MS,
    validateStatus: () => true,
  });
  const tokens = await http.post(
    '/site/oauth2/access_token',
    new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
    {
      auth: {
        username: String(connection.options.client_id),
        password: String(connection.options.client_secret),
      },
    },
  );
  const accessToken: unknown = tokens.data?.access_token;
  if (tokens.status !== 200 || typeof accessToken !== 'string') {
    throw new Error(`Bitbucket refused the code: ${tokens.status}`);
  }
  const headers = { Authorization: `Bearer ${accessToken}` };
  const [user, emails] = await Promise.all([
    http.get('/2.0/user', { headers }),
    http.get('/2.0/user/emails?pagelen=100', { headers }),
  ]);
  if (user.status !== 200 || typeof user.data?.uuid !== 'string') {
    throw new Error(`Bitbucket did not tell who it is: ${user.status}`);
  }
  const addresses: { email: string; is_primary: boolean; is_confirmed: boolean }[] = Array.isArray(
    emails.data?.values,
  )
    ? emails.data.values
    : [];
  const primary = addresses.find((address) => address.is_primary);
  return {
    uuid: user.data.uuid,
    name: user.data.display_name,
    nickname: user.data.nickname,
    picture: user.data.links?.avatar?.href,
    email: primary?.email,
    emailVerified: primary?.is_confirmed ?? false,
    accessToken,
    refreshToken: tokens.data.refresh_token,
  };
}
