/** An application by hand, without a library: what it is answered, to the letter. */
import { createHash, randomBytes } from 'node:crypto';
import axios from 'axios';
import type { Browser } from '#scripts/local/stage/browser.ts';

export interface TokenResponse {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/**
 * Signs in with the code flow, and redeems the code; PKCE is sent where there is no `client_secret`.
 * @throws {Error} with the query of the answer where there is no code in it.
 */
export async function signInTo(
  origin: string,
  browser: Browser,
  redirect_uri: string,
  {
    client_secret,
    ...params
  }: Readonly<Record<string, string>> & { readonly client_secret?: string },
): Promise<TokenResponse> {
  const code_verifier = randomBytes(32).toString('base64url');
  const isPublic = client_secret === undefined;
  const url = new URL('/authorize', origin);
  url.search = String(
    new URLSearchParams({
      response_type: 'code',
      redirect_uri,
      connection: 'bitbucket',
      ...(isPublic && {
        code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }),
      ...params,
    }),
  );
  const answer = await browser.open(url, redirect_uri);
  const code = answer.searchParams.get('code');
  if (code === null) throw new Error(answer.search);
  const { data } = await axios.post(`${origin}/oauth/token`, {
    grant_type: 'authorization_code',
    client_id: params.client_id,
    redirect_uri,
    code,
    ...(isPublic ? { code_verifier } : { client_secret }),
  });
  return data;
}
