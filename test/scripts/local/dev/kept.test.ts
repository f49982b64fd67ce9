/** What outlives `npm run dev`: the certificate, the state of a tenant; and a certificate of others. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeCacheFolder, pathOfCacheFolder } from '#scripts/local/dev/kept/cache-folder.ts';
import { useGivenCertificate } from '#scripts/local/dev/kept/given-certificate.ts';
import { keepCertificate } from '#scripts/local/dev/kept/own-certificate.ts';
import { openState } from '#scripts/local/dev/kept/state-file.ts';
import { canOpenBrowser } from '#scripts/local/dev/open-page.ts';
import { readPort } from '#scripts/local/dev/read-port.ts';
import { createServerCertificate } from '#scripts/local/net/certificate.ts';
import { splitCertificates } from '#scripts/local/net/pem.ts';

const home = mkdtempSync(join(tmpdir(), 'dev-kept-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
const newFolder = () => {
  count += 1;
  return makeCacheFolder(join(home, `${count}`));
};

describe('the folder', () => {
  test.each([
    [{ XDG_CACHE_HOME: '/cache' }, '/cache/auth0-bitbucket-login'],
    [{ XDG_CACHE_HOME: 'cache' }, /\/\.cache\/auth0-bitbucket-login$/],
    [{}, /\/\.cache\/auth0-bitbucket-login$/],
  ])('of %o', (env, expected) => {
    expect(pathOfCacheFolder(env)).toMatch(expected);
  });

  test('is in no folder that one happens to be in, and its lack is said', () => {
    const { HOME } = process.env;
    try {
      process.env.HOME = '';
      expect(() => pathOfCacheFolder({})).toThrow(/^There is no home folder.*XDG_CACHE_HOME/);
      expect(pathOfCacheFolder({ XDG_CACHE_HOME: '/cache' })).toMatch(/^\/cache\//);
    } finally {
      process.env.HOME = HOME;
    }
  });

  test('loses what a process left that was killed as it wrote, and nothing of another’s', () => {
    const folder = newFolder();
    const [dead, alive] = [`tenant-1.json.${2 ** 22 + 1}.new`, `tenant-1.json.${process.pid}.new`];
    for (const name of [dead, alive, 'tenant-1.json']) writeFileSync(join(folder, name), '');
    makeCacheFolder(folder);
    expect(readdirSync(folder).toSorted()).toEqual(['tenant-1.json', alive]);
  });

  test('that cannot be made is said', () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    expect(() => makeCacheFolder(join(file, 'x'))).toThrow(
      /cannot be used \(ENOTDIR\).*XDG_CACHE_HOME/,
    );
  });
});

describe('our certificate', () => {
  test('stays, is no authority, and is for localhost alone where a browser trusts it', async () => {
    const folder = newFolder();
    const first = await keepCertificate(folder);
    expect(await keepCertificate(folder)).toEqual(first);
    const pem = readFileSync(first.authority.path, 'utf8');
    expect(pem).toBe(first.authority.pem);
    expect(pem).not.toContain('PRIVATE KEY');
    const [ours, bitbucket] = splitCertificates(pem).map((text) => new X509Certificate(text));
    expect(splitCertificates(readFileSync(first.forBrowsers ?? '', 'utf8'))).toEqual(
      splitCertificates(pem).slice(0, 1),
    );
    expect([ours?.ca, bitbucket?.ca]).toEqual([false, false]);
    expect(ours?.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(bitbucket?.subjectAltName).toBe('DNS:bitbucket.org, DNS:api.bitbucket.org');
    const days = (Date.parse(ours?.validTo ?? '') - Date.parse(ours?.validFrom ?? '')) / 86_400_000;
    expect(days).toBeLessThanOrEqual(825);
    expect(statSync(join(folder, 'server.pem')).mode & 0o777).toBe(0o600);
  });

  test('is one, where two begin at once', async () => {
    const folder = newFolder();
    const [first, second] = await Promise.all([keepCertificate(folder), keepCertificate(folder)]);
    expect(second).toEqual(first);
    expect(readFileSync(first.authority.path, 'utf8')).toBe(first.authority.pem);
    expect(readdirSync(folder).toSorted()).toEqual([
      ...['certificate.pem', 'localhost.pem', 'server.pem'],
    ]);
  });

  test.each([
    ['close to its end', (): number => Date.now() + 800 * 86_400_000, (text: string) => text],
    ['that is damaged', () => Date.now(), (text: string) => text.slice(0, 400)],
  ])('is made anew for one %s', async (_, now, change) => {
    const folder = newFolder();
    const first = await keepCertificate(folder);
    const file = join(folder, 'server.pem');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const second = await keepCertificate(folder, now());
    expect(second.authority.path).toBe(first.authority.path);
    expect(second.authority.pem).not.toBe(first.authority.pem);
  });
});

describe('a certificate that is given', () => {
  const give = async (
    hosts: readonly string[],
    change: { readonly cert?: string; readonly key?: string } = {},
  ) => {
    const folder = newFolder();
    const own = await keepCertificate(folder);
    const made = { ...(await createServerCertificate(hosts)), ...change };
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
    return { own, made, use: () => useGivenCertificate({ cert, key }, own, join(folder, 'c.pem')) };
  };

  test('is presented, and ours stays for Bitbucket’s names', async () => {
    const { own, made, use } = await give(['localhost']);
    const { server, authority, forBrowsers } = use();
    expect(server.cert).toBe(made.cert.trim());
    expect(server.others).toEqual(own.server.others);
    expect(splitCertificates(authority.pem)).toEqual([
      made.cert.trim(),
      ...splitCertificates(own.authority.pem).slice(1),
    ]);
    expect(readFileSync(authority.path, 'utf8')).toBe(authority.pem);
    expect(forBrowsers).toBeUndefined();
  });

  test.each([
    ['of another host', ['app.example.com'], {}, /is not for localhost: mkcert localhost/],
    ['that is none', ['localhost'], { cert: 'hello' }, /there is no certificate in it/],
    ['whose key is none', ['localhost'], { key: 'hello' }, /there is no private key in it/],
  ])('%s is refused', async (_, hosts, change, expected) => {
    const { use } = await give(hosts, change);
    expect(use).toThrow(expected);
  });

  test('with the key of another is refused', async () => {
    const { key } = await createServerCertificate(['localhost']);
    const { use } = await give(['localhost'], { key });
    expect(use).toThrow(/is not the key of --cert/);
  });

  test('that is not there is said', async () => {
    const own = await keepCertificate(newFolder());
    const given = { cert: join(home, 'none.pem'), key: join(home, 'none.key') };
    expect(() => useGivenCertificate(given, own, join(home, 'c.pem'))).toThrow(
      /^--cert .*none\.pem cannot be read \(ENOENT\)\.$/,
    );
  });
});

describe('the state', () => {
  const TOKEN = { owner: { kind: 'user', userUuid: '{1}' }, consumerKey: 'c', scopes: [] } as const;

  test('is there again, without what has expired', async () => {
    const path = join(newFolder(), 'tenant-1.json');
    const first = await openState(path, expect.unreachable);
    const soon = Date.now() + 60_000;
    first.tenant.payloads.set('Session a', { exp: soon / 1_000, uid: 'u' });
    first.tenant.payloads.set('Session b', { exp: 1, uid: 'v' });
    first.bitbucket.accessTokens.set('new', { ...TOKEN, expiresAt: soon });
    first.bitbucket.accessTokens.set('old', { ...TOKEN, expiresAt: 1 });
    first.clock.aheadMs = 1_000;
    await first.save();
    const second = await openState(path, expect.unreachable);
    expect(second.secret).toBe(first.secret);
    expect(second.tenant.signingKey).toEqual(first.tenant.signingKey);
    expect(second.clock).toEqual({ aheadMs: 1_000 });
    expect([...second.tenant.payloads.keys()]).toEqual(['Session a']);
    expect([...second.bitbucket.accessTokens.keys()]).toEqual(['new']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is written whole when a change is said to be kept, also while it is being written', async () => {
    const path = join(newFolder(), 'tenant-1.json');
    const { tenant } = await openState(path, expect.unreachable);
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        tenant.payloads.set(`Session ${index}`, { uid: `${index}` });
        await tenant.changed();
        const { payloads } = JSON.parse(readFileSync(path, 'utf8'));
        expect(payloads).toContainEqual([`Session ${index}`, { uid: `${index}` }]);
      }),
    );
  });

  test.each([
    ['no JSON', '{ "version": 1'],
    ['another shape', '{ "version": 1, "users": {} }'],
    ['another version', '{ "version": 2 }'],
  ])('that is damaged (%s) is put aside and said', async (_, text) => {
    const path = join(newFolder(), 'tenant-1.json');
    writeFileSync(path, text);
    const said: string[] = [];
    const state = await openState(path, (sentence) => said.push(sentence));
    expect(said).toEqual([expect.stringMatching(/cannot be read.*tenant-1\.json\.damaged now/)]);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    await state.save();
    expect(JSON.parse(readFileSync(path, 'utf8')).secret).toBe(state.secret);
  });

  test('that cannot be written is said once, and ends nothing', async () => {
    const folder = newFolder();
    const said: string[] = [];
    const state = await openState(join(folder, 'tenant-1.json'), (sentence) => said.push(sentence));
    rmSync(folder, { recursive: true });
    for (const id of ['a', 'b']) {
      state.tenant.payloads.set(id, {});
      await state.save();
    }
    expect(said).toEqual([expect.stringMatching(/cannot be written \(ENOENT\)/)]);
  });
});

test.each(['0', '65536', 'abc', '8443.5', '-1', ' ', '1e3'])('“%s” is no port', (text) => {
  expect(() => readPort('--port', text)).toThrow(/^--port .* is no port/);
});

test('the port of https itself is refused: no address would name it', () => {
  expect(() => readPort('--port', '443')).toThrow(/^--port 443 is left out of addresses/);
});

test('a process that is ended while it writes leaves nothing half written', async () => {
  const folder = newFolder();
  const room = new URL('../../../../scripts/local/dev/kept/cache-folder.ts', import.meta.url);
  const code = `
    import { readdirSync } from 'node:fs';
    import { writeKeptFileLater } from '${room}';
    const folder = ${JSON.stringify(folder)};
    void writeKeptFileLater(folder + '/state.json', 'x'.repeat(200_000_000));
    setInterval(() => readdirSync(folder).some((name) => name.endsWith('.new')) && process.exit(3));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
  expect((await once(child, 'exit'))[0]).toBe(3);
  expect(readdirSync(folder)).toEqual([]);
});

describe('a browser is opened', () => {
  test.each([
    [true, { DISPLAY: ':0' }, { isTTY: true, platform: 'linux' }],
    [true, {}, { isTTY: true, platform: 'darwin' }],
    [false, {}, { isTTY: true, platform: 'linux' }],
    [false, { DISPLAY: ':0' }, { isTTY: false, platform: 'linux' }],
    [false, { CI: 'true' }, { isTTY: true, platform: 'darwin' }],
    [false, { DISPLAY: ':10', SSH_CONNECTION: '::1' }, { isTTY: true, platform: 'linux' }],
  ])('%s: %o, %o', (expected, env, terminal) => {
    expect(canOpenBrowser(env, terminal)).toBe(expected);
  });
});
