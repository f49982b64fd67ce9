/** The requests themselves: where to and with which headers. */
import { describe, expect, test } from 'vitest';
import {
  ACME,
  afterwards,
  CONSUMER,
  CONSUMER_TOKEN,
  EXPIRED,
  MANAGEMENT_TOKEN,
  PERSON,
  type RunOptions,
  run,
  USER_TOKEN,
} from '#test/support/action-run.ts';

const json = { Accept: 'application/json' };
const asUser = { ...json, Authorization: `Bearer ${USER_TOKEN}` };
const api = { method: 'GET', origin: 'https://api.bitbucket.org' };
const sentBy = async (options: RunOptions) =>
  (await run(options)).calls.map(({ timeoutMs: _, ...call }) => call);

describe('the requests', () => {
  test('of a login', async () => {
    expect(await sentBy({ secrets: { ALLOWED_WORKSPACES: `acme,${ACME.uuid}` } })).toEqual([
      {
        endpoint: 'management token',
        method: 'POST',
        origin: 'https://acme.eu.auth0.com',
        path: '/oauth/token',
        headers: { ...json, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: 'machine-client-id',
          client_secret: 'machine-client-secret',
          audience: 'https://acme.eu.auth0.com/api/v2/',
        }),
      },
      {
        endpoint: 'management user',
        method: 'GET',
        origin: 'https://acme.eu.auth0.com',
        path: '/api/v2/users/bitbucket%7C470c176d?fields=user_id,identities&include_fields=true',
        headers: { ...json, Authorization: `Bearer ${MANAGEMENT_TOKEN}` },
      },
      { endpoint: 'bitbucket user', ...api, path: '/2.0/user', headers: asUser },
      {
        endpoint: 'bitbucket emails',
        ...api,
        path: '/2.0/user/emails?pagelen=100',
        headers: asUser,
      },
      {
        endpoint: 'bitbucket permission',
        ...api,
        path: '/2.0/user/workspaces/acme/permission',
        headers: asUser,
      },
      {
        endpoint: 'bitbucket permission',
        ...api,
        path: `/2.0/user/workspaces/${encodeURIComponent(ACME.uuid)}/permission`,
        headers: asUser,
      },
    ]);
  });

  test('for any workspace', async () => {
    const sent = await sentBy({ secrets: { ALLOWED_WORKSPACES: '*' } });
    expect(sent.at(-1)).toEqual({
      endpoint: 'bitbucket workspaces',
      ...api,
      path: '/2.0/user/workspaces?pagelen=100',
      headers: asUser,
    });
  });

  test('as the consumer', async () => {
    const login = await run();
    const sent = await sentBy({
      isRefresh: true,
      secrets: CONSUMER,
      user: afterwards(login, 180),
      script: EXPIRED,
    });
    expect(sent.slice(-2)).toEqual([
      {
        endpoint: 'bitbucket consumer token',
        method: 'POST',
        origin: 'https://bitbucket.org',
        path: '/site/oauth2/access_token',
        headers: {
          ...json,
          Authorization: `Basic ${btoa('consumer-key:consumer-secret')}`,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      },
      {
        endpoint: 'bitbucket member',
        ...api,
        path: `/2.0/workspaces/acme/members/${encodeURIComponent(PERSON)}`,
        headers: { ...json, Authorization: `Bearer ${CONSUMER_TOKEN}` },
      },
    ]);
  });

  test('are counted in the log, retries included', async () => {
    const { log, calls } = await run({ script: { 'bitbucket user': 503 } });
    expect(log.calls).toBe(6);
    expect(calls).toHaveLength(6);
  });
});
