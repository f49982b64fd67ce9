/** How scripts behave on a terminal: a narrow one, a closed one, and one where somebody stops. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { showStep } from '#scripts/lib/cli/progress.ts';

const SCENES = fileURLToPath(new URL('../../../support/terminal-scenes.ts', import.meta.url));

async function readAll(child: ChildProcess) {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text.stderr += chunk;
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, ...text }));
  });
}

const play = (scene: string, args: readonly string[] = []) =>
  spawn(process.execPath, [SCENES, scene, ...args]);

/** util-linux's `script` gives a terminal, of 0 columns where it has none itself. */
const onTerminal = (scene: string) =>
  spawn('script', ['-qec', `stty cols 0; ${process.execPath} ${SCENES} ${scene}`, '/dev/null']);
const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

describe.runIf(hasTerminals)('on a terminal of 0 columns', () => {
  test('the moving line costs next to nothing', async () => {
    const child = onTerminal('spinner');
    const startedAt = performance.now();
    const { code, stdout } = await readAll(child);
    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(stdout.length).toBeLessThan(2_000);
    expect(stripVTControlCharacters(stdout)).toMatch(/✔ Waiting {2}0\.\d s\r\n$/);
  });

  test.each([
    ['yes', 'y\r', 0, 'deployed'],
    ['no', 'n\r', 1, '✗ Nothing was changed.'],
    ['Ctrl-C', '\u0003', 130, '✗ Nothing was changed.'],
    ['Ctrl-D', '\u0004', 1, '✗ Nothing was changed.'],
  ])('%s answers the question', async (_, keys, code, said) => {
    const child = onTerminal('question');
    child.stdout.once('data', () => child.stdin.write(keys));
    const result = await readAll(child);
    const lines = stripVTControlCharacters(result.stdout)
      .trimEnd()
      .split(/[\r\n]+/);
    expect(lines[0]).toContain('Deploy this? [y/N]');
    expect(lines.slice(1)).toEqual([said]);
    expect(result.code).toBe(code);
  });
});

test('without anybody to ask, the question says what to do', async () => {
  const { code, stderr } = await readAll(play('question'));
  expect(code).toBe(1);
  expect(stderr).toBe('✗ Nobody is there to ask; nothing was changed. In CI, say -- --yes.\n');
});

describe('somebody who ends it in the middle', () => {
  async function interrupt(scene: string, ...signals: NodeJS.Signals[]) {
    const child = play(scene);
    child.stdout.once('data', () => {
      for (const [index, signal] of signals.entries()) {
        setTimeout(() => child.kill(signal), index * 200);
      }
    });
    return readAll(child);
  }

  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('by %s is told what state things are in', async (signal, code) => {
    const result = await interrupt('interruption', signal);
    expect(result.code).toBe(code);
    expect(result.stderr).toBe(
      '- Deploying\n\n✗ One Action was deployed, the other was not. Run it again.\n',
    );
  });

  test('is told it even when the work fails meanwhile', async () => {
    const result = await interrupt('failure', 'SIGTERM');
    expect(result).toMatchObject({ code: 143, stderr: '\n✗ Nothing was changed.\n' });
  });

  test('may insist', async () => {
    expect(await interrupt('deafness', 'SIGINT', 'SIGINT')).toMatchObject({ code: 130 });
  });
});

test('a reader that goes away stops nothing', async () => {
  const command = `set -o pipefail; "${process.execPath}" "${SCENES}" pipe | head -1`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
  expect(stdout).toBe('line 0\n');
  expect(stderr).toBe('done\n');
});

test('with --json an error is told to the program and to the person', async () => {
  const { code, stdout, stderr } = await readAll(play('foreseen', ['--json']));
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({ error: { message: 'It is wrong; nothing was changed.' } });
  expect(stderr).toBe('✗ It is wrong; nothing was changed.\n');
});

describe('progress', () => {
  async function watch(columns: number, note: string) {
    const written: string[] = [];
    const terminal = { isTTY: true, columns, write: (text: string) => written.push(text) };
    await showStep(
      'Deploying',
      async (step) => {
        step.note(note);
        await new Promise((resolve) => setTimeout(resolve, 250));
      },
      terminal,
    );
    return written.map((text) => stripVTControlCharacters(text));
  }

  test.each([0, 1, 20, 80])('stays in a line of %i columns', async (columns) => {
    const written = await watch(columns, 'a note\nthat is long '.repeat(20));
    expect(written.length).toBeGreaterThan(1);
    for (const line of written.slice(0, -1)) {
      expect(line).not.toContain('\n');
      expect(line.trim().length).toBeLessThan(columns === 0 ? 80 : Math.max(columns, 2));
    }
    expect(written.at(-1)).toMatch(/^\r✔ Deploying {2}0\.\d s\n$/);
  });
});
