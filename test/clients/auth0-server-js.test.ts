/** auth0-server-js signs in, is refused, refreshes and signs out. */
import {
  ServerClient,
  type StateData,
  type StateStore,
  type TransactionData,
} from '@auth0/auth0-server-js';
import { afterAll, expect, test } from 'vitest';
import {
  API,
  browserOf,
  startApplicationTenant,
  WEB,
  WEB_SECRET,
} from '#test/support/application-tenant.ts';
import { readForm } from '#test/support/page-form.ts';

const HOME = 'http://localhost:3000';
const CALLBACK = `${HOME}/callback`;
const tenant = await startApplicationTenant(HOME);
afterAll(() => tenant.close());

/** Of one browser, in memory. */
function createKeep<Data>() {
  const kept = new Map<string, Data>();
  return {
    set: async (identifier: string, data: Data) => {
      kept.set(identifier, data);
    },
    get: async (identifier: string) => kept.get(identifier),
    delete: async (identifier: string) => {
      kept.delete(identifier);
    },
  };
}

function createClient(): { client: ServerClient; states: StateStore } {
  const states = { ...createKeep<StateData>(), deleteByLogoutToken: async () => undefined };
  const client = new ServerClient({
    domain: tenant.tenant.domain,
    clientId: WEB,
    clientSecret: WEB_SECRET,
    authorizationParams: {
      redirect_uri: CALLBACK,
      audience: API,
      scope: 'openid profile email offline_access read:reports',
      connection: 'bitbucket',
    },
    stateStore: states,
    transactionStore: createKeep<TransactionData>(),
    stateIdentifier: 'state',
  });
  return { client, states };
}

test('a person signs in, has an access token, is refreshed when it ends, and signs out', async () => {
  const { client, states } = createClient();
  const browser = browserOf(tenant.max);
  const answer = await browser.open(await client.startInteractiveLogin(), CALLBACK);
  await client.completeInteractiveLogin(answer);
  expect(await client.getUser()).toMatchObject({ email: 'max@example.com', nickname: 'max' });
  const first = await client.getAccessToken();
  expect(first.scope).toBe('openid profile email offline_access read:reports');

  const state = await states.get('state');
  if (state === undefined) throw new Error('nothing is kept');
  for (const tokens of state.tokenSets) tokens.expiresAt = 0;
  const second = await client.getAccessToken();
  expect(second.accessToken).not.toBe(first.accessToken);
  expect(second.expiresAt - Math.floor(Date.now() / 1_000)).toBeGreaterThan(86_000);

  const out = await client.logout({ returnTo: HOME });
  // It sends no ID token, so the tenant asks.
  const question = await browser.visit(out);
  expect(question.body).toContain('Do you want to log out?');
  const back = await browser.visit(new URL(out.pathname, out), readForm(question.body));
  expect([back.status, back.location]).toEqual([302, HOME]);
  expect(await client.getUser()).toBeUndefined();
});

test('a person who is refused is told why', async () => {
  const { client } = createClient();
  const browser = browserOf(tenant.nora);
  const answer = await browser.open(await client.startInteractiveLogin(), CALLBACK);
  expect(answer.searchParams.get('error_description')).toMatch(/^bitbucket_workspace_required: /);
  await expect(client.completeInteractiveLogin(answer)).rejects.toThrow();
  expect(await client.getUser()).toBeUndefined();
});
