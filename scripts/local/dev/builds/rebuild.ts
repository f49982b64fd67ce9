/**
 * Rebuilds the Actions when their sources change. A burst of saves is one build; a save during a
 * build is followed by another, and the first is done at once, for what was saved before. What cannot be built, or could not be deployed, changes nothing and
 * is told with its place.
 */
import { join } from 'node:path';
import { watch } from 'chokidar';
import { bundleAction } from '#scripts/lib/build/bundle.ts';
import { assertDeployable } from '#scripts/lib/build/guard.ts';

export interface RebuildOptions {
  /** The folder that `actions/` is in. */
  readonly root: string;
  /** Of the Actions. */
  readonly names: readonly string[];
  /** With the code of each, by its name; not called while an earlier call goes on. */
  built(codes: ReadonlyMap<string, string>): Promise<void>;
  /** With a line for each mistake. */
  failed(message: string): void;
}

export interface Rebuilder {
  /** Resolves when nothing is being built, and nothing is waiting for it. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** So long nothing must be saved before a build: a formatter and a branch switch save many files. */
const QUIET_MS = 60;

/** Resolves when it watches. */
export async function watchSources(options: RebuildOptions): Promise<Rebuilder> {
  let timer: NodeJS.Timeout | undefined;
  let isDirty = false;
  let isClosed = false;
  let running: Promise<void> | undefined;

  const build = async () => {
    while (isDirty && !isClosed) {
      isDirty = false;
      const result = await bundleAll(options);
      // Something newer is on its way: what was read may be half of it.
      if (isDirty || isClosed) continue;
      if (typeof result === 'string') options.failed(result);
      else await options.built(result).catch((error) => options.failed(messageOf(error)));
    }
    running = undefined;
  };
  const onQuiet = () => {
    timer = undefined;
    isDirty = true;
    running ??= build();
  };
  const onChange = () => {
    clearTimeout(timer);
    timer = setTimeout(onQuiet, QUIET_MS);
  };

  const watcher = watch(join(options.root, 'actions'), { ignoreInitial: true });
  watcher.on('all', onChange);
  watcher.on('error', (error) => options.failed(`actions/ cannot be watched: ${String(error)}`));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  onQuiet();
  return {
    idle: async () => {
      while (timer !== undefined || running !== undefined) {
        await (running ?? new Promise((resolve) => setTimeout(resolve, QUIET_MS)));
      }
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}

/** The code of each, or what is wrong. */
async function bundleAll({
  root,
  names,
}: RebuildOptions): Promise<ReadonlyMap<string, string> | string> {
  try {
    const codes = await Promise.all(
      names.map(async (name) => [name, await bundleAction(name, { root })] as const),
    );
    for (const [name, code] of codes) assertDeployable(name, code);
    return new Map(codes);
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
