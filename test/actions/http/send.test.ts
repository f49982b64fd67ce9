/** One call as it is sent: what is taken of the reply, and what may go wrong with it. */
import { afterEach, expect, test, vi } from 'vitest';
import type { sendWithAxios as SendWithAxios } from '#actions/lib/http/send.ts';

const CALL = {
  endpoint: 'bitbucket user',
  method: 'GET',
  origin: 'https://api.bitbucket.org',
  path: '/2.0/user',
  headers: { Authorization: 'Bearer secret-token' },
  timeoutMs: 200,
} as const;

/** The adapter takes the network that there is when it is loaded. */
async function sendTo(answer: (signal: AbortSignal) => Response | Promise<Response>): Promise<{
  readonly send: typeof SendWithAxios;
  readonly sent: Request[];
}> {
  const sent: Request[] = [];
  vi.resetModules();
  vi.stubGlobal('fetch', async (request: Request | string, init?: RequestInit) => {
    const asked = new Request(request, init);
    sent.push(asked);
    return answer(asked.signal);
  });
  const { sendWithAxios } = await import('#actions/lib/http/send.ts');
  return { send: sendWithAxios, sent };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the status, the text and the two times are taken of a reply', async () => {
  const headers = { 'Retry-After': '7', 'x-ratelimit-reset': '1795521600' };
  const { send } = await sendTo(() => new Response('{"a":1}', { status: 429, headers }));
  expect(await send(CALL)).toEqual({
    status: 429,
    text: '{"a":1}',
    retryAfterSeconds: 7,
    rateLimitReset: 1_795_521_600,
  });
});

test.each(['Wed, 21 Oct 2026 07:28:00 GMT', '-1', '1.5', '', '9'.repeat(13)])(
  'a Retry-After of %o is none',
  async (value) => {
    const { send } = await sendTo(() => new Response('', { headers: { 'Retry-After': value } }));
    expect(await send(CALL)).toEqual({ status: 200, text: '' });
  },
);

test('a redirect is not followed', async () => {
  const { send, sent } = await sendTo(() => new Response('', { status: 200 }));
  await send(CALL);
  expect(sent.map(({ url, redirect }) => [url, redirect])).toEqual([
    ['https://api.bitbucket.org/2.0/user', 'manual'],
  ]);
});

test.each([
  ['256,000', 256_000, undefined],
  ['256,001', 256_001, 'bitbucket user: too_large'],
  ['2,000,000', 2_000_000, 'bitbucket user: too_large'],
])('a body of %s bytes', async (_, length, message) => {
  const { send } = await sendTo(() => new Response('x'.repeat(length)));
  const outcome = await send(CALL).catch((error: Error) => error.message);
  expect(typeof outcome === 'string' ? outcome : undefined).toBe(message);
});

test('a body that does not end is given up', async () => {
  const { send } = await sendTo((signal) => {
    const start = (controller: ReadableStreamDefaultController) => {
      controller.enqueue(new TextEncoder().encode('{'));
      signal.addEventListener('abort', () => controller.error(signal.reason));
    };
    return new Response(new ReadableStream({ start }));
  });
  await expect(send(CALL)).rejects.toThrow('bitbucket user: timed_out');
});

test('an error tells the endpoint and nothing of the request', async () => {
  const { send } = await sendTo(() => Promise.reject(new TypeError('fetch failed')));
  const error = await send(CALL).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: 'bitbucket user: dropped', code: 'dropped' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
});

test.each(['//evil.example/2.0/user', 'https://evil.example/', '/\\evil.example'])(
  'a path that leaves its origin (%s) is not sent',
  async (path) => {
    const { send, sent } = await sendTo(() => new Response(''));
    await expect(send({ ...CALL, path })).rejects.toThrow('leaves its origin');
    expect(sent).toEqual([]);
  },
);

test('only https is spoken', async () => {
  const { send, sent } = await sendTo(() => new Response(''));
  await expect(send({ ...CALL, origin: 'http://api.bitbucket.org' })).rejects.toThrow(TypeError);
  expect(sent).toEqual([]);
});
