/**
 * Names, addresses and ids are other people's: what they hold comes out of `why`, `people` and
 * `plan --people` as text alone. Nothing is written, no token is shown.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownerMark } from '#actions/lib/knowledge/owner.ts';
import { deployToTenant } from '#scripts/lib/deploy/deploy-to-tenant.ts';
import { prepare } from '#scripts/lib/deploy/prepare.ts';
import { addWorkspace, createWorld } from '#scripts/local/bitbucket/world.ts';
import { startSandbox } from '#scripts/local/stage/sandbox.ts';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';
import type { StoredUser } from '#scripts/local/tenant/store.ts';
import { runScript } from '#test/support/run-script.ts';

const world = createWorld();
const sandbox = await startSandbox({
  world,
  consumerWorkspace: addWorkspace(world, 'acme'),
  applications: [{ clientId: 'app', name: 'App', callbacks: [] }],
  policy: {
    CLAIM_NAMESPACE: 'https://example.com/bitbucket',
    ALLOWED_WORKSPACES: 'acme',
    AUTH0_ENABLED_CLIENTS: 'App',
  },
});
const { store } = sandbox.tenant;
const { port } = sandbox.bitbucket;
redirectNetwork(
  new Map([...sandbox.tenant.network, [`localhost:${port}`, port]]),
  sandbox.certificate,
);

const ESC = '\u001b';
const HOSTILE = [
  `${ESC}]0;title\u0007`,
  `${ESC}[2J\u009b31m`,
  '\n::error file=x::owned',
  '\r\n##vso[task.setvariable variable=x]y',
  '###vso[task.complete]',
  '\u202egnp.exe\u2066',
  '=HYPERLINK("http://evil.example","x")',
  '"; =1+1',
  '\t@SUM(1)',
  '</script><img src=x>',
];
const TOKEN = 'secret-upstream-token';
const uuidOf = (index: number) => `{00000000-0000-4000-8000-${String(index).padStart(12, '0')}}`;

beforeAll(async () => {
  await deployToTenant(await prepare(sandbox.environment));
  for (const [index, text] of HOSTILE.entries()) {
    const user_id = `bitbucket|${uuidOf(index)}`;
    const user = {
      ...{ user_id, name: text, nickname: text, email: `${text}@example.com` },
      ...{ email_verified: false, created_at: '2026-11-25T12:00:00.000Z' },
      updated_at: '2026-11-25T12:00:00.000Z',
      identities: [
        {
          ...{ connection: 'bitbucket', provider: 'bitbucket', user_id: uuidOf(index) },
          ...{ isSocial: true, access_token: TOKEN, refresh_token: TOKEN },
        },
      ],
      app_metadata: {
        bitbucket_look: {
          ...{ v: text, who: ownerMark({ connection: 'bitbucket', accounts: [uuidOf(index)] }) },
          refusal: { at: '2026-11-25T12:00:00.000Z', code: text, cause: text, client_id: text },
        },
      },
      user_metadata: {},
      ...{ last_login: text, logins_count: 1 },
    };
    store.users.set(user_id, user as unknown as StoredUser);
  }
  sandbox.tenant.log.append({
    ...{ type: 'f', description: HOSTILE.join(' '), user_id: `bitbucket|${uuidOf(0)}` },
    ...{ client_id: 'app', client_name: HOSTILE.join(' '), connection: 'bitbucket' },
  });
}, 60_000);
afterAll(() => sandbox.close());
beforeEach(() => sandbox.tenant.clearCalls());

/** What a terminal or a CI system would obey; colours are ours. */
const commandsIn = (text: string) =>
  text
    .replaceAll(new RegExp(`${ESC}\\[\\d+m`, 'g'), '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    .match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|##|^\s*::/gmu);

describe.each<[string, readonly string[], number]>([
  ['why', [`bitbucket|${uuidOf(0)}`], 0],
  ['why', [`bitbucket|${uuidOf(0)}`, '--json'], 0],
  ['why', [`bitbucket|${uuidOf(3)}`], 0],
  ['why', ['$LOG'], 0],
  ['why', [`${HOSTILE[5]}@example.com`], 0],
  ['why', [`nobody${HOSTILE.join('')}@example.com`], 1],
  ['why', [`nobody|${HOSTILE.join('')}`, '--json'], 1],
  ['why', [HOSTILE.join('').replaceAll('|', '')], 1],
  ['people', [], 0],
  ['people', ['--json'], 0],
  ['people', ['--csv'], 0],
  ['plan', ['--people'], 0],
  ['plan', ['--people', '--json'], 0],
])('%s %j', (name, given, expected) => {
  test('obeys nobody, writes nothing, shows no token', async () => {
    const log = sandbox.tenant.log.list().find(({ type }) => type === 'f');
    const args = given.map((arg) => (arg === '$LOG' ? (log?.log_id ?? '') : arg));
    const { code, stdout, stderr } = await runScript(sandbox, name, args);
    expect(code).toBe(expected);
    expect(commandsIn(stdout.replaceAll('\r\n', '\n'))).toBeNull();
    expect(commandsIn(stderr)).toBeNull();
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    for (const secret of [TOKEN, 'eyJ', ...Object.values(secretsOf())]) {
      expect(stdout + stderr).not.toContain(secret);
    }
    const writes = sandbox.tenant.writes.filter(({ path }) => path !== '/oauth/token');
    expect(writes).toEqual([]);
    if (args.includes('--json')) expect(() => JSON.parse(stdout)).not.toThrow();
  }, 60_000);
});

function secretsOf() {
  const { BITBUCKET_SECRET = 'none', AUTH0_CLIENT_SECRET = 'none' } = sandbox.environment;
  return { BITBUCKET_SECRET, AUTH0_CLIENT_SECRET };
}

test('no cell of the CSV begins with what is computed, in whichever locale it is opened', async () => {
  const { stdout } = await runScript(sandbox, 'people', ['--csv']);
  const rows = stdout.split('\r\n').slice(1, -1);
  expect(rows).toHaveLength(HOSTILE.length);
  for (const row of rows) {
    for (const cell of row.split(/[,;]/)) expect(cell).not.toMatch(/^[\s"]*[=+\-@]/);
  }
}, 60_000);
