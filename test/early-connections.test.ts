/**
 * Connections of the shipped files: how many there are, which are opened before there is anything to
 * send, what comes on them, and that none is left that is not kept. The tenant's answers are held
 * back until Bitbucket has seen what there is to see, so nothing here depends on time.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PostLoginApi, PostLoginEvent } from '#actions/lib/auth0/post-login.ts';
import { bundlePathOf, listActionNames } from '../scripts/lib/build/actions.ts';
import { createServerCertificate } from '../scripts/local/net/certificate.ts';
import { type Handler, loadHandler } from '../scripts/local/stage/load-handler.ts';
import { redirectNetwork } from '../scripts/local/tenant/action-runtime/network.ts';
import { SECRETS } from './support/action-run.ts';
import {
  type Connection,
  type Responder,
  reply,
  startWatchedServer,
  type WatchedServer,
} from './support/watched-server.ts';

const TENANT = SECRETS.MANAGEMENT_DOMAIN ?? '';
const certificate = await createServerCertificate([TENANT, 'api.bitbucket.org']);
const tenant = await startWatchedServer(certificate);
const bitbucket = await startWatchedServer(certificate);
const network = new Map<string, number>();
redirectNetwork(network, certificate.cert);

const codes = await Promise.all(
  (await listActionNames()).map((name) => readFile(bundlePathOf(name), 'utf8')),
);
let handlers: readonly Handler[];
let from: readonly [number, number];
/** Of this test. */
const toTenant = () => tenant.connections.slice(from[0]);
const toBitbucket = () => bitbucket.connections.slice(from[1]);
const open = (connections: readonly Connection[]) => connections.filter((one) => !one.isClosed);

const USER = { type: 'user', uuid: '{470c176d-3574-44ea-bb41-89e8638bcca4}' };
const json = (body: unknown) => reply(JSON.stringify(body));
const ofTenant = (request: string): string =>
  request.startsWith('POST /oauth/token')
    ? json({ access_token: 'management', expires_in: 86_400 })
    : json({
        user_id: 'bitbucket|1',
        identities: [{ connection: 'bitbucket', access_token: 'theirs' }],
      });
const ofBitbucket = (request: string): string => {
  const path = request.split(' ')[1] ?? '';
  if (path === '/2.0/user') return json(USER);
  if (path.startsWith('/2.0/user/emails')) {
    return json({ values: [{ email: 'a@example.com', is_primary: true, is_confirmed: true }] });
  }
  const slug = path.split('/')[4] ?? '';
  const uuid = `{${Buffer.from(slug).toString('hex').padStart(8, '0')}-0000-4000-8000-000000000000}`;
  return json({ permission: 'member', user: USER, workspace: { slug, uuid } });
};
const answering =
  (textOf: (request: string) => string): Responder =>
  ({ socket }, request) =>
    socket.write(textOf(request));

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  from = [tenant.connections.length, bitbucket.connections.length];
  // A fresh instance, without connections.
  handlers = codes.map((code) => loadHandler(code));
  network.set(`${TENANT}:443`, tenant.port).set('api.bitbucket.org:443', bitbucket.port);
  tenant.respond = answering(ofTenant);
  bitbucket.respond = answering(ofBitbucket);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const { socket } of [...tenant.connections, ...bitbucket.connections]) socket.destroy();
});
afterAll(() => Promise.all([tenant.close(), bitbucket.close()]));

interface Login {
  readonly allowed?: string;
  readonly event?: Partial<PostLoginEvent>;
  readonly api?: Partial<PostLoginApi>;
  readonly appMetadata?: Readonly<Record<string, unknown>>;
}

/** Both Actions; the reason of the refusal. */
async function logIn(login: Login = {}): Promise<{
  readonly reason: string | undefined;
  readonly appMetadata: Record<string, unknown>;
}> {
  const transaction: Record<string, unknown> = {};
  const appMetadata: Record<string, unknown> = { ...login.appMetadata };
  let reason: string | undefined;
  const api: PostLoginApi = {
    access: {
      deny: (text) => {
        reason ??= text;
      },
    },
    idToken: { setCustomClaim: () => {} },
    accessToken: { setCustomClaim: () => {} },
    user: { setAppMetadata: (key, value) => Object.assign(appMetadata, { [key]: value }) },
    cache: { get: () => undefined, set: () => {}, delete: () => {} },
    transaction: { setMetadata: (key, value) => Object.assign(transaction, { [key]: value }) },
    ...login.api,
  };
  for (const handler of handlers) {
    const event: PostLoginEvent = {
      connection: { name: 'bitbucket', strategy: 'bitbucket' },
      client: { client_id: 'app' },
      user: {
        user_id: 'bitbucket|1',
        email: 'a@example.com',
        app_metadata: { ...login.appMetadata },
      },
      transaction: { protocol: 'oidc-basic-profile', metadata: transaction },
      secrets: { ...SECRETS, ALLOWED_WORKSPACES: login.allowed ?? 'acme' },
      ...login.event,
    };
    await handler(event, api);
    if (reason !== undefined) break;
  }
  return { reason, appMetadata };
}

/** Answers the first request only when `isSo` of the other server. */
function holdBack(server: WatchedServer, other: WatchedServer, isSo: () => boolean): void {
  const answer = server.respond;
  server.respond = async (...args) => {
    await other.until(isSo);
    answer(...args);
  };
}

test('a cold login has four: one to the tenant, and three that Bitbucket has before the token is there', async () => {
  const seen: string[] = [];
  holdBack(tenant, bitbucket, () => {
    if (toBitbucket().length < 3) return false;
    seen.push(...toBitbucket().map(({ received }) => received));
    return true;
  });
  expect((await logIn()).reason).toBeUndefined();
  // Before each of the tenant's answers nothing had come on them.
  expect(seen).toEqual(Array(6).fill(''));
  expect(toTenant()).toHaveLength(1);
  expect(toBitbucket()).toHaveLength(3);
  expect(toTenant()[0]?.received.match(/(GET|POST) (?=.* HTTP)/g)).toEqual(['POST ', 'GET ']);
  for (const { received, servername, protocol } of toBitbucket()) {
    expect(received.match(/^GET /gm)).toHaveLength(1);
    expect(received).toContain('Authorization: Bearer theirs');
    expect([servername, protocol]).toEqual(['api.bitbucket.org', 'http/1.1']);
  }
});

test('the next login of the instance takes what the first has left', async () => {
  await logIn();
  await logIn();
  expect(toTenant()).toHaveLength(1);
  expect(toBitbucket()).toHaveLength(3);
});

test('at most four are opened early; what more there is to ask opens its own', async () => {
  let early = 0;
  holdBack(tenant, bitbucket, () => {
    early = toBitbucket().length;
    return early >= 4;
  });
  const asked = logIn({ allowed: 'a, b, c, d, e' });
  expect((await asked).reason).toBeUndefined();
  expect(early).toBe(4);
  expect(toBitbucket()).toHaveLength(7);
});

test.each([
  ['refuses', (): string => reply('{}', '', '401 Unauthorized'), 'bitbucket_misconfigured'],
  ['says what cannot be read', (): string => reply('<'), 'bitbucket_unavailable'],
])('where the tenant %s, they are closed with the login', async (_, answer, code) => {
  tenant.respond = answering(answer);
  holdBack(tenant, bitbucket, () => toBitbucket().length >= 3);
  expect((await logIn()).reason).toContain(code);
  await bitbucket.until(() => open(toBitbucket()).length === 0);
  expect(toBitbucket().map(({ received }) => received)).toEqual(['', '', '']);
});

test('where the tenant does not answer in time, too', async () => {
  tenant.respond = () => {};
  expect((await logIn()).reason).toContain('bitbucket_unavailable');
  await bitbucket.until(() => toBitbucket().length === 3 && open(toBitbucket()).length === 0);
  await tenant.until(() => open(toTenant()).length === 0);
});

test('where the early ones end before TLS, the login goes well', async () => {
  const begun = bitbucket.begun;
  bitbucket.refuseNext = 3;
  holdBack(tenant, bitbucket, () => bitbucket.begun >= begun + 3);
  expect((await logIn()).reason).toBeUndefined();
});

test('where there was nobody to open them to, neither does it mind', async () => {
  network.set('api.bitbucket.org:443', 1);
  tenant.respond = ({ socket }, request) => {
    network.set('api.bitbucket.org:443', bitbucket.port);
    socket.write(ofTenant(request));
  };
  expect((await logIn()).reason).toBeUndefined();
});

test('where somebody else answers for Bitbucket, nothing is sent', async () => {
  const stranger = await startWatchedServer(await createServerCertificate(['stranger.example']));
  network.set('api.bitbucket.org:443', stranger.port);
  expect((await logIn()).reason).toContain('bitbucket_unavailable');
  expect(stranger.begun).toBeGreaterThanOrEqual(3);
  expect(stranger.connections.map(({ received }) => received).join('')).toBe('');
  await stranger.close();
});

test('where facts decide, and for other connections, there is none', async () => {
  const { appMetadata } = await logIn();
  const before = [tenant.begun, bitbucket.begun];
  const refresh = { transaction: { protocol: 'oauth2-refresh-token', metadata: {} } };
  expect((await logIn({ appMetadata, event: refresh })).reason).toBeUndefined();
  await logIn({ event: { connection: { name: 'google', strategy: 'google-oauth2' } } });
  await new Promise((resolve) => setImmediate(resolve));
  expect([tenant.begun, bitbucket.begun]).toEqual(before);
});
