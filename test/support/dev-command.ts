/** `npm run dev` in a process of its own, as a program starts it: with `--json`, told by its line. */
import { type ChildProcess, spawn } from 'node:child_process';
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

/** Ports that nobody has now. */
export async function findFreePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as { readonly port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [first = 0, second = 0] = ports;
  return [first, second];
}
