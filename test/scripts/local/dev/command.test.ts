/** `npm run dev` as its users start it: what it says, what it refuses, how it ends, what it keeps. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DevAddresses } from '#scripts/local/dev/addresses.ts';
import { findRunningDev, readRunning } from '#scripts/local/dev/running.ts';
import { splitCertificates } from '#scripts/local/net/pem.ts';
import { createBrowser } from '#scripts/local/stage/browser.ts';
import { type Application, createApplication } from '#scripts/local/stage/sign-in.ts';
import { type DevCommand, findFreePorts, startDevCommand } from '#test/support/dev-command.ts';

const home = mkdtempSync(join(tmpdir(), 'dev-command-'));
const folder = join(home, 'auth0-bitbucket-login');
const running = new Set<DevCommand>();
const start = (...args: string[]) => {
  const command = startDevCommand(home, args);
  running.add(command);
  return command;
};

afterAll(() => {
  for (const { child } of running) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

describe('is refused in one sentence', () => {
  const refuse = async (...args: string[]) => {
    const { code, stdout, stderr } = await start(...args).ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
    return stderr.replace(/^✗ /, '');
  };

  test.each([
    ['--port', '70000'],
    ['--bitbucket-port', '0'],
  ])('a port that is none: %s %s', async (option, value) => {
    expect(await refuse(option, value)).toBe(
      `${option} ${value} is no port: a number from 1 to 65535.`,
    );
  });

  test('one port for both', async () => {
    expect(await refuse('--port', '9001', '--bitbucket-port', '9001')).toMatch(/choose two/);
  });

  test.each([
    ['127.0.0.1', '--port', '--bitbucket-port'],
    ['::1', '--bitbucket-port', '--port'],
  ])('a port that is in use on %s: %s', async (host, option, other) => {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const [free] = await findFreePorts();
    expect(await refuse(option, `${port}`, other, `${free}`)).toBe(
      `Port ${port} is in use: end what listens there, or choose another.`,
    );
    server.close();
  });

  test('a world file that is not there', async () => {
    expect(await refuse('--world', join(home, 'none.yaml'))).toMatch(
      /^There is no world file .*none\.yaml: npm run dev -- --init .*none\.yaml writes one/,
    );
  });

  test('a world file with a mistake', async () => {
    const path = join(home, 'wrong.yaml');
    writeFileSync(path, 'workspaces:\n  - slug: acme\n    color: red\npolicy: {}\n');
    expect(await refuse('--world', path)).toBe(
      `${path}:3:5: workspaces[0].color is not a field that this package knows (and 1 more).`,
    );
  });

  test('a certificate without its key', async () => {
    expect(await refuse('--cert', 'localhost.pem')).toMatch(/belong together/);
  });

  test('in JSON of one line where a program reads', async () => {
    const { code, stdout } = await start('--port', 'abc', '--json').ended();
    expect(code).toBe(1);
    expect(stdout.split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({ error: { message: expect.stringContaining('no port') } });
  });

  test('and has left nothing that runs', async () => {
    expect(readdirSync(folder).filter((name) => /^running|\.new$/.test(name))).toEqual([]);
  });
});

test('--init writes a world that --world takes, and replaces nothing', async () => {
  const path = join(home, 'my-world.yaml');
  expect(await start('--init', path).ended()).toMatchObject({ code: 0 });
  const written = readFileSync(path, 'utf8');
  expect(await start('--init', path).ended()).toMatchObject({
    code: 1,
    stderr: `✗ ${path} is there already, and was not changed: name another file.`,
  });
  expect(readFileSync(path, 'utf8')).toBe(written);
});

describe('while it is up', () => {
  let ports: readonly [number, number];
  let command: DevCommand;
  let addresses: DevAddresses;
  let application: Application;

  const startAgain = () =>
    start('--port', `${ports[0]}`, '--bitbucket-port', `${ports[1]}`, '--json');
  const personOf = (name: string) => addresses.people.find((one) => one.name === name)?.uuid ?? '';
  const readKeys = async () => (await fetch(`${addresses.issuer}.well-known/jwks.json`)).json();
  const signIn = async (name: string) => {
    const result = await application.signIn(createBrowser({ userUuid: personOf(name) }));
    return result.kind === 'allowed' ? 'in' : result.description.split(':')[0];
  };

  beforeAll(async () => {
    ports = await findFreePorts();
    command = startAgain();
    addresses = await command.ready();
    const pem = readFileSync(addresses.certificate, 'utf8');
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...splitCertificates(pem)]);
    application = await createApplication({
      issuer: addresses.issuer,
      clientId: 'local-spa',
      callbackUrl: 'http://localhost:3000/callback',
      audience: 'https://api.example.com',
    });
  });

  test('the line says what the contract has', () => {
    expect(addresses).toEqual({
      issuer: `https://localhost:${ports[0]}/`,
      page: `https://localhost:${ports[0]}/`,
      bitbucket: `https://localhost:${ports[1]}`,
      certificate: join(folder, 'certificate.pem'),
      deployer: { client_id: expect.any(String), client_secret: expect.any(String) },
      applications: [
        {
          client_id: 'local-spa',
          name: 'Local SPA',
          callbacks: [
            'http://localhost:3000',
            'http://localhost:3000/',
            'http://localhost:3000/callback',
          ],
          logout_urls: ['http://localhost:3000', 'http://localhost:3000/'],
          web_origins: ['http://localhost:3000'],
        },
        {
          client_id: 'local-web',
          client_secret: expect.any(String),
          name: 'Local web application',
          callbacks: ['http://localhost:3000/callback', 'http://localhost:3000/auth/callback'],
          logout_urls: ['http://localhost:3000', 'http://localhost:3000/'],
          web_origins: ['http://localhost:3000'],
        },
      ],
      people: ['Olivia', 'Max', 'Toni', 'Nora', 'Gus', 'Uma'].map((name) => ({
        uuid: expect.stringMatching(/^\{[0-9a-f-]{36}\}$/),
        name,
        email: `${name.toLowerCase()}@example.com`,
      })),
    });
    expect(readFileSync(addresses.certificate, 'utf8')).not.toContain('KEY');
  });

  test('what it keeps is nobody else’s to read', () => {
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o077);
    expect(new Set([...modes, statSync(folder).mode & 0o077])).toEqual(new Set([0]));
  });

  test('other commands find it', async () => {
    expect(findRunningDev(folder)).toEqual(readRunning(ports[0], folder));
    expect(readRunning(ports[0], folder)).toMatchObject({
      pid: command.child.pid,
      issuer: addresses.issuer,
      page: addresses.page,
      certificate: addresses.certificate,
      bitbucketPort: ports[1],
      environment: {
        AUTH0_CLIENT_ID: addresses.deployer.client_id,
        CLAIM_NAMESPACE: 'https://example.com/bitbucket',
      },
    });
    expect(readRunning(ports[1], folder)).toBeUndefined();
  });

  test.each([
    ['Toni', 'in'],
    ['Nora', 'bitbucket_workspace_required'],
    ['Gus', 'bitbucket_workspace_required'],
    ['Uma', 'bitbucket_email_unverified'],
  ])('%s: %s', async (name, outcome) => {
    expect(await signIn(name)).toBe(outcome);
  });

  describe('and was killed, and is started again', () => {
    let before: DevAddresses;
    let keys: unknown;
    let refreshToken: string;
    const browser = { current: createBrowser({ userUuid: '' }) };

    beforeAll(async () => {
      before = addresses;
      browser.current = createBrowser({ userUuid: personOf('Olivia') });
      const result = await application.signIn(browser.current);
      if (result.kind !== 'allowed') throw new Error(result.description);
      refreshToken = result.refreshToken ?? '';
      keys = await readKeys();
      command.child.kill('SIGKILL');
      await command.ended();
      expect(readRunning(ports[0], folder)).toBeUndefined();
      command = startAgain();
      addresses = await command.ready();
    });

    test('its addresses, secrets and keys are the same', async () => {
      expect(addresses).toEqual(before);
      expect(await readKeys()).toEqual(keys);
    });

    test('a refresh token is good, and the Actions run for it', async () => {
      expect(await application.refresh(refreshToken)).toMatchObject({
        kind: 'allowed',
        idToken: { 'https://example.com/bitbucket/groups': ['acme', 'acme:owner'] },
      });
    });

    test('a session is good', async () => {
      expect(await application.signIn(browser.current, { prompt: 'none' })).toMatchObject({
        kind: 'allowed',
      });
    });
  });

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('%s ends it with %i, said once and leaving nothing', async (signal, code) => {
    if (command.child.exitCode !== null) {
      // In the middle of the deploy.
      command = startAgain();
      await command.said(/Deploying the Actions/);
    }
    command.child.kill(signal);
    const { stdout, ...ended } = await command.ended();
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toMatch(/ {4}at |Warning|was ended in its middle/);
    expect(stdout.split('\n').length).toBe(1);
    expect(readdirSync(folder).filter((name) => /^running|\.new$/.test(name))).toEqual([]);
    const again = createServer();
    again.listen(ports[0], '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });
});
