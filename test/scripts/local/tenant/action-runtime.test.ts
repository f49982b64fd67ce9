/**
 * The local runtime of Actions, with small Actions of its own: it must run them, and refuse them,
 * as Auth0 does. Nothing here depends on how long anything takes.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServerCertificate, type ServerCertificate } from '#scripts/local/net/certificate.ts';
import { type LoopbackServer, listenOnLoopback } from '#scripts/local/net/loopback-server.ts';
import type {
  DeployedAction,
  FlowResult,
} from '#scripts/local/tenant/action-runtime/flow-types.ts';
import {
  type ActionRuntime,
  createActionRuntime,
} from '#scripts/local/tenant/action-runtime/runtime.ts';

const HOST = 'api.bitbucket.org';
const NAMESPACE = 'https://example.com';
const EVENT = {
  connection: { name: 'bitbucket', strategy: 'bitbucket' },
  client: { client_id: 'client' },
  user: { user_id: 'bitbucket|1', app_metadata: {}, identities: [] },
  request: { hostname: 'localhost' },
};
/** Exactly nothing: `{}` would match anything in toMatchObject. */
const EMPTY = expect.toSatisfy((value: object) => Object.keys(value).length === 0);
const REFRESH = { ...EVENT, transaction: { protocol: 'oauth2-refresh-token' } };

let certificate: ServerCertificate;
let server: LoopbackServer;
let runtime: ActionRuntime;
let lastVersion = 0;
const opened: ActionRuntime[] = [];

/** An Action whose handler has `body`; `before` is its module code. */
function action(body: string, before = '', more: Partial<DeployedAction> = {}): DeployedAction {
  return deployed(
    `${before}\nexports.onExecutePostLogin = async (event, api) => { ${body} };`,
    more,
  );
}

function deployed(code: string, more: Partial<DeployedAction> = {}): DeployedAction {
  lastVersion += 1;
  return { id: 'act', versionId: `v${lastVersion}`, name: 'test', code, secrets: {}, ...more };
}

function open(options: Partial<Parameters<typeof createActionRuntime>[0]> = {}): ActionRuntime {
  const network = new Map([
    [`${HOST}:443`, server.port],
    ['localhost:8443', server.port],
    ['elsewhere.example:443', server.port],
  ]);
  const created = createActionRuntime({ network, certificate: certificate.cert, ...options });
  opened.push(created);
  return created;
}

const run = (...actions: readonly DeployedAction[]): Promise<FlowResult> =>
  runtime.runPostLogin(actions, EVENT);
/** Runs `body` and gives what it logged, which is JSON. */
async function evaluate(body: string, before = ''): Promise<unknown> {
  const result = await run(
    action(`console.log(JSON.stringify(await (async () => { ${body} })()))`, before),
  );
  expect(result.steps[0]?.error).toBeUndefined();
  return JSON.parse(result.steps[0]?.log ?? '');
}

beforeAll(async () => {
  certificate = await createServerCertificate([HOST, 'localhost']);
  server = await listenOnLoopback(certificate, (request, response) => {
    response.end(`${request.headers.host}${request.url}`);
  });
});
beforeAll(() => {
  runtime = open();
});
afterEach(() => runtime.clearCache());
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await server.close();
});

describe('a flow', () => {
  it('gives a login the claims and the metadata that the Actions asked for', async () => {
    const result = await run(
      action(`api.idToken.setCustomClaim('${NAMESPACE}/a', [1]);
        api.accessToken.setCustomClaim('${NAMESPACE}/b', { c: null });
        api.user.setAppMetadata('kept', { x: 1 });
        api.user.setAppMetadata('gone', null);
        api.user.setAppMetadata('gone too', undefined);
        api.user.setUserMetadata('colour', 'blue')`),
    );
    expect(result).toMatchObject({
      outcome: 'allowed',
      idTokenClaims: { [`${NAMESPACE}/a`]: [1] },
      accessTokenClaims: { [`${NAMESPACE}/b`]: { c: null } },
      appMetadata: { kept: { x: 1 }, gone: null, 'gone too': null },
      userMetadata: { colour: 'blue' },
      revoked: [],
    });
  });

  it('runs the Actions in their order, and a later claim replaces an earlier one', async () => {
    const set = (value: number) =>
      action(`api.idToken.setCustomClaim('${NAMESPACE}/n', ${value})`, '', { name: `n${value}` });
    const result = await run(set(1), set(2));
    expect(result.steps.map((step) => step.action)).toEqual(['n1', 'n2']);
    expect(result.idTokenClaims).toEqual({ [`${NAMESPACE}/n`]: 2 });
  });

  it('gives each Action its own secrets and nobody the secrets of this process', async () => {
    const tell = 'console.log(JSON.stringify([event.secrets, process.env]))';
    const { steps } = await run(
      action(tell, '', { secrets: { A: '1' } }),
      action(tell, '', { secrets: { B: '2' } }),
    );
    expect(steps.map(({ log }) => log)).toEqual(['[{"A":"1"},{}]', '[{"B":"2"},{}]']);
  });

  it('gives each Action an event of its own', async () => {
    const { steps } = await run(
      action('event.user.app_metadata.seen = true'),
      action('console.log(String(event.user.app_metadata.seen))'),
    );
    expect(steps[1]?.log).toBe('undefined');
  });

  it('copies what it is given: a later change by the Action is not seen', async () => {
    const { appMetadata } = await run(
      action(`const list = [1]; api.user.setAppMetadata('list', list); list.push(2)`),
    );
    expect(appMetadata).toEqual({ list: [1] });
  });
});

describe('a refusal', () => {
  it('does not stop the code, ends the flow, drops the claims and keeps the metadata', async () => {
    const result = await run(
      action(`api.idToken.setCustomClaim('${NAMESPACE}/a', 1);
        api.access.deny('not you');
        api.user.setAppMetadata('after', 'the refusal')`),
      action(`throw new Error('must not run')`),
    );
    expect(result).toMatchObject({
      outcome: 'denied',
      reason: 'not you',
      idTokenClaims: EMPTY,
      accessTokenClaims: EMPTY,
      appMetadata: { after: 'the refusal' },
    });
    expect(result.steps).toHaveLength(1);
  });

  it('drops the claims of the Actions before it too', async () => {
    const result = await run(
      action(`api.idToken.setCustomClaim('${NAMESPACE}/a', 1)`),
      action(`api.access.deny('not you')`),
    );
    expect(result).toMatchObject({ outcome: 'denied', idTokenClaims: EMPTY });
  });

  it('has the reason that was given first', async () => {
    const result = await run(action(`api.access.deny('first'); api.access.deny('second')`));
    expect(result.reason).toBe('first');
  });

  it('comes with a revoked session', async () => {
    const result = await run(action(`api.session.revoke('stolen')`), action(''));
    expect(result).toMatchObject({ outcome: 'denied', reason: 'stolen', revoked: ['session'] });
    expect(result.steps).toHaveLength(1);
  });

  it('comes with a revoked refresh token, on a refresh token exchange', async () => {
    const revoke = action(`api.refreshToken.revoke('left')`);
    expect(await runtime.runPostLogin([revoke], REFRESH)).toMatchObject({
      outcome: 'denied',
      reason: 'left',
      revoked: ['refreshToken'],
    });
    expect((await run(revoke)).outcome).toBe('failed');
  });
});

describe('a failure', () => {
  it.each([
    ['throws', action(`throw new TypeError('boom')`), 'boom'],
    [
      'throws before it is asynchronous',
      deployed(`exports.onExecutePostLogin = () => { throw new Error('boom') }`),
      'boom',
    ],
    ['throws something that is no error', action('throw null'), 'null'],
    ['cannot be compiled', deployed('const ;'), 'Unexpected token'],
    ['throws while it is loaded', deployed(`throw new Error('at load')`), 'at load'],
    ['exports no handler', deployed('exports.other = () => {}'), 'onExecutePostLogin'],
    ['exports nothing', deployed('module.exports = null'), 'onExecutePostLogin'],
    ['requires a package', deployed(`require('axios')`), `Cannot find module 'axios'`],
    ['leaves the process', action('process.exit(3)'), 'ended'],
    [
      'lets an exception go unhandled',
      action(`setImmediate(() => { throw new Error('loose') }); await new Promise(() => {})`),
      'loose',
    ],
    [
      'lets a rejection go unhandled',
      action(`Promise.reject(new Error('adrift')); await new Promise(() => {})`),
      'adrift',
    ],
  ])('is an Action that %s', async (_title, broken, message) => {
    const result = await run(broken, action(''));
    expect(result).toMatchObject({
      outcome: 'failed',
      idTokenClaims: EMPTY,
      accessTokenClaims: EMPTY,
    });
    expect(result.steps).toHaveLength(1);
    expect(result.steps[0]?.error).toContain(message);
  });

  it('is a flow that takes too long, and the instance is a new one afterwards', async () => {
    const slow = open({ flowTimeoutMs: 3_000 });
    const hanging = action(
      `runs += 1; if (event.client.client_id === 'hang') while (true); console.log(String(runs))`,
      'let runs = 0;',
    );
    const hung = await slow.runPostLogin([hanging], { ...EVENT, client: { client_id: 'hang' } });
    expect(hung.outcome).toBe('failed');
    expect(hung.steps[0]?.error).toContain('3000 ms');
    const next = await slow.runPostLogin([hanging], EVENT);
    expect([next.outcome, next.steps[0]?.log]).toEqual(['allowed', '1']);
  });

  it('replaces the instance that crashed, and only that one', async () => {
    const count = `runs += 1; console.log(String(runs));`;
    const fragile = action(
      `${count} if (event.client.client_id === 'crash') { setImmediate(() => { throw 1 }); await new Promise(() => {}) }`,
      'let runs = 0;',
    );
    const sturdy = action(count, 'let runs = 0;');
    await run(sturdy, fragile);
    await runtime.runPostLogin([fragile], { ...EVENT, client: { client_id: 'crash' } });
    const { steps } = await run(sturdy, fragile);
    expect(steps.map(({ log }) => log)).toEqual(['2', '1']);
  });
});

describe('an instance', () => {
  it('keeps the state of its module from login to login, until there is a new version', async () => {
    const other = open();
    const counting = action('console.log(String(runs += 1))', 'let runs = 0;');
    const newer = { ...counting, versionId: `${counting.versionId}-newer` };
    const logs: (string | undefined)[] = [];
    for (const version of [counting, counting, newer]) {
      logs.push((await other.runPostLogin([version], EVENT)).steps[0]?.log);
    }
    await other.retain(new Set([newer.versionId]));
    for (const version of [newer, counting]) {
      logs.push((await other.runPostLogin([version], EVENT)).steps[0]?.log);
    }
    expect(logs).toEqual(['1', '2', '1', '2', '1']);
  });

  it('lets the logins that run in it end when it is not retained', async () => {
    const other = open();
    const waiting = action(`await (await fetch('https://${HOST}/')).text(); console.log('done')`);
    const running = other.runPostLogin([waiting], EVENT);
    await other.retain(new Set());
    const result = await running;
    expect([result.outcome, result.steps[0]?.log]).toEqual(['allowed', 'done']);
  });

  it('runs many logins at the same time, each with its own log and claims', async () => {
    const echo = action(
      `const { user_id } = event.user;
      running += 1; if (running === 200) open();
      await all;
      console.log('log of ' + user_id);
      api.idToken.setCustomClaim('${NAMESPACE}/id', user_id);`,
      'let running = 0, open; const all = new Promise((resolve) => { open = resolve });',
    );
    const ids = Array.from({ length: 200 }, (_value, index) => `user|${index}`);
    const results = await Promise.all(
      ids.map((user_id) => runtime.runPostLogin([echo], { ...EVENT, user: { user_id } })),
    );
    expect(results.map(({ steps }) => steps[0]?.log)).toEqual(ids.map((id) => `log of ${id}`));
    expect(results.map(({ idTokenClaims }) => idTokenClaims[`${NAMESPACE}/id`])).toEqual(ids);
  });

  it('fails the logins of a runtime that is closed, and those that come later', async () => {
    const other = open();
    const hanging = action('await new Promise(() => {})');
    const running = other.runPostLogin([hanging], EVENT);
    await other.close();
    expect((await running).outcome).toBe('failed');
    expect((await other.runPostLogin([hanging], EVENT)).outcome).toBe('failed');
  });
});

describe('the log', () => {
  it('has what every method of the console wrote, as Node formats it', async () => {
    const { steps } = await run(
      action(
        `console.log('%s is', 'this', { a: 1 }); console.info(1); console.warn(2); console.error(3)`,
      ),
    );
    expect(steps[0]?.log).toBe('this is { a: 1 }\n1\n2\n3');
  });

  it('is cut at 256 characters', async () => {
    const { steps } = await run(
      action(`console.log('x'.repeat(200)); console.log('y'.repeat(200))`),
    );
    expect(steps[0]?.log).toBe(`${'x'.repeat(200)}\n${'y'.repeat(55)}`);
  });
});

describe('require', () => {
  it('reaches what is in Node, with and without the prefix', async () => {
    expect(await evaluate(`return [require('node:path').sep, require('path').sep]`)).toEqual([
      '/',
      '/',
    ]);
  });

  it('comes with the rest of the CommonJS wrapper', async () => {
    const body = `return [typeof __filename, typeof __dirname, module.exports === exports, atLoad]`;
    expect(await evaluate(body, 'const atLoad = this === exports;')).toEqual([
      'string',
      'string',
      true,
      true,
    ]);
  });
});

describe('the network', () => {
  const GET = `const get = (options) => new Promise((resolve, reject) => {
    require('node:https').get(options, (response) => {
      let text = ''; response.on('data', (part) => { text += part }).on('end', () => resolve(text));
    }).on('error', reject);
  });`;

  it.each([
    ['fetch', `return (await fetch('https://${HOST}/a')).text()`, ''],
    ['node:https', `return get('https://${HOST}/a')`, GET],
    [
      'node:https with an agent',
      `const { Agent } = require('node:https'); const agent = new Agent({ keepAlive: true });
      await get({ host: '${HOST}', path: '/b', agent }); return get({ host: '${HOST}', path: '/a', agent })`,
      GET,
    ],
  ])('is redirected for %s, which still sees the real host', async (_title, body, before) => {
    expect(await evaluate(body, before)).toBe(`${HOST}/a`);
  });

  it.each(['fetch', 'http'])('is redirected for axios with its %s adapter', async (adapter) => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import axios from 'axios';
          export async function onExecutePostLogin() {
            console.log((await axios.get('https://${HOST}/a', { adapter: '${adapter}', maxRedirects: 0 })).data);
          }`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      format: 'cjs',
      minify: true,
      platform: adapter === 'http' ? 'node' : 'browser',
      target: 'node22',
      legalComments: 'none',
      // With forms, redirects and proxies, which are not asked for here, it is more than Auth0 takes.
      alias: {
        'form-data': 'node:events',
        'follow-redirects': 'node:events',
        'https-proxy-agent': 'node:events',
      },
    });
    const result = await run(deployed(outputFiles[0]?.text ?? ''));
    expect(result.steps[0]).toMatchObject({ log: `${HOST}/a` });
    expect(result.steps[0]?.error).toBeUndefined();
  });

  it('has ports: a host is reached at those that are named', async () => {
    expect(await evaluate(`return (await fetch('https://localhost:8443/a')).text()`)).toBe(
      'localhost:8443/a',
    );
    const refused = `return fetch('https://${HOST}:8443/').catch((error) => error.cause.code)`;
    expect(await evaluate(refused)).toBe('ENOTFOUND');
  });

  it.each([
    ['fetch', `return fetch('https://example.com/').catch((error) => error.cause.code)`],
    [
      'fetch of an address',
      `return fetch('https://127.0.0.1:' + port).catch((error) => error.cause.code)`,
    ],
    ['node:https', `return get('https://example.com/').catch((error) => error.code)`],
    ['node:net', `return failed(require('node:net').connect(port, '127.0.0.1'))`],
    ['node:tls', `return failed(require('node:tls').connect(443, 'example.com'))`],
    ['a Unix socket', `return failed(require('node:net').connect('/tmp/socket'))`],
    [
      'a Unix socket under a known name',
      `return failed(require('node:net').connect({ path: '/tmp/socket', host: '${HOST}', port: 443 }))`,
    ],
  ])('has no other host for %s', async (_title, body) => {
    const failed =
      'const failed = (socket) => new Promise((done) => socket.on("error", (error) => done(error.code)));';
    expect(await evaluate(body, `${GET} ${failed} const port = ${server.port};`)).toBe('ENOTFOUND');
  });

  it('checks the certificate against the host that was asked for', async () => {
    const body = `return fetch('https://elsewhere.example/').catch((error) => error.cause.code)`;
    expect(await evaluate(body)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('trusts the one certificate and no other', async () => {
    const stranger = await createServerCertificate([HOST]);
    const other = open({ certificate: stranger.cert });
    const body = `console.log(await fetch('https://${HOST}/').catch((error) => error.cause.code))`;
    const { steps } = await other.runPostLogin([action(body)], EVENT);
    expect(steps[0]?.log).toMatch(/CERT|SIGNATURE/);
  });

  it('keeps the protocol that TLS agrees on', async () => {
    const body = `return new Promise((done, fail) => { const socket = require('node:tls').connect(
      { host: '${HOST}', port: 443, servername: '${HOST}', ALPNProtocols: ['http/1.1'] },
      () => { done([socket.alpnProtocol, socket.authorized, socket.servername]); socket.destroy() }).on('error', fail) })`;
    expect(await evaluate(body)).toEqual(['http/1.1', true, HOST]);
  });
});

describe('a claim', () => {
  it.each([
    ['roles'],
    ['groups'],
    ['permissions'],
    ['uuid'],
    ['sub'],
    ['entitlements'],
    ['sip_date'],
    ['https://auth0.com/a'],
    ['https://acme.eu.auth0.com/a'],
    ['http://webtask.io/a'],
    ['https://a.webtask.run/a'],
    ['urn:auth0:a'],
  ])('called %s is left out without a word', async (name) => {
    const result = await run(
      action(
        `api.idToken.setCustomClaim('${name}', 1); api.accessToken.setCustomClaim('${name}', 1)`,
      ),
    );
    expect(result).toMatchObject({
      outcome: 'allowed',
      idTokenClaims: EMPTY,
      accessTokenClaims: EMPTY,
    });
  });

  it.each([
    ['http://example.com/a'],
    ['https://notauth0.com/a'],
    ['email'],
    ['my_claim'],
    ['urn:example:a'],
    ['a:b'],
  ])('called %s is set', async (name) => {
    const result = await run(action(`api.idToken.setCustomClaim('${name}', 1)`));
    expect(result.idTokenClaims).toEqual({ [name]: 1 });
  });

  it.each([['1n'], ['() => 1'], ['(() => { const a = {}; a.a = a; return a })()']])(
    'of %s fails the login, as JSON cannot say it',
    async (value) => {
      const result = await run(action(`api.idToken.setCustomClaim('${NAMESPACE}/a', ${value})`));
      expect(result.outcome).toBe('failed');
    },
  );

  it('fails the login that has more than 100 kB of claims, from however many Actions', async () => {
    const set = (name: string) =>
      action(`api.idToken.setCustomClaim('${NAMESPACE}/${name}', 'x'.repeat(60_000))`);
    expect((await run(set('a'))).outcome).toBe('allowed');
    const both = await run(set('a'), set('b'));
    expect(both).toMatchObject({ outcome: 'failed', idTokenClaims: EMPTY });
    expect(both.steps[1]?.error).toContain('100000');
  });
});

describe('the cache', () => {
  const set = (key: string, value: string, options = '') =>
    `api.cache.set(${key}, ${value}${options && `, ${options}`})`;

  it('is shared by the Actions of a flow and kept for the next, until it is cleared', async () => {
    const read = action(`console.log(JSON.stringify(api.cache.get('k')?.value ?? null))`);
    const { steps } = await run(action(set(`'k'`, `'v'`)), read);
    expect(steps[1]?.log).toBe('"v"');
    expect((await run(read)).steps[0]?.log).toBe('"v"');
    runtime.clearCache();
    expect((await run(read)).steps[0]?.log).toBe('null');
  });

  it('tells of a write what it wrote, and of a deletion whether there was anything', async () => {
    const body = `const written = ${set(`'k'`, `'v'`, '{ ttl: 1000 }')};
      return [written.type, written.record.value, api.cache.delete('k'), api.cache.get('k') ?? null, api.cache.delete('k')]`;
    expect(await evaluate(body)).toEqual([
      'success',
      'v',
      { type: 'success' },
      null,
      { type: 'error', code: 'CacheKeyDoesNotExist' },
    ]);
  });

  it.each([
    ['a key of 65 bytes', set(`'x'.repeat(65)`, `''`), 'CacheKeySizeExceeded'],
    [
      'a key of 64 characters that are more bytes',
      set(`'é'.repeat(64)`, `''`),
      'CacheKeySizeExceeded',
    ],
    ['a value of 4,097 bytes', set(`'k'`, `'x'.repeat(4097)`), 'CacheValueSizeExceeded'],
    ['a value that is no string', set(`'k'`, '{}'), 'FailedToSetCacheRecord'],
    [
      'a time that is over',
      set(`'k'`, `''`, '{ expires_at: Date.now() - 1 }'),
      'ItemAlreadyExpired',
    ],
    ['a life of more than 24 hours', set(`'k'`, `''`, '{ ttl: 86_400_001 }'), 'InvalidExpiry'],
    ['a life that is no number', set(`'k'`, `''`, `{ ttl: 'long' }`), 'InvalidExpiry'],
  ])('refuses %s', async (_title, body, code) => {
    expect(await evaluate(`return ${body}`)).toEqual({ type: 'error', code });
  });

  it('takes what is just within the limits', async () => {
    const body = `return [${set(`'x'.repeat(64)`, `'x'.repeat(4096)`, '{ ttl: 86_400_000 }')},
      ${set(`'u'`, `''`, '{ expires_at: Date.now() + 86_400_000 }')}].map(({ type }) => type)`;
    expect(await evaluate(body)).toEqual(['success', 'success']);
  });

  it('holds 20 entries, and one of them can still be replaced', async () => {
    const body = `const put = (n) => api.cache.set('k' + n, 'v').code ?? 'ok';
      for (let n = 0; n < 19; n += 1) put(n);
      return [put(19), put(20), put(0)]`;
    expect(await evaluate(body)).toEqual(['ok', 'CacheSizeExceeded', 'ok']);
  });

  it('holds 8 kB of keys and values', async () => {
    const body = `const put = (key, size) => api.cache.set(key, 'x'.repeat(size)).code ?? 'ok';
      return [put('a', 4095), put('b', 4096), put('b', 4095)]`;
    expect(await evaluate(body)).toEqual(['ok', 'CacheSizeExceeded', 'ok']);
  });

  it('forgets what has expired, which then takes no room', async () => {
    let time = Date.now();
    const other = open({ now: () => time });
    const fill =
      action(`for (let n = 0; n < 20; n += 1) api.cache.set(event.client.client_id + n, 'v', { ttl: 1000 });
      console.log(JSON.stringify([api.cache.get('a0') !== undefined, api.cache.get('b0') !== undefined]))`);
    const logOf = async (client_id: string) =>
      (await other.runPostLogin([fill], { ...EVENT, client: { client_id } })).steps[0]?.log;
    expect(await logOf('a')).toBe('[true,false]');
    expect(await logOf('b')).toBe('[true,false]');
    time += 60_000;
    expect(await logOf('b')).toBe('[false,true]');
  });

  it('stays within its limits when logins fill it at the same time', async () => {
    const fill = action(
      `for (let n = 0; n < 15; n += 1) api.cache.set(event.client.client_id + n, 'v');
      running += 1; if (running === 2) open();
      await all;`,
      'let running = 0, open; const all = new Promise((resolve) => { open = resolve });',
    );
    await Promise.all(
      ['a', 'b'].map((client_id) =>
        runtime.runPostLogin([fill], { ...EVENT, client: { client_id } }),
      ),
    );
    const body = `let held = 0; for (const who of ['a', 'b']) for (let n = 0; n < 15; n += 1) if (api.cache.get(who + n)) held += 1;
      return held`;
    expect(await evaluate(body)).toBe(20);
  });
});

describe('transaction metadata', () => {
  it('is seen at once and by the later Actions of the login, and by no other login', async () => {
    const read = `console.log(JSON.stringify(event.transaction?.metadata ?? {}))`;
    const { steps } = await run(
      action(
        `api.transaction.setMetadata('s', 'x'); api.transaction.setMetadata('n', 1.5); api.transaction.setMetadata('b', true); ${read}`,
      ),
      action(read),
    );
    expect(steps.map(({ log }) => log)).toEqual(Array(2).fill('{"s":"x","n":1.5,"b":true}'));
    expect((await run(action(read))).steps[0]?.log).toBe('{}');
  });

  it('begins with that of the event, and null removes it', async () => {
    const event = { ...EVENT, transaction: { metadata: { old: 'yes', older: 'too' } } };
    const remove = action(`api.transaction.setMetadata('old', null)`);
    const read = action('console.log(JSON.stringify(event.transaction.metadata))');
    const { steps } = await runtime.runPostLogin([remove, read], event);
    expect(steps[1]?.log).toBe('{"older":"too"}');
  });

  it.each([
    ['an object', `'k', {}`],
    ['nothing', `'k'`],
    ['a key of 65 characters', `'x'.repeat(65), 1`],
    ['a value of more than 8 kB', `'k', 'x'.repeat(8193)`],
    ['a number that is not safe', `'k', 2 ** 53`],
    ['no number', `'k', NaN`],
  ])('refuses %s by throwing', async (_title, args) => {
    const body = `try { api.transaction.setMetadata(${args}); return 'taken' } catch { return Object.keys(event.transaction?.metadata ?? {}) }`;
    expect(await evaluate(body)).toEqual([]);
  });

  it('refuses more than 16 kB in all by throwing', async () => {
    const body = `const put = (key) => { try { api.transaction.setMetadata(key, 'x'.repeat(8000)); return true } catch { return false } };
      return [put('a'), put('b'), put('c'), put('a')]`;
    expect(await evaluate(body)).toEqual([true, true, false, true]);
  });
});

describe('what is not supported', () => {
  it.each([
    ['api.redirect', `api.redirect.sendUserTo('https://example.com')`],
    ['api.accessToken.addScope', `api.accessToken.addScope('read')`],
    ['api.session.setExpiresAt', 'api.session.setExpiresAt(1)'],
  ])('names itself: %s', async (name, body) => {
    const result = await run(action(body));
    expect(result.outcome).toBe('failed');
    expect(result.steps[0]?.error).toContain(name);
    expect(result.steps[0]?.error).toContain('not supported by the local tenant');
  });
});

describe('what Auth0 does not deploy', () => {
  const secret = (name: string, value: string) => ({ secrets: { [name]: value } });

  it.each([
    [
      '31 secrets',
      { secrets: Object.fromEntries(Array.from({ length: 31 }, (_value, n) => [`S${n}`, 'x'])) },
    ],
    ['a secret with a name of 129 characters', secret('N'.repeat(129), 'x')],
    ['a secret of 4,097 characters', secret('NAME', 's3cret'.padEnd(4_097, 'x'))],
    ['more than 100 kB of code', { code: `${action('').code}//${'x'.repeat(100_000)}` }],
  ])('is not run either: %s', async (_title, more) => {
    const result = await run(action('', '', more));
    expect(result.outcome).toBe('failed');
    expect(result.steps[0]?.error).toMatch(/\d/);
    expect(result.steps[0]?.error).not.toContain('s3cret');
  });
});

it('prints nothing, honours no proxy and does not keep alive a process that forgot to close it', async () => {
  const script = `
    import { createActionRuntime } from '#scripts/local/tenant/action-runtime/runtime.ts';
    import { createServerCertificate } from '#scripts/local/net/certificate.ts';
    import { listenOnLoopback } from '#scripts/local/net/loopback-server.ts';
    const tls = await createServerCertificate(['${HOST}']);
    const server = await listenOnLoopback(tls, (request, response) => response.end('direct'));
    const network = new Map([['${HOST}:443', server.port]]);
    const runtime = createActionRuntime({ network, certificate: tls.cert });
    const code = "process.stdout.write('LEAK'); console.table(['LEAK']);" +
      "exports.onExecutePostLogin = async () => { process.stderr.write('LEAK');" +
      "console.log(await (await fetch('https://${HOST}/')).text()) }";
    const action = { id: 'a', versionId: 'v', name: 'a', code, secrets: {} };
    const { steps } = await runtime.runPostLogin([action], ${JSON.stringify(EVENT)});
    console.log(steps[0].error ?? steps[0].log);
    await server.close();`;
  const proxy = 'http://127.0.0.1:9';
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', script],
    {
      cwd: new URL('../../../..', import.meta.url),
      env: { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy, https_proxy: proxy },
    },
  );
  expect([stdout, stderr]).toEqual(['direct\n', '']);
});

it('runs the two Actions as they are shipped, which let pass what is not Bitbucket', async () => {
  const event = { ...EVENT, connection: { name: 'google', strategy: 'google-oauth2' } };
  const shipped = ['bitbucket-email-verification', 'bitbucket-workspace-membership'].map((name) =>
    deployed(readFileSync(new URL(`../../../../dist/${name}.cjs`, import.meta.url), 'utf8'), {
      name,
    }),
  );
  expect(await runtime.runPostLogin(shipped, event)).toMatchObject({ outcome: 'allowed' });
});
