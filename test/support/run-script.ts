/** Runs a script as its user does: in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';

export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** `change` goes over the environment of a deploy to the sandbox's tenant. */
export function runScript(
  sandbox: Sandbox,
  name: string,
  args: readonly string[] = [],
  change: Readonly<Record<string, string>> = {},
): Promise<ScriptResult> {
  const { network } = sandbox.tenant;
  const env = { ...sandbox.environment, TEST_NETWORK: JSON.stringify(network), ...change };
  const preload = ['--import', pathOf('./redirect-network.ts')];
  const command = [...preload, pathOf(`../../scripts/${name}.ts`), ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end();
  });
}
