/** The folder in which `npm run dev` keeps what outlives it, and how its files are written. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UserError } from '#scripts/lib/cli/report-error.ts';

const NAME = 'auth0-bitbucket-login';
/** Nobody else's to read: keys are in it. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** https://specifications.freedesktop.org/basedir-spec/latest/: a relative path is to be ignored. */
export function pathOfCacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const base = env.XDG_CACHE_HOME ?? '';
  if (isAbsolute(base)) return join(base, NAME);
  const home = findHome();
  if (home !== undefined) return join(home, '.cache', NAME);
  throw new UserError(
    'There is no home folder: XDG_CACHE_HOME names where to keep the certificate.',
  );
}

/** `undefined` where there is none: HOME is empty, or the user is no user of the system. */
export function findHome(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the folder where it is not there, and takes away what a killed process left half written.
 * @throws {UserError} where that cannot be done.
 */
export function makeCacheFolder(path = pathOfCacheFolder()): string {
  return orSay(path, () => {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    chmodSync(path, FOLDER_MODE);
    for (const name of readdirSync(path)) {
      const [, pid] = /\.(\d+)\.new$/.exec(name) ?? [];
      if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(path, name), { force: true });
    }
    return path;
  });
}

/** Whether there is such a process, be it somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What is in a file; `undefined` where there is none. */
export function readKeptFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return orSay(path, () => {
      throw error;
    });
  }
}

/** @throws {UserError} where that cannot be done. */
export function removeKeptFile(path: string): void {
  orSay(path, () => rmSync(path, { force: true }));
}

/** All of it or nothing, whenever the process ends. */
export function writeKeptFile(path: string, text: string): void {
  orSay(path, () => {
    const beside = besideOf(path);
    writeFileSync(beside, text, { mode: FILE_MODE });
    moveInPlace(beside, path);
  });
}

/**
 * The same, unless another process was faster.
 * @returns what is in the file then: the text, or that of the other.
 */
export function writeFirst(path: string, text: string): string {
  const beside = besideOf(path);
  return orSay(path, () => {
    writeFileSync(beside, text, { mode: FILE_MODE });
    try {
      linkSync(beside, path);
      return text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readFileSync(path, 'utf8');
      // Of a file system without links: there the last one is it.
      renameSync(beside, path);
      return text;
    } finally {
      rmSync(beside, { force: true });
    }
  });
}

/** The same, while other things go on. */
export async function writeKeptFileLater(path: string, text: string): Promise<void> {
  const beside = besideOf(path);
  // A process that is told to end does so in the middle of this too.
  const remove = () => rmSync(beside, { force: true });
  process.once('exit', remove);
  try {
    await writeFile(beside, text, { mode: FILE_MODE });
    moveInPlace(beside, path);
  } finally {
    process.off('exit', remove);
  }
}

function besideOf(path: string): string {
  return `${path}.${process.pid}.new`;
}

function moveInPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    rmSync(from, { force: true });
    throw error;
  }
}

function orSay<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UserError(
      `${path} cannot be used (${code}): certificate and sessions are kept there. XDG_CACHE_HOME names another place.`,
    );
  }
}
