/** What `--help` says of a command, from its declaration. Values in, text out. */
import type { Command, Option } from './command.ts';

export function renderHelp(command: Command): string {
  const call = command.name === 'start' ? 'npm start' : `npm run ${command.name}`;
  const { argument } = command;
  const options = [
    ...(argument === undefined ? [] : [[argument.name, argument.about]]),
    ...Object.entries(command.options).map(([name, option]) => [
      writeOption(name, option),
      option.about,
    ]),
    ['--help', 'say this'],
  ];
  return [
    `${call} -- ${argument === undefined ? '' : `${argument.name} `}[options]`,
    '',
    command.does,
    '',
    'Options',
    ...renderTable(options),
    '',
    'Ends with',
    ...renderTable(Object.entries(command.ends)),
    '',
    'Example',
    `  ${call} -- ${command.example ?? createExample(command)}`,
  ].join('\n');
}

/** `--name VALUE`, as a person would type it. */
export function writeOption(name: string, { value, isValueOptional }: Option): string {
  if (value === undefined) return `--${name}`;
  return isValueOptional === true ? `--${name} [${value}]` : `--${name} ${value}`;
}

function renderTable(rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}`);
}

function createExample({ options }: Command): string {
  const named = Object.keys(options).map((name) =>
    name === 'env' ? '--env staging' : `--${name}`,
  );
  return named.length === 0 ? '--help' : named.join(' ');
}
