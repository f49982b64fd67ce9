/**
 * A command declares itself: its name, what it does, its options, how it ends. From that come the
 * reading of its arguments, its `--help`, and what it says of an argument that it does not know.
 */

export interface Option {
  /** What it is for, as `--help` says it. */
  readonly about: string;
  /** What its value is called, in capitals; absent, it takes none. */
  readonly value?: string;
  /** Its value may be left out, and is empty then. */
  readonly isValueOptional?: true;
}

export interface Argument {
  /** As `--help` calls it. */
  readonly name: string;
  readonly about: string;
}

export interface Command {
  /** Of the npm script. */
  readonly name: string;
  /** A sentence, or a few. */
  readonly does: string;
  /** What stands without a dash before it, once; absent, nothing may. */
  readonly argument?: Argument;
  /** By their names, without dashes. */
  readonly options: Readonly<Record<string, Option>>;
  /** What each exit code means. */
  readonly ends: Readonly<Record<number, string>>;
  /** Arguments of an example, where the options do not make a good one by themselves. */
  readonly example?: string;
}

export type Options<C extends Command> = {
  readonly [Name in keyof C['options']]: C['options'][Name] extends { readonly value: string }
    ? string | undefined
    : boolean;
} & (C extends { readonly argument: Argument }
  ? { readonly argument: string | undefined }
  : unknown);

export const ENV = { about: 'read .env.NAME in place of .env', value: 'NAME' } as const;
export const YES = { about: 'do not ask' } as const;
export const JSON_REPORT = { about: 'report as JSON, an error too' } as const;
