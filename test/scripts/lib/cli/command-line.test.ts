/** Arguments of a command: read as declared, or refused with those that it takes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ENV, JSON_REPORT, YES } from '#scripts/lib/cli/command.ts';
import { parseCommandLine } from '#scripts/lib/cli/command-line.ts';
import { ROOT } from '#scripts/lib/root.ts';

const COMMAND = {
  name: 'deploy',
  does: 'Deploys.',
  options: { env: ENV, json: JSON_REPORT, yes: YES, 'leave-enabled': { about: 'leave it' } },
  ends: { 0: 'done', 1: 'an error' },
} as const;
const parse = (args: readonly string[], env = {}) => parseCommandLine(COMMAND, args, env);

describe('arguments', () => {
  test('are read as declared', () => {
    const none = { env: undefined, json: false, yes: false, 'leave-enabled': false };
    expect(parse([])).toEqual(none);
    expect(parse(['--env', 'dev', '--yes'])).toEqual({ ...none, env: 'dev', yes: true });
    expect(parse(['--env=dev', '--json'])).toEqual({ ...none, env: 'dev', json: true });
    expect(parse(['--leave-enabled'])).toEqual({ ...none, 'leave-enabled': true });
  });

  test.each([
    [['--jsn'], 'There is no option --jsn'],
    [['-y'], 'There is no option -y'],
    [['--no-yes'], 'There is no option --no-yes'],
    [['dev'], '“dev” is not an option'],
    [['--', '--yes'], '“--yes” is not an option'],
    [['--json=true'], '--json takes no value'],
    [['--env'], '--env needs its NAME'],
    [['--env='], '--env needs its NAME'],
    [['--env', '--yes'], '--env needs its NAME'],
    [['--env', 'a', '--env', 'b'], '--env stands twice'],
  ])('%j are refused, and those that it takes are named', (args, fault) => {
    expect(() => parse(args)).toThrow(
      `${fault}; nothing was done. deploy takes --env NAME, --json, --yes, --leave-enabled, --help.`,
    );
  });

  test('one without a dash is taken where the command has one, and no more than one', () => {
    const command = { ...COMMAND, argument: { name: 'PERSON', about: 'who' } } as const;
    const read = (args: readonly string[]) => parseCommandLine(command, args, {});
    expect(read(['--yes', 'bitbucket|{1}', '--env', 'dev'])).toMatchObject({
      ...{ argument: 'bitbucket|{1}', env: 'dev', yes: true },
    });
    expect(read([])).toMatchObject({ argument: undefined });
    expect(() => read(['a', 'b'])).toThrow('“b” is one argument too many; nothing was done.');
    expect(() => read(['--x'])).toThrow('deploy takes PERSON, --env NAME');
  });

  test('of which a value may be left out are empty without it', () => {
    const command = {
      ...COMMAND,
      options: {
        init: { about: 'write it', value: 'FILE', isValueOptional: true },
        json: JSON_REPORT,
      },
    } as const;
    const read = (...args: string[]) => parseCommandLine(command, args, {});
    expect(read()).toEqual({ init: undefined, json: false });
    expect(read('--init')).toEqual({ init: '', json: false });
    expect(read('--init', '--json')).toEqual({ init: '', json: true });
    expect(read('--init', 'a.yaml')).toEqual({ init: 'a.yaml', json: false });
    expect(read('--init=a.yaml')).toEqual({ init: 'a.yaml', json: false });
    expect(() => read('a.yaml', '--init')).toThrow('takes --init [FILE], --json, --help.');
  });

  test('that npm took are refused: without them another tenant would be meant', () => {
    expect(() => parse([], { npm_config_env: 'staging' })).toThrow(
      'npm took --env for an option of its own: write -- before it; nothing was done.',
    );
    expect(() => parse([], { npm_config_leave_enabled: 'true' })).toThrow('took --leave-enabled');
    expect(parse([], { npm_config_json: 'true', npm_config_yes: 'true' }).json).toBe(false);
  });
});

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const COMMANDS = Object.entries(scripts)
  .filter(([name, script]) => script.endsWith(`scripts/${name}.ts`))
  .map(([name]) => name);
const run = (name: string, args: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'scripts', `${name}.ts`), ...args], {
    env: { PATH: process.env.PATH },
  });

describe.each(COMMANDS)('npm run %s', (name) => {
  test('says its options, how it ends, and an example', async () => {
    const { stdout, stderr } = await run(name, ['--help']);
    expect(stderr).toBe('');
    const call = name === 'start' ? 'npm start' : `npm run ${name}`;
    expect(stdout).toMatch(
      new RegExp(
        `^${call} -- (?:[A-Z]+ )?\\[options\\]\n\n.+\n\nOptions\n.*--help .+\n\nEnds with\n  0  .+\n\nExample\n  ${call} -- (?:--)?\\w+`,
        's',
      ),
    );
    const source = readFileSync(join(ROOT, 'scripts', `${name}.ts`), 'utf8');
    expect(stdout.includes('--env NAME')).toBe(source.includes('loadEnvironment('));
  });
});

test('with --json an error is one object on standard output', async () => {
  for (const args of [
    ['--json', '--env', '../x'],
    ['--env', 'nowhere', '--json'],
    ['--json', '--surprise'],
  ]) {
    const failure = await run('plan', args).catch((error) => error);
    expect(failure).toMatchObject({ code: 1 });
    expect(JSON.parse(failure.stdout)).toEqual({
      error: { message: expect.stringContaining('; nothing was') },
    });
    expect(failure.stderr).not.toContain('    at ');
  }
});
