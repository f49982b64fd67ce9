/** What it takes to load each bundle in a fresh process, beside what others load. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { bundlePathOf, listActionNames } from '../lib/build/actions.ts';
import { median, type Section } from './measure.ts';

const ROUNDS = 15;
const run = promisify(execFile);

/** Prints milliseconds and kilobytes. `crypto` is loaded before: every Node process has it. */
const PROBE = `const before = process.memoryUsage().heapUsed;
const startedAt = performance.now();
require(process.argv[1]);
const ms = performance.now() - startedAt;
console.log(JSON.stringify([ms, (process.memoryUsage().heapUsed - before) / 1000]));`;

export async function measureLoading(): Promise<Section> {
  const require = createRequire(import.meta.url);
  const names = await listActionNames();
  const files = new Map([
    ...names.map((name): [string, string] => [name, bundlePathOf(name)]),
    ["require('axios')", require.resolve('axios')],
    ["require('auth0')", require.resolve('auth0')],
  ]);
  const samples = new Map([...files.keys()].map((name) => [name, [] as [number, number][]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, path] of files) {
      const { stdout } = await run(process.execPath, ['--eval', PROBE, path]);
      samples.get(name)?.push(JSON.parse(stdout));
    }
  }
  const msOf = (name: string) => median((samples.get(name) ?? []).map(([ms]) => ms));
  const kilobytesOf = (name: string) => median((samples.get(name) ?? []).map(([, kB]) => kB));
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`;
  return {
    title: 'Loading in a fresh process',
    rows: [...files.keys()].map((name) => ({
      name,
      value: msOf(name),
      unit: 'ms',
      note: names.includes(name)
        ? `${percent(msOf(name), msOf("require('axios')"))} of axios (aim 25), ${percent(msOf(name), msOf("require('auth0')"))} of auth0 (aim 5); ${Math.round(kilobytesOf(name))} kB of heap`
        : `${Math.round(kilobytesOf(name))} kB of heap`,
    })),
  };
}
