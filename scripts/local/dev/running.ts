/** Which local tenants are up: a file for each, for other commands to find. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, pathOfCacheFolder, writeKeptFile } from './kept/cache-folder.ts';

export const DEFAULT_PORT = 8443;

export interface RunningDev {
  readonly pid: number;
  /** `https://localhost:<port>/` */
  readonly issuer: string;
  readonly page: string;
  /** The path of a PEM to trust. */
  readonly certificate: string;
  /** The application of `npm run login`, where it is deployed. */
  readonly loginClientId?: string;
  readonly loginCallbacks?: readonly string[];
  readonly claimNamespace?: string;
  readonly bitbucketPort?: number;
}

/** The tenant that is up on `port`; what a process left that was killed is not taken for one. */
export async function findRunningDev(
  port = DEFAULT_PORT,
  folder?: string,
): Promise<RunningDev | undefined> {
  try {
    const path = pathOf(folder ?? pathOfCacheFolder(), port);
    const running = JSON.parse(readFileSync(path, 'utf8')) as RunningDev;
    return isAlive(running.pid) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away what a process left that was killed, once the port is ours. */
export function forgetRunning(folder: string, port: number): void {
  rmSync(pathOf(folder, port), { force: true });
}

/** @returns what takes it back, at the latest when the process ends. */
export function announceRunning(folder: string, port: number, running: RunningDev): () => void {
  const path = pathOf(folder, port);
  writeKeptFile(path, `${JSON.stringify(running, null, 2)}\n`);
  const remove = () => rmSync(path, { force: true });
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}

function pathOf(folder: string, port: number): string {
  return join(folder, `running-${port}.json`);
}
