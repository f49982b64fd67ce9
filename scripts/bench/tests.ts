/** How long the tests take, and the slowest ten; and what `npm run check` does before them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/root.ts';
import { type Section, time } from './measure.ts';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly duration?: number }[];
  }[];
}

const SLOWEST = 10;
/** What `npm run check` runs before the tests. */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['tsc', ['-p', '.']],
  ['biome', ['check', '.']],
  ['knip', []],
];

/** An exit code is not this file's business. */
const run = (file: string, args: readonly string[]) =>
  time(() => new Promise((resolve) => execFile(file, args, { cwd: ROOT }, resolve)));

export async function measureTests(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const file = join(folder, 'report.json');
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--reporter=json', `--outputFile=${file}`];
  try {
    const wholeMs = await run(process.execPath, args);
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const slowest = tests
      .map(({ fullName, duration = 0 }) => ({
        name: fullName.slice(0, 80),
        value: duration / 1_000,
      }))
      .sort((one, other) => other.value - one.value)
      .slice(0, SLOWEST);
    const whole = { name: `all ${tests.length} tests`, value: wholeMs / 1_000, unit: 's' };
    const checks = [];
    for (const [name, options] of CHECKS) {
      const ms = await run(join(ROOT, 'node_modules', '.bin', name), options);
      checks.push({ name, value: ms / 1_000, unit: 's' });
    }
    return {
      title: 'Checks, tests, and the slowest ten',
      rows: [...checks, whole, ...slowest.map((test) => ({ ...test, unit: 's' }))],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
