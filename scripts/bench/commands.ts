/** The scripts, beside plain auth0-deploy-cli doing the same. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { deployToTenant } from '../lib/deploy/deploy-to-tenant.ts';
import { prepare } from '../lib/deploy/prepare.ts';
import { ROOT } from '../lib/root.ts';
import { addWorkspace, createWorld } from '../local/bitbucket/world.ts';
import { startSandbox } from '../local/stage/sandbox.ts';
import { measureInTurns, type Section, time } from './measure.ts';

const ROUNDS = 5;
const run = promisify(execFile);

export async function measureCommands(): Promise<Section> {
  const world = createWorld();
  const sandbox = await startSandbox({
    world,
    consumerWorkspace: addWorkspace(world, 'acme'),
    applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
    policy: { CLAIM_NAMESPACE: 'https://example.com', ALLOWED_WORKSPACES: 'acme' },
  });
  const env = { ...sandbox.environment };
  const script = (name: string, ...args: readonly string[]) => {
    const path = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
    return () => time(() => run(process.execPath, [path, ...args], { env }));
  };
  try {
    await deployToTenant(await prepare(env));
    const medians = await measureInTurns(
      new Map([
        ['npm run build', script('build')],
        ['npm run plan, no change', script('plan')],
        ['npm run deploy, no change', script('deploy', '--yes')],
      ]),
      ROUNDS,
    );
    const rows = [...medians].map(([name, ms]) => ({
      ...{ name, value: ms / 1_000, unit: 's' },
      ...(name.includes('deploy') ? { note: 'aim 2' } : {}),
    }));
    const plain = { ...env, ...PLAIN };
    const command = join(ROOT, 'node_modules', 'auth0-deploy-cli', 'lib', 'index.js');
    const args = [command, 'import', '-i', join(ROOT, 'tenant.yaml')];
    const importPlainly = (...more: readonly string[]) =>
      time(() => run(process.execPath, [...args, ...more], { env: plain, cwd: ROOT }));
    const beside = [
      ['a0deploy import --dry-run', await importPlainly('--dry-run'), 'beside plan'],
      ['a0deploy import, no change', await importPlainly(), 'beside deploy; writes every time'],
    ] as const;
    return {
      title: 'Commands, without npm',
      rows: [
        ...rows,
        ...beside.map(([name, ms, note]) => ({ name, value: ms / 1_000, unit: 's', note })),
      ],
    };
  } finally {
    await sandbox.close();
  }
}

/** What plain auth0-deploy-cli needs set, as values that its text replacement survives. */
const PLAIN = {
  ...{ BITBUCKET_SECRET: 'plain', MANAGEMENT_CLIENT_ID: 'id', MANAGEMENT_CLIENT_SECRET: 'secret' },
  ...{ REQUIRE_VERIFIED_EMAIL: 'true', RECHECK_AFTER_MINUTES: '60', ON_OUTAGE: 'deny' },
  ...{ LAST_KNOWN_MAX_AGE_HOURS: '24', EMAIL_RECHECK_AFTER_DAYS: '30' },
  ...{ ROLES: 'staff=acme', GROUP_NAMES: 'slug' },
};
