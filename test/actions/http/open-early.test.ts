/** Connections that are opened before there is anything to send. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Call, openEarly, sendWithAxios } from '#actions/lib/http/send.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';
import { type Connection, reply, startWatchedServer } from '#test/support/watched-server.ts';

const HOST = 'api.bitbucket.org';
const ORIGIN = `https://${HOST}`;
const CALL: Call = {
  endpoint: 'e',
  method: 'GET',
  origin: ORIGIN,
  path: '/',
  headers: {},
  timeoutMs: 20_000,
};

const certificate = await createServerCertificate([HOST]);
const server = await startWatchedServer(certificate);
const network = new Map<string, number>();
redirectNetwork(network, certificate.cert);
let first = 0;
let begunBefore = 0;
/** Of this test. */
const connections = (): readonly Connection[] => server.connections.slice(first);
const begun = () => server.begun - begunBefore;
const areOpen = () => connections().filter(({ isClosed }) => !isClosed).length;
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  first = server.connections.length;
  begunBefore = server.begun;
  network.set(`${HOST}:443`, server.port);
  server.respond = ({ socket }) => socket.write(reply('{}'));
});
afterEach(async () => {
  for (const { socket } of server.connections) socket.destroy();
  await server.until(() => server.connections.every(({ isClosed }) => isClosed));
  // The client has seen it too.
  await turn();
});
afterAll(() => server.close());

/** Opens so many and waits until all of them are there. */
async function openAndWait(count: number): Promise<() => void> {
  const close = openEarly(ORIGIN, count);
  await server.until(() => connections().length === count);
  return close;
}

test('nothing is sent on them, calls take them, and the rest is closed', async () => {
  const close = await openAndWait(3);
  expect(connections().map(({ received }) => received)).toEqual(['', '', '']);
  expect(connections().map(({ servername, protocol }) => [servername, protocol])).toEqual(
    Array(3).fill([HOST, 'http/1.1']),
  );
  const replies = await Promise.all([sendWithAxios(CALL), sendWithAxios(CALL)]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(begun()).toBe(3);
  close();
  await server.until(() => areOpen() === 2);
  expect(connections().filter(({ received }) => received === '')).toHaveLength(1);
});

test('calls beyond them open more', async () => {
  const close = await openAndWait(2);
  await Promise.all(Array.from({ length: 5 }, () => sendWithAxios(CALL)));
  expect(begun()).toBe(5);
  close();
  expect(areOpen()).toBe(5);
});

test('what is idle counts', async () => {
  await Promise.all([sendWithAxios(CALL), sendWithAxios(CALL)]);
  expect(begun()).toBe(2);
  const close = openEarly(ORIGIN, 3);
  await server.until(() => connections().length === 3);
  await Promise.all(Array.from({ length: 3 }, () => sendWithAxios(CALL)));
  expect(begun()).toBe(3);
  close();
});

test('closed at once, none is opened', async () => {
  openEarly(ORIGIN, 3)();
  await sendWithAxios(CALL);
  expect(begun()).toBe(1);
});

test('closed while they are being made, none is left', async () => {
  const close = openEarly(ORIGIN, 3);
  await server.until(() => begun() === 3);
  close();
  await server.until(() => areOpen() === 0);
  await sendWithAxios(CALL);
  expect(connections().filter(({ received }) => received !== '')).toHaveLength(1);
});

test.each(['GET', 'POST'] as const)(
  'where they end in their handshake, a %s takes another, once',
  async (method) => {
    server.refuseNext = 2;
    const close = openEarly(ORIGIN, 2);
    // Taken while they are being made.
    const asked = sendWithAxios({ ...CALL, method });
    await expect(asked).resolves.toMatchObject({ status: 200 });
    expect(connections().map(({ received }) => received.split(' ')[0])).toEqual([method]);
    close();
  },
);

test.each([
  ['nothing listens', 1],
  ['the name is unknown', undefined],
])('where %s, the calls do not mind', async (_, port) => {
  network.delete(`${HOST}:443`);
  if (port !== undefined) network.set(`${HOST}:443`, port);
  const close = openEarly(ORIGIN, 3);
  await turn();
  network.set(`${HOST}:443`, server.port);
  await expect(sendWithAxios(CALL)).resolves.toMatchObject({ status: 200 });
  close();
});

test('one that the other side has closed is not taken', async () => {
  const close = await openAndWait(2);
  for (const { socket } of connections()) socket.end();
  await server.until(() => areOpen() === 0);
  await expect(sendWithAxios(CALL)).resolves.toMatchObject({ status: 200 });
  expect(begun()).toBe(3);
  close();
});

test('where they were there for long and are gone, a GET is sent once more, on a new one', async () => {
  const close = await openAndWait(3);
  const early = connections();
  const requests: string[] = [];
  server.respond = (connection, request) => {
    requests.push(request);
    if (early.includes(connection)) connection.socket.destroy();
    else connection.socket.write(reply('{}'));
  };
  // The client has the handshakes too.
  await Promise.all(early.map(({ socket }) => new Promise((resolve) => socket.write('', resolve))));
  await turn();
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_000);
  await expect(sendWithAxios(CALL)).resolves.toMatchObject({ status: 200 });
  vi.restoreAllMocks();
  expect(requests).toHaveLength(2);
  close();
});

test('one on which the other side speaks unasked is not taken', async () => {
  const close = await openAndWait(1);
  const [early] = connections();
  await new Promise((resolve) => early?.socket.write(reply('{"poison":1}'), resolve));
  // Whatever is sent later to this process arrives later.
  const elsewhere = openEarly(ORIGIN, 2);
  await server.until(() => connections().length >= 2);
  elsewhere();
  await expect(sendWithAxios(CALL)).resolves.toEqual({ status: 200, text: '{}' });
  close();
});

test('a certificate for another host is refused there as well', async () => {
  network.set('elsewhere.example:443', server.port);
  const close = openEarly('https://elsewhere.example', 1);
  await server.until(() => begun() === 1);
  const asked = sendWithAxios({ ...CALL, origin: 'https://elsewhere.example' });
  await expect(asked).rejects.toThrow('e: dropped');
  expect(
    connections()
      .map(({ received }) => received)
      .join(''),
  ).toBe('');
  close();
});
