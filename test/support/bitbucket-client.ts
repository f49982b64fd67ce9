/** A program that signs people in at a local Bitbucket, and asks its API with their tokens. */
import type { LocalBitbucket } from '#scripts/local/bitbucket/server.ts';
import type { BitbucketUser, Consumer } from '#scripts/local/bitbucket/world.ts';
import { type HttpsAnswer, sendHttps } from './https-request.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: HttpsAnswer['headers'];
  /** The body, read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: of any answer; each test says what it expects.
  readonly body: any;
}

export interface BitbucketClient {
  /** @returns an access token. */
  signIn(user: BitbucketUser, consumer: Consumer): Promise<string>;
  /** @returns an access token of the consumer's own. */
  signInAsConsumer(consumer: Consumer): Promise<string>;
  /** `path` with its query; without a token where there is none. */
  get(path: string, token?: string): Promise<ApiAnswer>;
}

/** @param ca PEM of the certificate that the server presents. */
export function createBitbucketClient({ origin }: LocalBitbucket, ca: string): BitbucketClient {
  const requestToken = async ({ key, secret }: Consumer, fields: Record<string, string>) => {
    const { body } = await sendHttps(`${origin}/site/oauth2/access_token`, {
      ca,
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}` },
      body: new URLSearchParams(fields),
    });
    return String(JSON.parse(body).access_token);
  };
  return {
    signIn: async (user, consumer) => {
      const query = new URLSearchParams({ client_id: consumer.key, response_type: 'code' });
      const { headers } = await sendHttps(`${origin}/site/oauth2/authorize?${query}`, {
        ca,
        method: 'POST',
        body: new URLSearchParams({ user: user.uuid, decision: 'grant' }),
      });
      const code = new URL(headers.location ?? '').searchParams.get('code') ?? '';
      return requestToken(consumer, { grant_type: 'authorization_code', code });
    },
    signInAsConsumer: (consumer) => requestToken(consumer, { grant_type: 'client_credentials' }),
    get: async (path, token) => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const answer = await sendHttps(`${origin}${path}`, { ca, headers });
      return { ...answer, body: JSON.parse(answer.body) };
    },
  };
}
