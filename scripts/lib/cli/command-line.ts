/** The arguments of a command, read as it declares them; `--help`, and what is said of others. */
import { parseArgs } from 'node:util';
import type { Command, Option, Options } from './command.ts';
import { renderHelp, writeOption } from './help.ts';
import { ignoreClosedPipes, UserError } from './report-error.ts';

/** Settings that npm has itself: in its environment they say nothing of our options. */
const NPMS_OWN = new Set(['json', 'yes', 'cert', 'key']);

/**
 * Reads the arguments of this process. `--help` is answered here, and ends it.
 * @throws {UserError} for an argument that the command does not take, and for one that npm took.
 */
export function readCommandLine<const C extends Command>(command: C): Options<C> {
  ignoreClosedPipes();
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(renderHelp(command));
    process.exit(0);
  }
  return parseCommandLine(command, args, process.env);
}

/** The same of `args`. `env` is where npm tells the options that it took for its own. */
export function parseCommandLine<const C extends Command>(
  command: C,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options<C> {
  const refuse = (fault: string): never => {
    throw new UserError(`${fault}; nothing was done. ${describeKnown(command)}`);
  };
  const known = new Map<string, Option>(Object.entries(command.options));
  const { tokens } = parseArgs({
    args: args.map((arg, index) => withoutValue(arg, args[index + 1], known)),
    options: Object.fromEntries(
      [...known].map(([name, { value }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const values = new Map<string, string | true>();
  let argument: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (command.argument === undefined) refuse(`“${token.value}” is not an option`);
      if (argument !== undefined) refuse(`“${token.value}” is one argument too many`);
      argument = token.value;
    }
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const option = known.get(name);
    if (option === undefined || !rawName.startsWith('--')) refuse(`There is no option ${rawName}`);
    if (values.has(name)) refuse(`${rawName} stands twice`);
    if (option?.value === undefined && value !== undefined) refuse(`${rawName} takes no value`);
    const isWrong = !value || (value.startsWith('-') && !token.inlineValue);
    if (option?.value !== undefined && option.isValueOptional !== true && isWrong) {
      refuse(`${rawName} needs its ${option.value}`);
    }
    values.set(name, value ?? true);
  }
  for (const name of known.keys()) {
    if (values.has(name) || NPMS_OWN.has(name)) continue;
    if (env[`npm_config_${name.replaceAll('-', '_')}`] === undefined) continue;
    refuse(`npm took --${name} for an option of its own: write -- before it`);
  }
  const read = [...known].map(([name, { value }]) => [
    name,
    value === undefined ? values.has(name) : values.get(name),
  ]);
  const own = command.argument === undefined ? {} : { argument };
  return { ...Object.fromEntries(read), ...own } as Options<C>;
}

/** `--init --json` leaves the value of `--init` out; parseArgs would take `--json` for it. */
function withoutValue(
  arg: string,
  next: string | undefined,
  known: ReadonlyMap<string, Option>,
): string {
  const isLeftOut = known.get(arg.slice(2))?.isValueOptional === true && arg.startsWith('--');
  return isLeftOut && (next === undefined || next.startsWith('-')) ? `${arg}=` : arg;
}

function describeKnown({ name, argument, options }: Command): string {
  const known = Object.entries(options).map(([option, declared]) => writeOption(option, declared));
  const first = argument === undefined ? [] : [argument.name];
  return `${name} takes ${[...first, ...known, '--help'].join(', ')}.`;
}
