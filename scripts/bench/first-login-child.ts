/**
 * A fresh process that runs one flow, the first of its life, and tells what it took. Reads a
 * FirstLoginCase as JSON from its standard input.
 */
import { redirectNetwork } from '../local/tenant/action-runtime/network.ts';
import type { RoundTripSetup } from './round-trips-worker.ts';
import { createWays, type Way } from './ways.ts';

export interface FirstLoginCase extends RoundTripSetup {
  readonly way: Way;
  /** What the Actions kept of an earlier flow. */
  readonly cache: readonly (readonly [string, string])[];
}
export interface FirstLoginResult {
  readonly ms: number;
  readonly cpuMs: number;
  readonly cache: readonly (readonly [string, string])[];
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const setup = JSON.parse(Buffer.concat(chunks).toString()) as FirstLoginCase;
redirectNetwork(new Map(setup.network), setup.certificate);
const { log } = console;
console.log = () => {};
const ways = createWays(setup);
for (const [key, value] of setup.cache) ways.cache.set(key, value);

const before = process.cpuUsage();
const startedAt = performance.now();
await ways.run(setup.way);
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
const result: FirstLoginResult = { ms, cpuMs: (user + system) / 1_000, cache: [...ways.cache] };
log(JSON.stringify(result));
// Connections that are kept for a next flow are of no use here.
process.exit(0);
