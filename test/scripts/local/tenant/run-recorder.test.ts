/** What the runtime writes down of a run: the calls and the use of the cache, and nothing secret. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerCertificate, type ServerCertificate } from '#scripts/local/net/certificate.ts';
import { type LoopbackServer, listenOnLoopback } from '#scripts/local/net/loopback-server.ts';
import type { FlowStep } from '#scripts/local/tenant/action-runtime/flow-types.ts';
import {
  type ActionRuntime,
  createActionRuntime,
} from '#scripts/local/tenant/action-runtime/runtime.ts';

const HOST = 'api.bitbucket.org';
const EVENT = {
  connection: { name: 'bitbucket', strategy: 'bitbucket' },
  client: { client_id: 'client' },
  user: { user_id: 'bitbucket|1' },
};
const VIA = {
  fetch: `const ask = async (path) => {
    const answer = await fetch('https://${HOST}' + path, { headers: { Authorization: 'Bearer tok-en' } });
    await answer.text();
  };`,
  'node:https': `const https = require('node:https');
    const ask = (path) => new Promise((resolve, reject) => {
      const headers = { Authorization: 'Bearer tok-en' };
      https.get({ host: '${HOST}', path, headers }, (answer) => {
        answer.resume();
        answer.on('close', resolve);
      }).on('error', reject);
    });`,
};

let certificate: ServerCertificate;
let server: LoopbackServer;
let runtime: ActionRuntime;
let lastVersion = 0;

beforeAll(async () => {
  certificate = await createServerCertificate([HOST]);
  server = await listenOnLoopback(certificate, (request, response) => {
    if (request.url?.startsWith('/dropped')) response.destroy();
    else if (request.url?.startsWith('/cut')) {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => response.destroy());
    } else {
      response.statusCode = request.url?.startsWith('/missing') ? 404 : 200;
      response.end('the body');
    }
  });
  runtime = createActionRuntime({
    network: new Map([[`${HOST}:443`, server.port]]),
    certificate: certificate.cert,
  });
});
afterAll(async () => {
  await runtime.close();
  await server.close();
});

function action(before: string, body: string) {
  lastVersion += 1;
  const code = `${before}\nexports.onExecutePostLogin = async (event, api) => { ${body} };`;
  return { id: 'a', versionId: `v${lastVersion}`, name: 'test', code, secrets: {} };
}

async function run(before: string, body: string): Promise<FlowStep> {
  const { steps } = await runtime.runPostLogin([action(before, body)], EVENT);
  const [step] = steps;
  if (step === undefined) throw new Error('no step');
  expect(step.error).toBeUndefined();
  return step;
}

describe.each(Object.entries(VIA))('a call by %s', (_, ask) => {
  it('is told with method, host, path, status and times', async () => {
    const { requests } = await run(ask, `await ask('/2.0/user'); await ask('/missing')`);
    expect(requests).toEqual([
      {
        method: 'GET',
        host: HOST,
        path: '/2.0/user',
        status: 200,
        startedMs: expect.any(Number),
        durationMs: expect.any(Number),
      },
      expect.objectContaining({ path: '/missing', status: 404 }),
    ]);
    const [first, second] = requests;
    expect(second?.startedMs).toBeGreaterThanOrEqual(
      (first?.startedMs ?? 0) + (first?.durationMs ?? 0),
    );
  });

  it('that fails says how, before an answer and in its body', async () => {
    const { requests } = await run(
      ask,
      `await ask('/dropped').catch(() => {}); await ask('/cut').catch(() => {})`,
    );
    const [dropped, cut] = requests;
    expect(dropped).toMatchObject({ path: '/dropped', failure: expect.any(String) });
    expect(dropped).not.toHaveProperty('status');
    expect(cut).toMatchObject({ path: '/cut', status: 200, failure: expect.any(String) });
  });

  it('shows no query, no header and no body', async () => {
    const step = await run(ask, `await ask('/2.0/user?code=sec-ret&access_token=tok-en')`);
    expect(step.requests.map(({ path }) => path)).toEqual(['/2.0/user']);
    expect(JSON.stringify(step)).not.toMatch(/sec-ret|tok-en|the body/);
  });

  it('that is under way when the run ends has no duration', async () => {
    const { requests } = await run(ask, `ask('/2.0/user').catch(() => {})`);
    expect(requests.map(({ durationMs }) => durationMs)).toEqual([undefined]);
  });

  it('belongs to the run that made it, though others run in the same worker', async () => {
    const shared = action(
      ask,
      `for (let i = 0; i < 3; i += 1) await ask('/of/' + event.user.user_id)`,
    );
    const people = ['ann', 'ben', 'cem', 'dot'];
    const results = await Promise.all(
      people.map((user_id) => runtime.runPostLogin([shared], { ...EVENT, user: { user_id } })),
    );
    const paths = results.map(({ steps }) => steps[0]?.requests.map(({ path }) => path));
    expect(paths).toEqual(people.map((name) => Array(3).fill(`/of/${name}`)));
  });
});

describe('the cache', () => {
  it('is told by what was done, never with a value, and a key by its kind', async () => {
    const step = await run(
      '',
      `const key = 'bitbucket-management-token-0123456789abcdefghijkl';
       api.cache.get(key);
       api.cache.set(key, 'sec-ret');
       api.cache.get(key);
       api.cache.delete(key);
       api.cache.set('olivia@example.com', 'x'.repeat(5000));`,
    );
    expect(step.cacheUses.map(({ did, key }) => `${did} ${key}`)).toEqual([
      'miss bitbucket-management-token',
      'set bitbucket-management-token',
      'hit bitbucket-management-token',
      'delete bitbucket-management-token',
      expect.stringMatching(/^refused key [0-9a-f]{8}$/),
    ]);
    expect(JSON.stringify(step)).not.toMatch(/sec-ret|olivia|0123456789abcdef/);
  });
});

describe('a step', () => {
  it('sees the clock of the tenant', async () => {
    const ahead = 25 * 60 * 60 * 1_000;
    const moved = createActionRuntime({
      network: new Map(),
      certificate: certificate.cert,
      now: () => Date.now() + ahead,
    });
    const body =
      'console.log(JSON.stringify([Date.now(), +new Date(), Date.parse(Date()), new Date(7).getTime(), new Date() instanceof Date]))';
    const before = Date.now();
    const { steps } = await moved.runPostLogin([action('', body)], EVENT);
    await moved.close();
    const [now, made, called, given, isDate] = JSON.parse(steps[0]?.log ?? '');
    for (const time of [now, made, called + 1_000]) {
      expect(time).toBeGreaterThanOrEqual(before + ahead - 500);
    }
    expect([given, isDate]).toEqual([7, true]);
  });

  it('says what it set in app_metadata, and when it began', async () => {
    const first = action('', `api.user.setAppMetadata('kept', 1)`);
    const { steps } = await runtime.runPostLogin([first, action('', '')], EVENT);
    expect(steps.map(({ written }) => written)).toEqual([['kept'], []]);
    expect(steps[1]?.startedMs).toBeGreaterThanOrEqual(steps[0]?.durationMs ?? 0);
  });
});
