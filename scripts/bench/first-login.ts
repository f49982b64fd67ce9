/**
 * The first login of a process, over a link: by how much it takes longer over a longer link, and so
 * how many round trips of the link it takes, handshakes included; its processor time, and what goes
 * over the link. DNS costs nothing here. Beside it the same work as published Actions do it, and as
 * dex does.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundlePathOf, listActionNames } from '../lib/build/actions.ts';
import { startFlow } from '../local/stage/shipped-flow.ts';
import type { FirstLoginCase, FirstLoginResult } from './first-login-child.ts';
import { type Link, startLink, type Traffic } from './link.ts';
import { median, type Row, type Section } from './measure.ts';
import type { Way } from './ways.ts';

const ROUNDS = 4;
const SHORT_MS = 50;
const LONG_MS = 550;
const NOTES: Readonly<Partial<Record<Way, string>>> = {
  'nothing cached': 'limit 5.3',
  'Management token cached': 'limit 4.3',
  'auth0 SDK, one call after another': 'as published Actions do',
  'token, user, e-mails, workspaces in a row': 'as dex does',
};

interface Sample extends FirstLoginResult {
  readonly traffic: Traffic;
}

export async function measureFirstLogin(): Promise<Section> {
  const flow = await startFlow([], { ALLOWED_WORKSPACES: 'acme' });
  const { tenant } = flow.sandbox;
  const link = await startLink(tenant.network);
  const user = [...tenant.store.users.values()][0];
  const setup: Omit<FirstLoginCase, 'way' | 'cache'> = {
    codes: await Promise.all(
      (await listActionNames()).map((name) => readFile(bundlePathOf(name), 'utf8')),
    ),
    network: link.network,
    certificate: flow.sandbox.certificate,
    secrets: flow.secrets,
    userId: user?.user_id ?? '',
    email: user?.email ?? '',
    upstreamToken: user?.identities[0]?.access_token ?? '',
  };
  try {
    const { cache } = await run({ ...setup, way: 'nothing cached', cache: [] }, link, 0);
    const samples = new Map<string, Sample[]>();
    const ways = Object.keys(NOTES) as Way[];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of ways) {
        for (const roundTripMs of [SHORT_MS, LONG_MS]) {
          const key = `${way} ${roundTripMs}`;
          const sample = await run({ ...setup, way, cache }, link, roundTripMs);
          samples.set(key, [...(samples.get(key) ?? []), sample]);
        }
      }
    }
    const rows = ways.flatMap((way) =>
      rowsOf(way, samples.get(`${way} ${SHORT_MS}`) ?? [], samples.get(`${way} ${LONG_MS}`) ?? []),
    );
    return { title: 'The first login of a process, round trips of the link', rows };
  } finally {
    await link.close();
    await flow.close();
  }
}

function rowsOf(way: Way, short: readonly Sample[], long: readonly Sample[]): readonly Row[] {
  // Whatever else this machine does makes a login longer, never shorter.
  const ms = (samples: readonly Sample[]) => Math.min(...samples.map((sample) => sample.ms));
  const cpuMs = median([...short, ...long].map((sample) => sample.cpuMs));
  const connections = median(
    long.map(({ traffic }) => Object.values(traffic.connections).reduce((sum, n) => sum + n, 0)),
  );
  const kilobytes = (read: (traffic: Traffic) => number) =>
    (median(long.map(({ traffic }) => read(traffic))) / 1_000).toFixed(1);
  const sent = kilobytes(({ bytesSent }) => bytesSent);
  const received = kilobytes(({ bytesReceived }) => bytesReceived);
  return [
    {
      name: way,
      value: (ms(long) - ms(short)) / (LONG_MS - SHORT_MS),
      unit: 'x',
      note: `${NOTES[way]}; ${connections} connections, ${sent} kB sent, ${received} kB received`,
    },
    { name: `${way}, processor time`, value: cpuMs, unit: 'ms' },
  ];
}

async function run(first: FirstLoginCase, link: Link, roundTripMs: number): Promise<Sample> {
  link.roundTripMs = roundTripMs;
  link.takeTraffic();
  const path = fileURLToPath(new URL('./first-login-child.ts', import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(first));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The measuring process ended with ${code}`);
  return { ...(JSON.parse(output) as FirstLoginResult), traffic: link.takeTraffic() };
}
