/** One import through auth0-deploy-cli, in a process of its own. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Environment } from '../cli/environment.ts';
import { UserError } from '../cli/report-error.ts';
import { ROOT } from '../root.ts';
import type { TenantAssets } from '../tenant/assets.ts';

/** What the child is sent. */
export interface ImportRequest {
  readonly assets: TenantAssets;
  readonly basePath: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface ImportTarget {
  readonly domain: string;
  readonly token: string;
  readonly clientId: string | undefined;
}

/**
 * All that the child gets of this process's environment: the way to the network. No variable can
 * switch deletion on, rewrite a file, or be printed.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
];

/**
 * Imports `assets`. `onProgress` is told what auth0-deploy-cli says, line by line.
 * @throws {UserError} with its last words when it fails.
 */
export async function importAssets(
  assets: TenantAssets,
  target: ImportTarget,
  env: Environment,
  onProgress: (line: string) => void,
): Promise<void> {
  const child = fork(fileURLToPath(new URL('./import-child.ts', import.meta.url)), {
    execArgv: [],
    env: Object.fromEntries(
      PASSED_ON.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]),
    ),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastWords: string[] = [];
  const listen = (stream: NodeJS.ReadableStream | null) => {
    if (stream === null) return;
    createInterface({ input: stream }).on('line', (line) => {
      const text = withoutDecoration(line);
      if (text === '') return;
      lastWords.push(text);
      if (lastWords.length > 8) lastWords.shift();
      onProgress(text);
    });
  };
  listen(child.stdout);
  listen(child.stderr);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const request: ImportRequest = {
    assets,
    basePath: ROOT,
    config: {
      AUTH0_DOMAIN: target.domain,
      AUTH0_ACCESS_TOKEN: target.token,
      // It leaves the application it works as alone.
      ...(target.clientId === undefined ? {} : { AUTH0_CLIENT_ID: target.clientId }),
      AUTH0_ALLOW_DELETE: false,
      AUTH0_INCLUDED_ONLY: Object.keys(assets),
    },
  };
  // While it compiles its schema it hears nothing, so it is not asked to end.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.send(request);
  const code = await ended.finally(() => process.off('exit', kill));
  if (code === 0) return;
  throw new UserError(
    ['auth0-deploy-cli failed. Its last words:', ...lastWords.map((line) => `  ${line}`)].join(
      '\n',
    ),
  );
}

/** Without colours, the time and the level. */
function withoutDecoration(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/^\S+Z - \w+: /, '')
    .trim();
}
