/** Connections that a login prepares are closed with it, whatever it meets. */
import { expect, test } from 'vitest';
import type { PostLoginApi } from '#actions/lib/auth0/post-login.ts';
import { HttpError } from '#actions/lib/http/send.ts';
import { runAction } from '#actions/lib/login/run-action.ts';
import { EMAIL, SECRETS } from '#test/support/action-run.ts';

test.each([
  ['an outage', new HttpError('management token', 'timed_out')],
  ['what nobody expects', new TypeError('surprise')],
])('after %s', async (_, error) => {
  const happened: string[] = [];
  const api: PostLoginApi = {
    access: { deny: (reason) => happened.push(reason.split(':')[0] ?? '') },
    idToken: { setCustomClaim: () => {} },
    accessToken: { setCustomClaim: () => {} },
    user: { setAppMetadata: () => {} },
    cache: { get: () => undefined, set: () => {}, delete: () => {} },
    transaction: { setMetadata: () => {} },
  };
  const ports = {
    now: () => 0,
    sleep: async () => {},
    random: () => 0,
    log: () => {},
    send: () => Promise.reject(error),
    openEarly: (origin: string, count: number) => {
      happened.push(`${count} to ${origin}`);
      return () => happened.push('closed');
    },
  };
  const event = {
    connection: { name: 'bitbucket', strategy: 'bitbucket' },
    client: { client_id: 'app' },
    user: { user_id: 'bitbucket|1', email: 'a@example.com', app_metadata: {} },
    secrets: SECRETS,
  };
  await runAction(EMAIL, ports, event, api);
  expect(happened).toEqual(['3 to https://api.bitbucket.org', 'closed', 'bitbucket_unavailable']);
});
