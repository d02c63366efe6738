import { parseArgs } from 'node:util';
import { renderHelp } from './help.ts';

/** Wrong use of the command line: the message and the command's usage go to stderr, exit code 2. */
export class UsageError extends Error {}

/** Exit codes of every command. */
export const exit = { fine: 0, findings: 1, wrongUse: 2 } as const;

/** Where destinations.yaml is when nobody says. */
export const defaultConfig = 'mappings/destinations.yaml';

/** One option: what `node:util` parses it by, and what help, man page and completion say of it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** What it does, without a full stop. */
  readonly about: string;
  /** What stands for its value: FILE is completed as a file. */
  readonly value?: string;
  readonly default?: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
  /** The only values it takes. */
  readonly choices?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

/** What stands on the command line without a name. */
export interface Operand {
  /** FILE is completed as a file. */
  readonly name: string;
  readonly about: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly choices?: readonly string[];
}

/** What there is to say of a command; the tables decide what it accepts. */
export interface Description {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Paragraphs; lines that begin with a space stay as they are. */
  readonly description: string;
  readonly operand?: Operand;
  readonly options: Options;
  /** Variables it reads, and what for. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files it reads or writes that no option names. */
  readonly files?: Readonly<Record<string, string>>;
  /** What exit codes 0 and 1 mean; 2 is wrong use everywhere. */
  readonly exits: readonly [fine: string, findings: string];
  /** A command line, and what it is good for. */
  readonly examples: readonly (readonly [line: string, about: string])[];
}

/** A command of the command line. */
export interface Command extends Description {
  /** The whole help text. */
  readonly help: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws UsageError, or node:util's own ERR_PARSE_ARGS_..., when they are not of the command's form
   */
  readonly run: (args: readonly string[]) => Promise<number>;
}

type Word<O extends Option> = O extends { choices: readonly (infer C extends string)[] } ? C : string;
type Value<O extends Option> = O extends { type: 'boolean' }
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : O extends { required: true } | { default: string }
      ? Word<O>
      : Word<O> | undefined;

/** The values of a command's options: false, or an empty list, for what was not said. */
export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

/** A command from its description and what it does: both see the same options. */
export function command<const O extends Options>(
  description: Description & { readonly options: O },
  run: (values: Values<O>, operands: readonly string[]) => Promise<number>,
): Command {
  return {
    ...description,
    help: renderHelp(description),
    run: (args) => {
      const { values, operands } = parse(description, args);
      return run(values as Values<O>, operands);
    },
  };
}

/** @throws UsageError */
function parse({ options, operand }: Description, args: readonly string[]) {
  const { values, positionals: operands } = parseArgs({
    args: [...args],
    options: options as Readonly<Record<string, Pick<Option, 'type'>>>,
    allowPositionals: operand !== undefined,
  });
  const complete = Object.entries(options).map(([name, option]) => {
    const value = values[name] ?? (option.type === 'boolean' ? false : option.multiple ? [] : undefined);
    if (value === undefined && option.required) throw new UsageError(`--${name} is missing`);
    if (typeof value === 'string') checkChoice(`--${name}`, option, value);
    return [name, value] as const;
  });
  if (operand) checkOperands(operand, operands);
  return { values: Object.fromEntries(complete), operands };
}

function checkOperands(operand: Operand, given: readonly string[]): void {
  const { name, required, multiple } = operand;
  if (required && given.length === 0) throw new UsageError(`${name} is missing`);
  if (!multiple && given.length > 1) throw new UsageError(`one ${name} at most, not ${given.length}`);
  for (const one of given) checkChoice(name, operand, one);
}

function checkChoice(name: string, { choices }: Pick<Option, 'choices'>, value: string): void {
  if (!choices || choices.includes(value)) return;
  throw new UsageError(`${name} is ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}, not '${value}'`);
}

/** Which destinations.yaml: nearly every command asks for it. */
export const configOption = {
  type: 'string',
  value: 'FILE',
  default: defaultConfig,
  about: 'destinations.yaml',
} as const;

/** Whose shape: for the commands that show events. */
export const destinationOption = {
  type: 'string',
  value: 'NAME',
  required: true,
  about: 'which destination of destinations.yaml',
} as const;

/** For the commands that ask a running service. */
export const serviceConfigOption = {
  ...configOption,
  about: 'destinations.yaml, which says where the service listens and what credentials it asks for',
} as const;

/** Of a command that talks to a running service. */
export const serviceEnvironment = {
  FLUENT_BIT_SIEM_LISTEN: 'where the service listens, instead of service.listen',
  'NAME of ${NAME}': 'what destinations.yaml and mapping files take from the environment',
} as const;
