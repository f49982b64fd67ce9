/** One call as it is sent, over sockets: what is taken of the reply, and what may go wrong with it. */
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Call, HttpError, sendWithAxios } from '#actions/lib/http/send.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';
import { type Connection, reply, startWatchedServer } from '#test/support/watched-server.ts';

const HOST = 'api.bitbucket.org';
const CALL: Call = {
  endpoint: 'bitbucket user',
  method: 'GET',
  origin: `https://${HOST}`,
  path: '/2.0/user',
  headers: { Accept: 'application/json', Authorization: 'Bearer secret-token' },
  timeoutMs: 20_000,
};
const SOON = { ...CALL, timeoutMs: 200 };

const certificate = await createServerCertificate([HOST]);
const server = await startWatchedServer(certificate);
const network = new Map<string, number>();
redirectNetwork(network, certificate.cert);
const ask = (call: Call = CALL) =>
  sendWithAxios(call).catch((error: unknown) => {
    if (error instanceof HttpError) return error.message;
    throw error;
  });
/** Answers every request so, from now on; the result is what had been asked. */
const answer = (text: string, end = false): readonly string[] => {
  const requests: string[] = [];
  server.respond = ({ socket }, request) => {
    requests.push(request);
    if (end) socket.end(text);
    else socket.write(text);
  };
  return requests;
};

beforeEach(() => {
  network.set(`${HOST}:443`, server.port);
  network.set('elsewhere.example:443', server.port);
});
afterEach(async () => {
  vi.restoreAllMocks();
  // Each test begins without a connection.
  for (const { socket } of server.connections) socket.destroy();
  await server.until(() => server.connections.every(({ isClosed }) => isClosed));
});
afterAll(() => server.close());

test('a request is what it was given, and the host, and what it takes', async () => {
  const requests = answer(reply('{}'));
  await ask();
  expect(requests[0]?.split('\r\n').sort().join('\n').trim()).toBe(
    [
      'Accept-Encoding: gzip',
      'Accept: application/json',
      'Authorization: Bearer secret-token',
      'Connection: keep-alive',
      'GET /2.0/user HTTP/1.1',
      'Host: api.bitbucket.org',
      'User-Agent: auth0-bitbucket-login',
    ].join('\n'),
  );
});

test('a body is sent with its length', async () => {
  const requests = answer(reply('{}'));
  await ask({
    ...CALL,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"ü":1}',
  });
  expect(requests[0]).toMatch(/^POST \/2.0\/user HTTP/);
  expect(requests[0]).toContain('\r\nContent-Length: 8\r\n');
  expect(requests[0]).toContain('\r\nContent-Type: application/json\r\n');
  expect(Buffer.from(requests[0] ?? '', 'latin1').toString()).toMatch(/\r\n\r\n\{"ü":1\}$/);
});

test('nothing in a header makes another', async () => {
  const requests = answer(reply('{}'));
  await ask({ ...CALL, headers: { Authorization: 'Bearer a\r\nX-Other: 1\r\n\r\nGET /' } });
  for (const request of requests) expect(request).not.toMatch(/^X-Other/m);
});

test('the status, the text and the two times are taken of a reply', async () => {
  const headers = 'Retry-After: 7\r\nx-ratelimit-reset: 1795521600\r\n';
  answer(reply('{"a":1}', headers, '429 Too Many Requests'));
  expect(await ask()).toEqual({
    status: 429,
    text: '{"a":1}',
    retryAfterSeconds: 7,
    rateLimitReset: 1_795_521_600,
  });
});

test.each(['Wed, 21 Oct 2026 07:28:00 GMT', '-1', '1.5', '', '9'.repeat(13)])(
  'a Retry-After of %o is none',
  async (value) => {
    answer(reply('', `Retry-After: ${value}\r\n`));
    expect(await ask()).toEqual({ status: 200, text: '' });
  },
);

test('a redirect is not followed', async () => {
  const requests = answer(reply('', 'Location: https://evil.example/\r\n', '302 Found'));
  expect(await ask()).toEqual({ status: 302, text: '' });
  expect(requests).toHaveLength(1);
});

test('a proxy of the environment is not used', async () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) {
    vi.stubEnv(name, 'http://127.0.0.1:9');
  }
  answer(reply('{}'));
  expect(await ask()).toEqual({ status: 200, text: '{}' });
  vi.unstubAllEnvs();
});

test.each([
  ['256,000', 256_000, undefined],
  ['256,001', 256_001, 'bitbucket user: too_large'],
  ['2,000,000', 2_000_000, 'bitbucket user: too_large'],
])('a body of %s bytes', async (_, length, message) => {
  answer(reply('x'.repeat(length)));
  const outcome = await ask();
  expect(typeof outcome === 'string' ? outcome : undefined).toBe(message);
});

/** As it is, not as text. */
const answerBytes = (body: Buffer, headers: string) => {
  server.respond = ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
};
const GZIP = 'Content-Encoding: gzip\r\n';

test('a body may be compressed', async () => {
  answerBytes(gzipSync('{"name":"ü"}'), GZIP);
  expect(await ask()).toEqual({ status: 200, text: '{"name":"ü"}' });
});

test('what counts of a compressed body is its size when it is read', async () => {
  answerBytes(gzipSync('x'.repeat(256_000)), GZIP);
  expect(await ask()).toMatchObject({ status: 200 });
  answerBytes(gzipSync('x'.repeat(50_000_000)), GZIP);
  expect(await ask()).toBe('bitbucket user: too_large');
});

test.each([
  ['broken off', gzipSync('x'.repeat(1_000)).subarray(0, 20)],
  ['something else', Buffer.from('{"a":1}')],
])('a compressed body that is %s is none', async (_, body) => {
  answerBytes(body, GZIP);
  expect(await ask()).toBe('bitbucket user: dropped');
});

test('a mark before the text is not part of it', async () => {
  answer(reply('\uFEFF{}'));
  expect(await ask()).toEqual({ status: 200, text: '{}' });
});

test.each([
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, text: '' }],
  ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n', { status: 304, text: '' }],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n',
    { status: 200, text: '{}' },
  ],
  [
    'informational responses first',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${reply('{}')}`,
    { status: 200, text: '{}' },
  ],
  [
    'odd headers',
    reply('{}', 'X: \xe9\r\nX:\r\n__proto__: 1\r\nRetry-After: 1\r\n'),
    { status: 200, text: '{}', retryAfterSeconds: 1 },
  ],
])('is read: %s', async (_, text, expected) => {
  answer(text);
  expect(await ask()).toEqual(expected);
});

test.each([
  ['what is not HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
  ['a header without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
  [
    'another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  ],
])('is no reply: %s', async (_, text) => {
  answer(text);
  expect(await ask()).toBe('bitbucket user: dropped');
});

test.each([
  ['before any byte', ''],
  ['in the header', 'HTTP/1.1 200 OK\r\nConte'],
  ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}'],
  ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}'],
])('a connection that ends %s gave no reply, and is not asked again', async (_, text) => {
  const requests = answer(text, true);
  expect(await ask()).toBe('bitbucket user: dropped');
  expect(requests).toHaveLength(1);
});

test.each([
  ['no byte', ''],
  ['a header that does not end', 'HTTP/1.1 200 OK\r\nX'],
  ['informational responses alone', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['a body that does not end', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}'],
  ['chunks that do not end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'],
])('the time covers %s', async (_, text) => {
  answer(text);
  expect(await ask(SOON)).toBe('bitbucket user: timed_out');
  await server.until(() => server.connections.every(({ isClosed }) => isClosed));
});

test('a reply may come before the request was read', async () => {
  server.respond = () => {};
  const before = server.connections.length;
  const asked = ask({ ...CALL, method: 'POST', body: 'x'.repeat(1_000) });
  await server.until(() => server.connections.length > before);
  server.connections.at(-1)?.socket.write(reply('{"error":1}', '', '413 Content Too Large'));
  expect(await asked).toEqual({ status: 413, text: '{"error":1}' });
});

test('an error tells the endpoint and nothing of the request', async () => {
  network.clear();
  const error = await sendWithAxios(CALL).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: 'bitbucket user: dropped', code: 'dropped' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
});

test('a certificate for another host is refused, and nothing is sent', async () => {
  const before = server.connections.length;
  expect(await ask({ ...CALL, origin: 'https://elsewhere.example' })).toBe(
    'bitbucket user: dropped',
  );
  expect(
    server.connections
      .slice(before)
      .map(({ received }) => received)
      .join(''),
  ).toBe('');
});

test.each(['//evil.example/2.0/user', 'https://evil.example/', '/\\evil.example'])(
  'a path that leaves its origin (%s) is not sent',
  async (path) => {
    const before = server.begun;
    await expect(sendWithAxios({ ...CALL, path })).rejects.toThrow('leaves its origin');
    expect(server.begun).toBe(before);
  },
);

test('only https is spoken', async () => {
  await expect(sendWithAxios({ ...CALL, origin: `http://${HOST}` })).rejects.toThrow(TypeError);
});

test('calls one after another take one connection, those at once one each', async () => {
  answer(reply('{}'));
  const before = server.connections.length;
  await ask();
  await ask();
  expect(server.connections.length - before).toBe(1);
  await Promise.all([ask(), ask(), ask()]);
  expect(server.connections.length - before).toBe(3);
});

test('a connection that is to be closed is not used again', async () => {
  answer(reply('{}', 'Connection: close\r\n'), true);
  const before = server.connections.length;
  await ask();
  await ask();
  expect(server.connections.length - before).toBe(2);
});

test('a connection that was closed meanwhile is not used again', async () => {
  const requests = answer(reply('{}'));
  await ask();
  const left = server.connections.at(-1) as Connection;
  left.socket.destroy();
  await server.until(() => left.isClosed);
  expect(await ask({ ...CALL, method: 'POST' })).toEqual({ status: 200, text: '{}' });
  expect(requests).toHaveLength(2);
});

/** From now on the clock of connections is so much ahead. */
function moveClock(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

/**
 * Leaves so many connections from calls at once, idle for `idleMs`; each is gone when the next call
 * comes on it, as where a router has forgotten it. The result is what is asked from now on.
 */
async function leaveSomeThatClose(idleMs: number, count = 1): Promise<readonly string[]> {
  answer(reply('{}'));
  await Promise.all(Array.from({ length: count }, () => ask()));
  const left = server.connections.slice(-count);
  const requests: string[] = [];
  server.respond = (connection, request) => {
    requests.push(request);
    if (left.includes(connection)) connection.socket.destroy();
    else connection.socket.write(reply('{"again":1}'));
  };
  moveClock(idleMs);
  return requests;
}

test.each([1, 3])(
  'where %i had been idle for long and are gone, a GET is sent once more, on a new one',
  async (count) => {
    const requests = await leaveSomeThatClose(3_000, count);
    expect(await ask()).toEqual({ status: 200, text: '{"again":1}' });
    expect(requests).toHaveLength(2);
  },
);

const POST: Call = { ...CALL, method: 'POST', body: '{}' };

test('a POST, which is not sent again, takes none that had been idle for long', async () => {
  const requests = await leaveSomeThatClose(3_000);
  expect(await ask(POST)).toEqual({ status: 200, text: '{"again":1}' });
  expect(requests).toHaveLength(1);
});

test.each([
  ['a POST', POST],
  ['a GET', CALL],
])('what goes on at once is not sent again: %s', async (_, call) => {
  const requests = await leaveSomeThatClose(0);
  expect(await ask(call)).toBe('bitbucket user: dropped');
  expect(requests).toHaveLength(1);
});

test.each([
  ['a POST', { ...POST, timeoutMs: 2_000 }],
  ['a GET', { ...CALL, timeoutMs: 2_000 }],
])(
  'after an instance stood still, %s takes none of before, which may lead nowhere',
  async (_, call) => {
    answer(reply('{}'));
    await ask();
    const left = server.connections.at(-1) as Connection;
    server.respond = (connection) => {
      if (connection !== left) connection.socket.write(reply('{"again":1}'));
    };
    // Its timer for idle connections is late by as much.
    moveClock(60_000);
    expect(await ask(call)).toEqual({ status: 200, text: '{"again":1}' });
    await server.until(() => left.isClosed);
  },
);

test.each([
  ['a whole reply', reply('{"poison":1}')],
  ['a part of one', 'HTTP/1.1 200 OK\r\nContent-'],
  ['that it waits no longer', reply('', 'Connection: close\r\n', '408 Request Timeout')],
  ['garbage', '{}'],
])('a connection on which the other side says unasked %s is closed', async (_, text) => {
  answer(reply('{}'));
  await ask();
  const left = server.connections.at(-1) as Connection;
  left.socket.write(text);
  await server.until(() => left.isClosed);
  expect(await ask()).toEqual({ status: 200, text: '{}' });
});
