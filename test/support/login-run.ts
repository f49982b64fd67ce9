/** `npm run login` as its user runs it: in a process of its own, with somebody at a browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import axios, { type AxiosResponse } from 'axios';
import { onTestFinished } from 'vitest';
import type { Environment } from '#scripts/lib/cli/environment.ts';
import type { ScriptResult } from './run-script.ts';

const LOGIN = fileURLToPath(new URL('../../scripts/login.ts', import.meta.url));

export interface LoginRun {
  readonly child: ChildProcess;
  /** The address that it asks people to open; rejects where it ends without. */
  readonly invited: Promise<URL>;
  readonly ended: Promise<ScriptResult>;
  /** All that it has said so far. */
  said(): string;
}

export function startLogin(env: Environment, args: readonly string[] = []): LoginRun {
  const child = spawn(process.execPath, [LOGIN, '--no-open', ...args], { env });
  // A test that fails leaves nobody waiting at a port.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const text = { stdout: '', stderr: '' };
  const said = () => text.stdout + text.stderr;
  let invite: (url: URL) => void = () => {};
  const ended = new Promise<ScriptResult>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, ...text }));
  });
  const invited = new Promise<URL>((resolve, reject) => {
    invite = resolve;
    void ended.then(({ stderr }) => reject(new Error(`It ended without an address: ${stderr}`)));
  });
  invited.catch(() => {});
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      text[stream] += chunk;
      // The last line of the invitation: by then all of it is there.
      const [, url] = /^ {2}(https:\S+)\n[\s\S]*open the address again\n/m.exec(text[stream]) ?? [];
      if (url !== undefined) invite(new URL(url));
    });
  }
  return { child, invited, ended, said };
}

/** Where the browser is sent to at the end. */
export function callbackOf(url: URL): string {
  return url.searchParams.get('redirect_uri') ?? '';
}

/** What the browser does at the end: any status is an answer. */
export function get(
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<AxiosResponse<string>> {
  return axios.get(String(url), { headers, validateStatus: () => true, responseType: 'text' });
}
