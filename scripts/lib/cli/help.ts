/** What `--help` says of a command, from its declaration. Values in, text out. */
import type { Command } from './command.ts';

export function renderHelp(command: Command): string {
  const call = command.name === 'start' ? 'npm start' : `npm run ${command.name}`;
  const { argument } = command;
  const options = [
    ...(argument === undefined ? [] : [[argument.name, argument.about]]),
    ...Object.entries(command.options).map(([name, { about, value }]) => [
      value === undefined ? `--${name}` : `--${name} ${value}`,
      about,
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
