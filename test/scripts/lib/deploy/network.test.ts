/**
 * The process that writes has the network of the one that plans: here only a proxy leads out, as in
 * many houses.
 */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { createChildEnvironment, importAssets } from '#scripts/lib/deploy/import/import-assets.ts';
import { isSafe, lookAtDoor, startTenant } from '#test/support/deploy-scenes.ts';
import { runScript } from '#test/support/run-script.ts';

const sandbox = await startTenant();
const proxy = await startProxy();
afterAll(async () => {
  proxy.close();
  await sandbox.close();
});

test('plan and deploy work where only a CONNECT proxy leads out', { timeout: 90_000 }, async () => {
  const { domain } = sandbox.tenant;
  const change = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    // Of the process that plans: whatever else it asks for is not found.
    TEST_NETWORK: JSON.stringify([[`127.0.0.1:${proxy.port}`, proxy.port]]),
  };
  const { code, stderr } = await runScript(sandbox, 'deploy', ['--yes'], change);
  expect(stderr).not.toContain('✗');
  expect(code).toBe(0);
  expect(lookAtDoor(sandbox)).toEqual({ enabled: 1, isGated: true });
  expect(new Set(proxy.asked)).toEqual(new Set([domain]));
});

test('the process that writes goes through the proxy, or not at all', {
  timeout: 30_000,
}, async () => {
  sandbox.tenant.clearCalls();
  const { environment, tenant } = sandbox;
  const env = { ...environment, HTTPS_PROXY: 'http://127.0.0.1:9' };
  const target = { domain: tenant.domain, token: 'x', clientId: undefined };
  const silent = { note: () => {}, tell: () => {}, wrote: () => {} };
  await expect(importAssets({ clients: [{ name: 'x' }] }, target, env, silent)).rejects.toThrow(
    /^auth0-deploy-cli failed/,
  );
  expect(tenant.calls).toEqual([]);
  expect(isSafe(sandbox)).toBe(true);
});

describe('the environment of the process that writes', () => {
  test('is the way to the network, and nothing else', () => {
    const network = {
      PATH: '/bin',
      ...{
        NODE_EXTRA_CA_CERTS: 'a.pem',
        NODE_USE_SYSTEM_CA: '1',
        NODE_OPTIONS: '--use-openssl-ca',
      },
      ...{ https_proxy: 'http://proxy', NO_PROXY: 'x', NODE_USE_ENV_PROXY: '1' },
    };
    const others = { AUTH0_ALLOW_DELETE: 'true', AUTH0_DEBUG: 'true', BITBUCKET_SECRET: 'x' };
    expect(createChildEnvironment({ ...network, ...others })).toEqual(network);
  });

  test('has Node ask the proxy where one is named', () => {
    expect(createChildEnvironment({ HTTPS_PROXY: 'http://proxy' })).toEqual({
      HTTPS_PROXY: 'http://proxy',
      NODE_USE_ENV_PROXY: '1',
    });
    expect(createChildEnvironment({ HTTP_PROXY: 'http://proxy' })).not.toHaveProperty(
      'NODE_USE_ENV_PROXY',
    );
  });
});

async function startProxy(): Promise<{
  readonly port: number;
  readonly asked: readonly string[];
  close(): void;
}> {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    asked.push(`${hostname}:${port}`);
    const upstream = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, asked, close: () => server.close() };
}
