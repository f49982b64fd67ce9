/** The processor time of a login beyond waiting, and how it grows. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundlePathOf, listActionNames } from '../lib/build/actions.ts';
import type { GrowthCase, GrowthResult } from './growth-child.ts';
import { median, type Row, type Section } from './measure.ts';

const ROUNDS = 3;
type Shape = Omit<GrowthCase, 'codes'>;
const CASES: readonly (readonly [string, Shape])[] = [
  ['1 allowed workspace', { allowed: 1, memberOf: 1, atOnce: 1, batches: 300 }],
  ['10 allowed workspaces', { allowed: 10, memberOf: 10, atOnce: 1, batches: 100 }],
  ['100 allowed workspaces', { allowed: 100, memberOf: 100, atOnce: 1, batches: 20 }],
  ['1 allowed, the user is in 100', { allowed: 1, memberOf: 100, atOnce: 1, batches: 300 }],
  ['1 allowed, the user is in 5,000', { allowed: 1, memberOf: 5_000, atOnce: 1, batches: 300 }],
  ['100 logins at once', { allowed: 1, memberOf: 1, atOnce: 100, batches: 10 }],
  ['1,000 logins at once', { allowed: 1, memberOf: 1, atOnce: 1_000, batches: 2 }],
];

export async function measureGrowth(): Promise<Section> {
  const names = await listActionNames();
  const codes = await Promise.all(names.map((name) => readFile(bundlePathOf(name), 'utf8')));
  const results = new Map<string, GrowthResult[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, shape] of CASES) {
      results.set(name, [...(results.get(name) ?? []), await run({ codes, ...shape })]);
    }
  }
  const rows = CASES.map(([name, { atOnce }]): Row => {
    const samples = results.get(name) ?? [];
    const [first] = samples;
    const calls = `${first?.callsPerLogin} calls`;
    return {
      name,
      value: median(samples.map(({ cpuMsPerLogin }) => cpuMsPerLogin)),
      unit: 'ms',
      note: atOnce === 1 ? `${calls}, at most ${first?.mostAtOnce} at once` : calls,
    };
  });
  return { title: 'Processor time of a login, both Actions, nothing cached', rows };
}

function run(growthCase: GrowthCase): Promise<GrowthResult> {
  const path = fileURLToPath(new URL('./growth-child.ts', import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(growthCase));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`The measuring process ended with ${code}`));
    });
  });
}
