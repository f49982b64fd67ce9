/** Which local tenants are up: a file for each, for other commands to find. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import { isAlive, pathOfCacheFolder, writeKeptFile } from './kept/cache-folder.ts';

export const DEFAULT_PORT = 8443;

export interface RunningDev {
  readonly pid: number;
  /** `https://localhost:<port>/` */
  readonly issuer: string;
  readonly page: string;
  /** The path of a PEM to trust. */
  readonly certificate: string;
  readonly bitbucketPort: number;
  /** What a command needs to work on the tenant: the deployer, and names. */
  readonly environment: Environment;
}

/** The tenant on the default port, or else the only one that is up. */
export function findRunningDev(folder?: string): RunningDev | undefined {
  try {
    const place = folder ?? pathOfCacheFolder();
    const running = listPorts(place).flatMap((port) => readRunning(port, place) ?? []);
    const isDefault = ({ page }: RunningDev) => new URL(page).port === String(DEFAULT_PORT);
    return running.find(isDefault) ?? (running.length === 1 ? running[0] : undefined);
  } catch {
    return undefined;
  }
}

/** The tenant that is up on `port`; what a process left that was killed is not taken for one. */
export function readRunning(port: number, folder: string): RunningDev | undefined {
  try {
    const running = JSON.parse(readFileSync(pathOf(folder, port), 'utf8')) as RunningDev;
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

function listPorts(folder: string): readonly number[] {
  return readdirSync(folder).flatMap((name) => {
    const [, port] = /^running-(\d+)\.json$/.exec(name) ?? [];
    return port === undefined ? [] : [Number(port)];
  });
}

function pathOf(folder: string, port: number): string {
  return join(folder, `running-${port}.json`);
}
