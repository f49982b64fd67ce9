/** `npm run dev` in a process of its own, as a program starts it: with `--json`, told by its line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DevAddresses } from '#scripts/local/dev/addresses.ts';

export interface DevCommand {
  readonly child: ChildProcess;
  /** The first line that matches, said already or still to come, of standard error. */
  said(pattern: RegExp): Promise<string>;
  /** The first line on standard output. */
  ready(): Promise<DevAddresses>;
  /** How it ended, and all that it said. */
  ended(): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

const SCRIPT = fileURLToPath(new URL('../../scripts/dev.ts', import.meta.url));

/** @param cacheHome where it keeps what outlives it. */
export function startDevCommand(cacheHome: string, args: readonly string[]): DevCommand {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env: { ...process.env, XDG_CACHE_HOME: cacheHome },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      lines[name].push(line);
      look();
    });
  }
  const closed = once(child, 'close').then(([code]) => {
    look();
    return code as number | null;
  });
  const find = (name: 'stdout' | 'stderr', pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        const found = lines[name].find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else if (child.exitCode !== null) reject(new Error(lines.stderr.join('\n')));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return {
    child,
    said: (pattern) => find('stderr', pattern),
    ready: async () => JSON.parse(await find('stdout', /./)) as DevAddresses,
    ended: async () => ({
      code: await closed,
      stdout: lines.stdout.join('\n'),
      stderr: lines.stderr.join('\n'),
    }),
  };
}

/** Where systems begin to take ports for connections that go out: one of those may be gone any time. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];

/** Two ports that nobody has now. */
export async function findFreePorts(): Promise<readonly [number, number]> {
  const first = await findFreePort();
  const second = await findFreePort(first);
  return [first, second];
}

async function findFreePort(taken?: number): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (port !== taken && (await isFree(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isListening) await once(server.close(), 'close');
  return isListening;
}
