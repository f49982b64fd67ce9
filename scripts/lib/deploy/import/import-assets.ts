/** One import through auth0-deploy-cli, in a process of its own. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Environment } from '../../cli/environment.ts';
import { UserError } from '../../cli/report-error.ts';
import { ROOT } from '../../root.ts';
import type { TenantAssets } from '../../tenant/assets.ts';
import { NETWORK_VARIABLES, namesProxy } from '../../tenant/proxy.ts';
import { shorten } from '../../tenant/tenant-error.ts';
import type { ImportReport, ImportRequest } from './messages.ts';

export interface ImportTarget {
  readonly domain: string;
  readonly token: string;
  readonly clientId: string | undefined;
}

export interface ImportListener {
  /** What auth0-deploy-cli says, line by line. */
  note(line: string): void;
  /** What takes longer than it should. */
  tell(text: string): void;
  /** What Auth0 took, in words. */
  wrote(text: string): void;
}

/** So many tries wait out a rate limit; the child itself ends what is a server error. */
const MOST_TRIES = 5;
const LAST_WORDS = 8;

/**
 * Imports `assets`, and no other resource type.
 * @throws {UserError} with its last words when it fails; no secret of `assets` is in them.
 */
export async function importAssets(
  assets: Partial<TenantAssets>,
  target: ImportTarget,
  env: Environment,
  listener: ImportListener,
): Promise<void> {
  const child = fork(fileURLToPath(new URL('./import-child.ts', import.meta.url)), {
    execArgv: [],
    env: createChildEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastWords: string[] = [];
  const hide = createScreen(assets, target.token);
  const listen = (stream: NodeJS.ReadableStream | null) => {
    if (stream === null) return;
    createInterface({ input: stream }).on('line', (line) => {
      const text = withoutDecoration(line);
      if (text === '') return;
      lastWords.push(hide(text));
      if (lastWords.length > LAST_WORDS) lastWords.shift();
      listener.note(hide(text));
    });
  };
  listen(child.stdout);
  listen(child.stderr);
  child.on('message', (message: ImportReport) => listener[message.kind](message.text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // It ends by itself when this process is gone; a signal that it handles would take it 30 s.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.send(createRequest(assets, target));
  const code = await ended.finally(() => process.off('exit', kill));
  if (code === 0) return;
  const words = lastWords.map((line) => `  ${shorten(line)}`);
  throw new UserError(['auth0-deploy-cli failed. Its last words:', ...words].join('\n'));
}

/**
 * All that the child gets of this process's environment: the way to the network, the same as ours.
 * No variable can switch deletion on, rewrite a file, or be printed.
 */
export function createChildEnvironment(env: Environment): Record<string, string> {
  const passedOn = ['PATH', 'HOME', ...NETWORK_VARIABLES].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    ...(namesProxy(env) ? { NODE_USE_ENV_PROXY: '1' } : {}),
  };
}

function createRequest(assets: Partial<TenantAssets>, target: ImportTarget): ImportRequest {
  return {
    assets,
    basePath: ROOT,
    config: {
      AUTH0_DOMAIN: target.domain,
      AUTH0_ACCESS_TOKEN: target.token,
      // It leaves the application it works as alone.
      ...(target.clientId === undefined ? {} : { AUTH0_CLIENT_ID: target.clientId }),
      AUTH0_ALLOW_DELETE: false,
      AUTH0_INCLUDED_ONLY: Object.keys(assets),
      AUTH0_API_MAX_RETRIES: MOST_TRIES,
    },
  };
}

/** Takes every secret of `assets`, and the token, out of what is shown. */
function createScreen(assets: Partial<TenantAssets>, token: string): (text: string) => string {
  const secrets = [
    token,
    ...(assets.actions ?? []).flatMap(({ secrets: list }) =>
      list.filter(({ name }) => /SECRET|KEY|TOKEN|PASSWORD/i.test(name)).map(({ value }) => value),
    ),
    ...(assets.connections ?? []).flatMap(({ options }) =>
      Object.entries(options)
        .filter(([name]) => /secret|password|key/i.test(name))
        .map(([, value]) => value),
    ),
  ].filter((secret): secret is string => typeof secret === 'string' && secret.length > 3);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text);
}

/** Without colours, the time and the level. */
function withoutDecoration(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/^\S+Z - \w+: /, '')
    .trim();
}
